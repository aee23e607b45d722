"""Uploads in chunks, which continue where they stopped when the connection, the client or the server was lost.

Each chunk is a file of its own in the storage, on local disk as in a bucket, and a row. Its file is reserved until
the upload expires, so nothing is left behind whatever fails. When the last byte has arrived, the chunks become one
file, and that becomes a photo in the same way as a file that is sent at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from albums.models import Album
from albums.services import check_may_upload
from photos import storage
from photos.images import UNKNOWN
from photos.models import Photo, ResumableUpload, UploadedChunk
from photos.services.admission import PictureRemoved, admit_pictures
from photos.services.files import drop_files, store_file
from photos.services.intake import (
    HEAD_BYTES,
    PhotoFacts,
    place_known_photo,
    sha256_of,
    sort_order_of,
    store_photo,
)
from photos.services.slots import FileRefused, check_picture, check_size

MAX_UNFINISHED = 100  # uploads of one user
MAX_CHUNKS = 2_000  # of one upload; a connection that is cut leaves shorter ones than the client meant to send
MAX_NAME = 255
GRACE = timedelta(hours=1)  # for a request that began before the upload expired


class WrongOffset(Exception):
    """The chunk does not begin where the one before has ended. `offset` says where, in bytes."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"The next byte to send is number {offset}.")
        self.offset = offset


class ChecksumMismatch(FileRefused):
    """The whole file is not the one whose SHA-256 the client has told."""


class TooManyUploads(Exception):
    """The user has too many unfinished uploads."""


def begin_upload(*, album: Album, user: User, name: str, size: int, sha256: str = "") -> ResumableUpload:
    """Creates an upload of `size` bytes. It is finished at once if the user has stored a file of this SHA-256.

    Raises `FileRefused`, `PictureRemoved`, `TooManyUploads`, `albums.services.LookOnly`, and `Album.DoesNotExist`
    when the user does not see the album any more.
    """
    check_may_upload(album=album, user=user)
    check_size(size=size)
    upload = ResumableUpload(
        album=album,
        user=user,
        name=_plain_name(name),
        size=size,
        sha256=sha256,
        expires_at=timezone.now() + timedelta(seconds=settings.RESUMABLE_UPLOAD_SECONDS),
    )
    known = sha256 and place_known_photo(user=user, album=album, sha256=sha256, size=size, facts=_facts_of(upload))
    if known:
        upload.offset, upload.photo_id = size, known.pk
    elif sha256 and user.pk != album.owner_id:  # before the file is sent
        admit_pictures(album=album, user=user, sha256=sha256)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # of two at once, the second counts the first
        if not known and ResumableUpload.objects.unfinished().filter(user=user).count() >= MAX_UNFINISHED:
            raise TooManyUploads
        upload.save(force_insert=True)
    return upload


