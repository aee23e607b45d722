"""Uploads by presigned URL: a slot is promised first, and becomes a photo once its file has arrived, whole.

Where files are on local disk, this server receives them. A bucket receives them itself, under `incoming/`; they
are copied to a key of our own, so that the URL, good for a while longer, changes nothing any more.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.models import Album
from albums.services import touch
from core.enqueueing import enqueue
from core.leases import UNCLAIMED, heartbeat
from photos import storage
from photos.images import EXTENSIONS, UNKNOWN, sniff_content_type
from photos.models import Original, Photo, UploadSlot
from photos.services.files import drop_files, reserve_file
from photos.services.intake import (
    HEAD_BYTES,
    content_type_of,
    find_or_store_original,
    save_original,
    sha256_of,
    start_processing,
)
from photos.signals import photos_arrived

logger = logging.getLogger(__name__)
# An upload that began in time may end later.
GRACE = timedelta(hours=1)


class SlotTaken(Exception):
    """Another file has arrived, or is just arriving, in this slot."""


class FileRefused(ValidationError):
    """The file is not what the slot takes; `code` is `empty`, `too_large` or `wrong_type`."""


def add_slots(
    *, album: Album, user: User, number: int, content_type: str = "", max_bytes: int | None = None
) -> list[UploadSlot]:
    """Leave for the user to upload that many photos into the album, for as long as the setting says."""
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
    """A client says that it uploads: the album shows it, and what has arrived is looked for."""
    album.uploading_at = timezone.now()
    album.save(update_fields=["uploading_at", "updated_at"])
    enqueue("photos.tasks.collect_uploads")


def fill_slot(*, slot_id: UUID, file: UploadedFile) -> Photo:
    """The file for a slot has come; it becomes a photo. The same file again is the same photo.

    Raises `ObjectDoesNotExist`, `FileRefused`, `SlotTaken` and `StorageUnavailable`.
    """
    slot = UploadSlot.objects.select_related("user").filter(pk=slot_id).first()
    if slot is None:
        return _photo_of(slot_id, sha256_of(file))
    _album_of(slot)
    check_file(slot=slot, size=file.size or 0, content_type=content_type_of(file))
    token = UploadSlot.objects.claimable().claim(slot.pk)
    if token is None:
        raise SlotTaken("This upload is going on already.")
    held = UploadSlot.objects.claimed_by(slot.pk, token)
    try:
        with heartbeat(held):
            original = find_or_store_original(user=slot.user, file=file, sha256=sha256_of(file))
        return _place(slot, token, original)
    finally:
        held.update(**UNCLAIMED)


def _photo_of(slot_id: UUID, sha256: str) -> Photo:
    """The photo that the slot has become, if it is of these bytes."""
    photo = Photo.objects.alive().select_related("original").get(pk=slot_id)
    if photo.original.sha256 != sha256:
        raise SlotTaken("Another file was uploaded here.")
    return photo


def _album_of(slot: UploadSlot) -> Album:
    """The slot's album, if its user may still see it. Raises `Album.DoesNotExist`."""
    return Album.objects.visible_to(slot.user).get(pk=slot.album_id)


def check_file(*, slot: UploadSlot, size: int, content_type: str) -> None:
    """Raises `FileRefused` for what the slot does not take; the type is that of the content."""
    if not size:
        raise FileRefused("The file is empty.", code="empty")
    if size > slot.max_bytes:
        raise FileRefused(f"The file is larger than {slot.max_bytes} bytes.", code="too_large")
    if content_type == UNKNOWN or slot.content_type not in ("", content_type):
        raise FileRefused(
            f"The file is not {slot.content_type or 'a picture that is known here'}.", code="wrong_type"
        )


@transaction.atomic
def _place(slot: UploadSlot, token: UUID, original: Original) -> Photo:
    """The slot becomes a photo, in one transaction."""
    album = _album_of(slot)
    if not UploadSlot.objects.claimed_by(slot.pk, token).delete()[0]:
        raise SlotTaken("This upload was taken over.")
    original = save_original(original=original)
    photo = Photo.objects.create(
        id=slot.pk,
        original=original,
        album=album,
        owner=slot.user,
        uploader=slot.user,
        s3_path=slot.key,
        sort_order=str(slot.pk),
    )
    photos_arrived.send(Photo, photo_ids=[photo.pk])
    touch(album_ids=[album.pk])
    start_processing(original=original)
    return photo


def collect_arrived_uploads() -> int:
    """Makes photos of the files that clients have put into the bucket, and says how many; ends expired slots.

    Raises `StorageUnavailable`.
    """
    collected = 0
    if storage.in_bucket() and UploadSlot.objects.exists():
        for files in storage.incoming_files():
            slots = list(UploadSlot.objects.select_related("user").filter(key__in=files))
            drop_files(keys=files.keys() - {slot.key for slot in slots})
            collected += sum(_collect(slot, files[slot.key]) for slot in slots)
    _end(UploadSlot.objects.claimable().filter(expires_at__lt=timezone.now() - GRACE).values_list("pk", "key"))
    return collected


def _collect(slot: UploadSlot, stored: storage.StoredFile) -> bool:
    """Makes the photo of a file in the bucket, or refuses it. False when it is none, or somebody else's work."""
    token = UploadSlot.objects.claimable().claim(slot.pk)
    if token is None:
        return False
    held = UploadSlot.objects.claimed_by(slot.pk, token)
    try:
        with heartbeat(held):
            original = _taken_in(slot, stored)
        with transaction.atomic():
            _place(slot, token, original)
            drop_files(keys=[slot.key])
    except (FileRefused, Album.DoesNotExist) as error:
        logger.warning("Upload %s is refused: %s", slot.pk, error)
        _end([(slot.pk, slot.key)])
        return False
    except (FileNotFoundError, SlotTaken):  # replaced or taken while we looked; the next look finds it
        return False
    finally:
        held.update(**UNCLAIMED)
    return True


def _taken_in(slot: UploadSlot, stored: storage.StoredFile) -> Original:
    """An original, not saved yet, of the file, now under a key of our own. Its bytes are read by the worker."""
    _album_of(slot)
    head = storage.first_bytes(slot.key, HEAD_BYTES) if stored.size else b""
    content_type = sniff_content_type(head)
    check_file(slot=slot, size=stored.size, content_type=content_type)
    key = storage.upload_key(slot.pk, EXTENSIONS.get(content_type, ".bin"))
    reserve_file(key=key)
    storage.copy_incoming(slot.key, key, etag=stored.etag, content_type=content_type)
    copy = storage.stat(key)
    return Original(
        id=slot.pk,
        owner=slot.user,
        key=key,
        size=stored.size,
        etag=copy.etag if copy else "",
        content_type=content_type,
    )


@transaction.atomic
def _end(slots: Iterable[tuple[UUID, str]]) -> None:
    """The slots are no more, nor what may have arrived for them."""
    ended = list(slots)
    UploadSlot.objects.filter(pk__in=[pk for pk, _ in ended]).delete()
    drop_files(keys=[key for _, key in ended])
