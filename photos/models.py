"""Originals (stored bytes and what was found out about them), and the photos that place them somewhere."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.leases import Leased, LeasedQuerySet
from albums.models import Album, Invitation


class OriginalQuerySet(LeasedQuerySet["Original"]):
    def unfinished(self) -> "OriginalQuerySet":
        return self.filter(status__in=UNFINISHED)

    def claimable(self) -> "OriginalQuerySet":
        """Originals that a worker may start on: new ones, and those whose worker has died."""
        return self.filter(
            Q(status=Original.Status.NEW) | Q(status=Original.Status.PROCESSING, lease_until__lt=timezone.now())
        )


class Original(Leased):
    """A stored file, once per owner, and all that was found out about it. It knows of no album.

    `width`, `height` and `ratio` are of the upright picture. A file that was only registered by its key has no
    `sha256` before it has been read.
    """

    class Status(models.TextChoices):
        NEW = "new", "new"
        PROCESSING = "processing", "processing"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="originals")
    key = models.CharField("storage key", max_length=1024, unique=True)
    sha256 = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - unknown until read, then unique
    etag = models.CharField(max_length=128, blank=True)
    size = models.PositiveBigIntegerField("bytes", null=True, blank=True)
    content_type = models.CharField(max_length=50, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    ratio = models.FloatField("width / height", null=True, blank=True)
    hue = models.CharField("overall colour", max_length=7, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    error = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(null=True, blank=True, help_text="When the broker last took its task.")
    processed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OriginalQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="stored_once_per_owner")]
        indexes = [
            models.Index(
                fields=["created_at"], name="unfinished_originals", condition=Q(status__in=["new", "processing"])
            ),
        ]

    def __str__(self) -> str:
        return self.key


MAX_SORT_ORDER = 255
ORIGINAL = "original"  # the file itself, where also the kinds of renditions are meant
UNFINISHED = (Original.Status.NEW, Original.Status.PROCESSING)


class Rendition(models.Model):
    """A JPEG made from an original, in one of the sizes that clients show."""

    class Kind(models.TextChoices):
        SMALL = "small"
        MEDIUM = "medium"
        SQUARE = "square"
        WATERMARK = "watermark"
        WATERMARK_SMALL = "watermark_small"
        WATERMARK_SQUARE = "watermark_square"

    original = models.ForeignKey(Original, models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField("storage key", max_length=1024)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["original", "kind"], name="one_rendition_of_a_kind")]

    def __str__(self) -> str:
        return self.key


class PhotoQuerySet(models.QuerySet["Photo"]):
    def alive(self) -> "PhotoQuerySet":
        """Photos that somebody may see: not deleted, nor their album, nor has their uploader left it."""
        return self.in_place().filter(deleted_at=None)

    def in_place(self) -> "PhotoQuerySet":
        """Photos, deleted ones too, whose album is there and has not lost their uploader.

        The one rule by which a removed member's photos leave an album and come back with them.
        """
        still_member = Invitation.objects.live().filter(album=OuterRef("album"), claimed_by=OuterRef("uploader"))
        in_album = Q(album__deleted_at=None) & (Q(uploader=F("album__owner")) | Exists(still_member))
        return self.filter(Q(album=None) | in_album)

    def visible_to(self, user: User) -> "PhotoQuerySet":
        """Photos of the user's library and of the albums that the user may see."""
        return self.alive().filter(
            Q(album=None, owner=user) | Q(album__in=Album.objects.visible_to(user).values("pk"))
        )


class Photo(models.Model):
    """An original placed somewhere: in an album, or (without one) in its owner's library.

    `s3_path` is the storage key or URL as the client gave it; what it says names one photo of an album, the copies
    aside. `copied_from` is the photo, perhaps purged by now, at the beginning of a line of copies. What a client
    says about faces goes before what the engine found.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    original = models.ForeignKey(Original, models.CASCADE, related_name="photos")
    album = models.ForeignKey(Album, models.CASCADE, null=True, blank=True, related_name="photos")
    owner = models.ForeignKey(User, models.CASCADE, related_name="photos")
    uploader = models.ForeignKey(User, models.CASCADE, related_name="uploads")
    s3_path = models.CharField(max_length=2048)
    sort_order = models.CharField(max_length=MAX_SORT_ORDER, blank=True)
    copied_from = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    s3_server_id = models.CharField(max_length=500, blank=True)
    photo_creation_date = models.CharField(max_length=100, blank=True)
    local_creation_date = models.CharField(max_length=100, blank=True)
    num_faces = models.PositiveIntegerField(null=True, blank=True)
    rectangles = models.JSONField(null=True, blank=True)
    detected_data = models.JSONField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["album", "s3_path"], condition=Q(copied_from=None), name="one_photo_per_album_and_path"
            ),
            models.UniqueConstraint(
                fields=["owner", "s3_path"],
                condition=Q(album=None, copied_from=None),
                name="one_library_photo_per_path",
            ),
        ]
        indexes = [
            models.Index(fields=["album", "id"]),
            models.Index(fields=["owner", "s3_path"]),
            models.Index(fields=["deleted_at"], name="photos_in_the_trash", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.s3_path


class ImportedFile(models.Model):
    """The file on the server's disk that a library photo was imported from: read and copied, never changed.

    `location` is its path without symbolic links, as the bytes that the file system knows; it lies below
    `root`, a directory whose files could be imported at the time. `size` (bytes) and `mtime_ns` are as they
    were when the file was last looked at.
    """

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="imported_file")
    owner = models.ForeignKey(User, models.CASCADE, related_name="imported_files")
    root = models.BinaryField(max_length=2048)
    location = models.BinaryField(max_length=2048)
    size = models.PositiveBigIntegerField()
    mtime_ns = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "location"], name="a_file_is_imported_once")]

    def __str__(self) -> str:
        return f"file of {self.photo_id}"


class FolderImportQuerySet(LeasedQuerySet["FolderImport"]):
    def claimable(self) -> "FolderImportQuerySet":
        return self.filter(Q(claim=None) | Q(lease_until__lt=timezone.now()))


class FolderImport(Leased):
    """A folder that is being imported. The row goes when all of it was taken; until then it is taken up again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="folder_imports")
    root = models.BinaryField(max_length=2048)
    location = models.BinaryField(max_length=2048)
    name = models.CharField("path as the client gave it", max_length=2048)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FolderImportQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "location"], name="one_import_of_a_folder")]

    def __str__(self) -> str:
        return self.name


