"""Uploads by presigned URL: a slot is created first, and becomes a photo when its whole file has arrived.

If files are on local disk, this server receives them. A bucket receives them itself, under `incoming/`; from there
they are copied to another key, because the presigned URL stays valid and could still replace the file.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.models import Album
from albums.services import LookOnly, check_may_upload, hold_album, touch_albums
from core.enqueueing import enqueue
from core.leases import UNCLAIMED, heartbeat
from photos import storage
from photos.forms import FORM_OVERHEAD, FormRefused, file_of_form
from photos.images import EXTENSIONS, UNKNOWN, sniff_content_type
from photos.models import Original, Photo, UploadSlot
from photos.services.admission import PictureRemoved, admit_pictures
from photos.services.files import drop_files, reserve_file
from photos.services.intake import (
    HEAD_BYTES,
    content_type_of,
    find_or_store_original,
    save_original,
    sha256_of,
    sort_order_of,
    start_processing,
)
from photos.signals import photos_arrived

logger = logging.getLogger(__name__)
# Time for an upload that began before the slot expired.
GRACE = timedelta(hours=1)


class SlotTaken(Exception):
    """Another file has been uploaded to this slot, or is being uploaded."""


class FileRefused(ValidationError):
    """The slot does not accept the file; `code` is `empty`, `too_large` or `wrong_type`."""


def add_slots(
    *, album: Album, user: User, number: int, content_type: str = "", max_bytes: int | None = None
) -> list[UploadSlot]:
    """Creates slots by which the user can upload photos into the album for `settings.UPLOAD_SLOT_SECONDS`.

    Raises `Album.DoesNotExist` and `albums.services.LookOnly`.
    """
    check_may_upload(album=album, user=user)
    expires_at = timezone.now() + timedelta(seconds=settings.UPLOAD_SLOT_SECONDS)
    ids = [uuid7() for _ in range(number)]
    return UploadSlot.objects.bulk_create(
        [
            UploadSlot(
                id=new_id,
                album=album,
                user=user,
                key=storage.incoming_key(new_id),
                max_bytes=max_bytes or settings.MAX_PHOTO_BYTES,
                content_type=content_type,
                expires_at=expires_at,
            )
            for new_id in ids
        ]
    )


def mark_uploading(*, album: Album) -> None:
    """Notes that a client is uploading to the album, and collects the uploads that have arrived in the bucket."""
    album.uploading_at = timezone.now()
    album.save(update_fields=["uploading_at", "updated_at"])
    enqueue("photos.tasks.collect_uploads")


def fill_slot(*, slot_id: UUID, file: UploadedFile, sort_order: str = "") -> Photo:
    """Makes a photo of the file that was uploaded to the slot. The same file again returns the same photo.

    By default photos are sorted by the ids of their slots.

    Raises `ObjectDoesNotExist`, `FileRefused`, `SlotTaken`, `photos.services.PictureRemoved` and
    `StorageUnavailable`.
    """
    slot = UploadSlot.objects.select_related("user").filter(pk=slot_id).first()
    if slot is None:
        photo = Photo.objects.alive().select_related("original").get(pk=slot_id)
        if photo.original.sha256 != sha256_of(file):
            raise SlotTaken("Another file was uploaded here.")
        return photo
    album = _album_of(slot)
    check_file(slot=slot, size=file.size or 0, content_type=content_type_of(file))
    sha256 = sha256_of(file)
    if slot.user_id != album.owner_id:  # before the file is stored
        admit_pictures(album=album, user=slot.user, sha256=sha256)
    token = UploadSlot.objects.claimable().claim(slot.pk)
    if token is None:
        raise SlotTaken("This upload is going on already.")
    claimed = UploadSlot.objects.claimed_by(slot.pk, token)
    try:
        with heartbeat(claimed):
            original = find_or_store_original(user=slot.user, file=file, sha256=sha256)
        return _place(slot, token, original, sort_order)
    finally:
        claimed.update(**UNCLAIMED)


def _album_of(slot: UploadSlot) -> Album:
    """Returns the slot's album. Raises like `check_may_upload`, if its user may not add to it any more."""
    album = Album.objects.visible_to(slot.user).get(pk=slot.album_id)
    check_may_upload(album=album, user=slot.user)
    return album


def check_file(*, slot: UploadSlot, size: int, content_type: str) -> None:
    """Raises `FileRefused` when the slot does not accept the file; `content_type` is by its content."""
    if not size:
        raise FileRefused("The file is empty.", code="empty")
    if size > slot.max_bytes:
        raise FileRefused(f"The file is larger than {slot.max_bytes} bytes.", code="too_large")
    if content_type == UNKNOWN or slot.content_type not in ("", content_type):
        raise FileRefused(
            f"The file is not {slot.content_type or 'a picture that is known here'}.", code="wrong_type"
        )


def check_picture(*, file: UploadedFile) -> None:
    """Raises `FileRefused` for a file that is empty, or too large, or no picture by its first bytes."""
    check_size(size=file.size or 0)
    if content_type_of(file) == UNKNOWN:
        raise FileRefused("The file is not a picture that is known here.", code="wrong_type")


