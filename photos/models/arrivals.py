"""Imports from folders, slots for uploads, and files that are to be removed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.models import Album
from core.leases import Leased, LeasedQuerySet
from photos.models.photos import Photo


class ImportedFile(models.Model):
    """The file on the server's disk from which a library photo was imported. It is copied and never changed.

    `location` is its path without symbolic links, in the bytes of the file system; it lies below `root`, a
    directory from which files could be imported at that time. `size` (bytes) and `mtime_ns` are those of the
    last check.
    """

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="imported_file")
    owner = models.ForeignKey(User, models.CASCADE, related_name="imported_files")
    root = models.BinaryField(max_length=2048)
    location = models.BinaryField(max_length=2048)
    size = models.PositiveBigIntegerField()
    mtime_ns = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "location"], name="a_file_is_imported_once")]
        indexes = [models.Index(fields=["owner", "size"], name="imported_files_by_size")]  # to find moved files

    def __str__(self) -> str:
        return f"file of {self.photo_id}"


class FolderImportQuerySet(LeasedQuerySet["FolderImport"]):
    def claimable(self) -> "FolderImportQuerySet":
        return self.filter(Q(claim=None) | Q(lease_until__lt=timezone.now()))


class FolderImport(Leased):
    """A folder that is being imported, or whose thumbnails are being made.

    The row is deleted at the end; until then the worker resumes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="folder_imports")
    root = models.BinaryField(max_length=2048)
    location = models.BinaryField(max_length=2048)
    name = models.CharField("path as the client gave it", max_length=2048)
    only_thumbnails = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FolderImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "location", "only_thumbnails"], name="one_import_of_a_folder")
        ]

    def __str__(self) -> str:
        return self.name


class UploadSlotQuerySet(LeasedQuerySet["UploadSlot"]):
    def claimable(self) -> "UploadSlotQuerySet":
        """Slots whose file no process is receiving or copying at the moment."""
        return self.filter(Q(claim=None) | Q(lease_until__lt=timezone.now()))


class UploadSlot(Leased):
    """Permission to upload one picture, which becomes the photo with the slot's id. The slot is deleted then.

    `content_type` is the only type that is accepted; when it is empty, every supported type is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, models.CASCADE, related_name="upload_slots")
    user = models.ForeignKey(User, models.CASCADE, related_name="upload_slots")
    key = models.CharField("storage key", max_length=1024, unique=True)
    max_bytes = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=50, blank=True)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UploadSlotQuerySet.as_manager()

    def __str__(self) -> str:
        return self.key


class ResumableUploadQuerySet(models.QuerySet["ResumableUpload"]):
    def in_time(self) -> "ResumableUploadQuerySet":
        return self.filter(expires_at__gt=timezone.now())

    def unfinished(self) -> "ResumableUploadQuerySet":
        return self.in_time().filter(photo_id=None)


class ResumableUpload(models.Model):
    """A file that a member of an album sends in chunks, each at the offset where the one before has ended.

    `size` and `offset` are in bytes; `sha256` is what the client says of the whole file, or empty. A finished
    upload stays until it expires, so that a client which has lost the last answer learns of it. `photo_id` is the
    photo that it became or already was; that may have been deleted since.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, models.CASCADE, related_name="resumable_uploads")
    user = models.ForeignKey(User, models.CASCADE, related_name="resumable_uploads")
    name = models.CharField("file name", max_length=255, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    offset = models.PositiveBigIntegerField("bytes that have arrived", default=0)
    photo_id = models.UUIDField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ResumableUploadQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name or str(self.pk)


class UploadedChunk(models.Model):
    """A part of a file that is being uploaded: its place in bytes, and the key under which it is stored."""

    upload = models.ForeignKey(ResumableUpload, models.CASCADE, related_name="chunks")
    offset = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    key = models.CharField("storage key", max_length=1024, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "offset"], name="one_chunk_at_an_offset")]

    def __str__(self) -> str:
        return self.key


class FileToRemove(models.Model):
    """A stored file that is to be removed after a time, unless the row is deleted before.

    The row is written before the file is stored, and in the transaction that deletes the last row that needs it.
    So no file is left behind, whatever fails in between.
    """

    key = models.CharField(max_length=1024, primary_key=True)
    after = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "files to remove"
        indexes = [models.Index(fields=["after"])]

    def __str__(self) -> str:
        return self.key