class ObjectLabel(models.Model):
    """That an original shows something of a class (`bus`), with the detector's score for the surest of them."""

    original = models.ForeignKey(Original, models.CASCADE, related_name="object_labels")
    name = models.CharField(max_length=100)
    score = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["original", "name"], name="one_label_per_original_and_name")
        ]

    def __str__(self) -> str:
        return self.name


class PhotoLocalId(models.Model):
    """How one member's own device names a photo."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="local_ids")
    user = models.ForeignKey(User, models.CASCADE, related_name="photo_local_ids")
    value = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "user"], name="one_local_id_per_photo_and_user")]

    def __str__(self) -> str:
        return self.value


class Like(models.Model):
    """What a member thinks of a photo; none when they took it back."""

    class Kind(models.TextChoices):
        LIKE = "like"
        DISLIKE = "dislike"
        NONE = "none"

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="likes")
    user = models.ForeignKey(User, models.CASCADE, related_name="likes")
    kind = models.CharField(max_length=7, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "user"], name="one_like_per_photo_and_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}s {self.photo_id}"


class FileToRemove(models.Model):
    """A stored file that nothing needs any more, or that is not needed unless a change commits.

    Written in the transaction that drops the need, or before the file is stored; so that whatever happens in
    between, no file stays behind for good.
    """

    key = models.CharField(max_length=1024, primary_key=True)
    after = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "files to remove"
        indexes = [models.Index(fields=["after"])]

    def __str__(self) -> str:
        return self.key


class UploadSlotQuerySet(LeasedQuerySet["UploadSlot"]):
    def free(self) -> "UploadSlotQuerySet":
        """Slots whose file nobody is taking in right now."""
        return self.filter(Q(claim=None) | Q(lease_until__lt=timezone.now()))


class UploadSlot(Leased):
    """Leave to upload one picture, which will be the photo with this id. It is gone once the file has arrived.

    `content_type` is the one type that is taken; any picture's when it is empty.
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


class ZipQuerySet(LeasedQuerySet["Zip"]):
    def claimable(self) -> "ZipQuerySet":
        free = Q(claim=None) | Q(lease_until__lt=timezone.now())
        return self.filter(free, status=Zip.Status.NEW, expires_at__gt=timezone.now())

    def downloadable(self) -> "ZipQuerySet":
        """Archives that are made, and whose maker may still see the album."""
        joined = Invitation.objects.live().filter(album=OuterRef("album"), claimed_by=OuterRef("user"))
        member = Q(album__deleted_at=None) & (Q(user=F("album__owner")) | Exists(joined))
        return self.filter(member, status=Zip.Status.READY, expires_at__gt=timezone.now())


class Zip(Leased):
    """An archive of an album's pictures, made by the worker for one user; its file is kept for a day."""

    class Status(models.TextChoices):
        NEW = "new", "new"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, models.CASCADE, related_name="zips")
    user = models.ForeignKey(User, models.CASCADE, related_name="zips")
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=6, choices=Status, default=Status.NEW)
    error = models.CharField(max_length=300, blank=True)
    key = models.CharField("storage key", max_length=1024, blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ZipQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ZipEntry(models.Model):
    """One file of an archive: a photo's original or a rendition of it, under a name that is safe and its own."""

    zip = models.ForeignKey(Zip, models.CASCADE, related_name="entries")
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="zip_entries")
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=255)

    class Meta:
        verbose_name_plural = "zip entries"
        constraints = [models.UniqueConstraint(fields=["zip", "name"], name="one_zip_entry_per_name")]

    def __str__(self) -> str:
        return self.name