def check_size(*, size: int) -> None:
    """Raises `FileRefused` when no picture may have so many bytes."""
    if not size:
        raise FileRefused("The file is empty.", code="empty")
    if size > settings.MAX_PHOTO_BYTES:
        raise FileRefused(f"The file is larger than {settings.MAX_PHOTO_BYTES} bytes.", code="too_large")


@transaction.atomic
def _place(slot: UploadSlot, token: UUID, original: Original, sort_order: str = "") -> Photo:
    """Turns the slot into a photo, in one transaction."""
    album = _album_of(slot)
    hold_album(album=album, user=slot.user)
    if not UploadSlot.objects.claimed_by(slot.pk, token).delete()[0]:
        raise SlotTaken("This upload was taken over.")
    original = save_original(original=original)
    admit_pictures(album=album, user=slot.user, originals=[original])
    photo = Photo.objects.create(
        id=slot.pk,
        original=original,
        album=album,
        owner=slot.user,
        uploader=slot.user,
        s3_path=slot.key,
        sort_order=sort_order or str(slot.pk),
    )
    photos_arrived.send(Photo, photo_ids=[photo.pk])
    touch_albums(album_ids=[album.pk])
    start_processing(original=original)
    return photo


def collect_arrived_uploads() -> int:
    """Makes photos of the files in the bucket's `incoming/`, and deletes expired slots.

    Returns the number of new photos. Raises `StorageUnavailable`.
    """
    collected = 0
    if storage.in_bucket() and UploadSlot.objects.exists():
        for files in storage.incoming_files():
            slots = list(UploadSlot.objects.select_related("user").filter(key__in=files))
            drop_files(keys=files.keys() - {slot.key for slot in slots})
            collected += sum(_collect_upload(slot, files[slot.key]) for slot in slots)
    _delete_slots(
        UploadSlot.objects.claimable().filter(expires_at__lt=timezone.now() - GRACE).values_list("pk", "key")
    )
    return collected


def _collect_upload(slot: UploadSlot, stored: storage.StoredFile) -> bool:
    """Makes a photo of the file; returns whether it did. Removes a file that the slot does not accept."""
    token = UploadSlot.objects.claimable().claim(slot.pk)
    if token is None:
        return False
    claimed = UploadSlot.objects.claimed_by(slot.pk, token)
    try:
        with heartbeat(claimed):
            original, sort_order = _copy_to_originals(slot, stored)
        with transaction.atomic():
            _place(slot, token, original, sort_order)
            drop_files(keys=[slot.key])
    except (FileRefused, PictureRemoved, LookOnly, Album.DoesNotExist) as error:
        logger.warning("Upload %s was refused: %s", slot.pk, error)
        _delete_slots([(slot.pk, slot.key)])
        return False
    except (FileNotFoundError, SlotTaken):  # the file was replaced meanwhile: collected the next time
        return False
    finally:
        claimed.update(**UNCLAIMED)
    return True


def _copy_to_originals(slot: UploadSlot, stored: storage.StoredFile) -> tuple[Original, str]:
    """Copies the file to its final key; returns an original that is not saved yet, and how to sort its photo.

    What was not in a form has no sort order, and its sha256 is unknown.
    """
    _album_of(slot)
    head = storage.first_bytes(slot.key, HEAD_BYTES) if stored.size else b""
    if head.startswith(b"--") and stored.size <= slot.max_bytes + FORM_OVERHEAD:
        return _take_from_form(slot, storage.read(slot.key))
    content_type = sniff_content_type(head)
    check_file(slot=slot, size=stored.size, content_type=content_type)
    key = storage.upload_key(slot.pk, EXTENSIONS.get(content_type, ".bin"))
    reserve_file(key=key)
    storage.copy_incoming(slot.key, key, etag=stored.etag, content_type=content_type)
    copy = storage.stat(key)
    original = Original(
        id=slot.pk,
        owner=slot.user,
        key=key,
        size=stored.size,
        etag=copy.etag if copy else "",
        content_type=content_type,
    )
    return original, ""


def _take_from_form(slot: UploadSlot, form: bytes) -> tuple[Original, str]:
    """Stores the one file of a form that the bucket has as it was sent; its first line is the boundary."""
    boundary = form.partition(b"\r\n")[0].removeprefix(b"--").decode("latin-1")
    content_type = f'multipart/form-data; boundary="{boundary}"'
    try:
        file = file_of_form(BytesIO(form), content_type=content_type, length=len(form))
    except FormRefused as error:
        raise FileRefused(error.messages[0], code="wrong_type") from error
    with file:
        check_file(slot=slot, size=file.size or 0, content_type=content_type_of(file))
        original = find_or_store_original(user=slot.user, file=file, sha256=sha256_of(file))
    return original, sort_order_of(file.name or "")


@transaction.atomic
def _delete_slots(slots: Iterable[tuple[UUID, str]]) -> None:
    """Deletes the slots (id and key), and the files that may have arrived for them."""
    deleted = list(slots)
    UploadSlot.objects.filter(pk__in=[pk for pk, _ in deleted]).delete()
    drop_files(keys=[key for _, key in deleted])