def _plain_name(name: str) -> str:
    """Returns the last part of a client's file name, without characters that cannot be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip()[:MAX_NAME]


def _facts_of(upload: ResumableUpload) -> PhotoFacts:
    return PhotoFacts(sort_order=sort_order_of(upload.name) if upload.name else "")


def receive_chunk(*, upload: ResumableUpload, offset: int, file: UploadedFile) -> ResumableUpload:
    """Appends the file's bytes to the upload at `offset`, and returns the upload as it is then.

    The chunk that completes the file makes it a photo of the album, or finds the photo of the same bytes there.
    A file that is refused is discarded. Nothing changes when the storage is unreachable: the chunk can be sent
    again.

    Raises `WrongOffset`, `FileRefused`, `PictureRemoved`, `albums.services.LookOnly`,
    `photos.storage.StorageUnavailable`, `ResumableUpload.DoesNotExist` when the upload has ended meanwhile, and
    `Album.DoesNotExist` when the user does not see the album any more.
    """
    size = file.size or 0
    if offset != upload.offset:
        raise WrongOffset(upload.offset)
    if offset + size > upload.size:
        raise FileRefused(
            f"The file is longer than the {upload.size} bytes that were announced.", code="too_large"
        )
    if not size:
        return upload
    try:
        if offset == 0 and size >= HEAD_BYTES:
            check_picture(file=file)
        if offset + size == upload.size:
            return _finish(upload, file)
        return _append(upload, file, size)
    except (FileRefused, PictureRemoved):
        abandon_upload(upload=upload)
        raise


def _append(upload: ResumableUpload, file: UploadedFile, size: int) -> ResumableUpload:
    """Stores a chunk that is not the last one. Of two at the same offset, the one that is stored first stays."""
    if upload.chunks.count() >= MAX_CHUNKS:  # no lock: of two at the same offset, one is stored
        raise FileRefused("The file came in too many pieces.", code="too_large")
    key = storage.chunk_key(upload.pk, uuid4())
    store_file(key=key, file=file, content_type=UNKNOWN, until=upload.expires_at + GRACE)
    appended = False
    with transaction.atomic():
        rows = ResumableUpload.objects.filter(pk=upload.pk, offset=upload.offset)
        if appended := bool(rows.update(offset=upload.offset + size)):
            UploadedChunk.objects.create(upload=upload, offset=upload.offset, size=size, key=key)
        else:
            drop_files(keys=[key])
    upload = ResumableUpload.objects.get(pk=upload.pk)
    if not appended:
        raise WrongOffset(upload.offset)
    return upload


def _finish(upload: ResumableUpload, last: UploadedFile) -> ResumableUpload:
    """Makes a photo of the chunks and the last one."""
    try:
        with _whole_file(upload, last) as file:
            check_picture(file=file)
            sha256 = sha256_of(file)
            if upload.sha256 not in ("", sha256):
                raise ChecksumMismatch("The file did not arrive as it was sent.", code="mismatch")
            photo = store_photo(
                user=upload.user, album=upload.album, file=file, facts=_facts_of(upload), sha256=sha256
            )
    except FileNotFoundError as error:  # another request has finished the upload, or it has expired
        return _finished_meanwhile(upload, error)
    return _complete(upload, photo)


@contextmanager
def _whole_file(upload: ResumableUpload, last: UploadedFile) -> Iterator[UploadedFile]:
    """Yields the chunks and the last one as one file on disk; only a piece of it is in memory at a time.

    What another request has meanwhile added behind `upload.offset`, the last one holds, too.

    Raises `FileNotFoundError` when a chunk is gone, and `photos.storage.StorageUnavailable`.
    """
    if not upload.offset:
        yield last
        return
    with TemporaryUploadedFile("photo", UNKNOWN, upload.size, None) as whole:
        try:
            before = upload.chunks.filter(offset__lt=upload.offset).order_by("offset")
            for key in before.values_list("key", flat=True):
                for piece in storage.chunks(key):
                    whole.write(piece)
            for piece in last.chunks():
                whole.write(piece)
            whole.flush()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise storage.unavailable(error) from error
        if whole.tell() != upload.size:
            raise FileNotFoundError(str(upload.pk))
        yield whole


def _finished_meanwhile(upload: ResumableUpload, error: FileNotFoundError) -> ResumableUpload:
    now = ResumableUpload.objects.get(pk=upload.pk)
    if now.photo_id is None:
        abandon_upload(upload=now)
        raise ResumableUpload.DoesNotExist from error
    return now


@transaction.atomic
def _complete(upload: ResumableUpload, photo: Photo) -> ResumableUpload:
    ResumableUpload.objects.filter(pk=upload.pk).update(offset=upload.size, photo_id=photo.pk)
    upload.chunks.all().delete()
    upload.offset, upload.photo_id = upload.size, photo.pk
    return upload


@transaction.atomic
def abandon_upload(*, upload: ResumableUpload) -> None:
    """Discards an upload with the chunks that have arrived; the photo of a finished one stays."""
    ResumableUpload.objects.filter(pk=upload.pk).delete()


def delete_expired_uploads() -> int:
    """Discards uploads that have expired; returns their number."""
    expired = ResumableUpload.objects.filter(expires_at__lt=timezone.now() - GRACE)
    ids: list[UUID] = list(expired.values_list("pk", flat=True)[:500])
    with transaction.atomic():
        ResumableUpload.objects.filter(pk__in=ids).delete()
    return len(ids)
