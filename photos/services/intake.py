"""Adds photos to albums: by a file that is stored here, or by the key of a file that the client has stored."""

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.models import Album
from albums.services import check_may_upload, hold_album, touch_albums
from photos import storage
from photos.images import EXTENSIONS, sniff_content_type
from photos.models import MAX_SORT_ORDER, Original, Photo, PhotoLocalId
from photos.services.awaiting import await_file, hand_over, take_file
from photos.services.files import keep_file, store_file
from photos.services.processing import send_to_stage
from photos.services.restoring import find_or_restore, restorable_by, restore_own
from photos.signals import photos_arrived

HEAD_BYTES = 64


@dataclass(frozen=True)
class PhotoFacts:
    """What a client says about a new photo; all of it is optional. The default sort order is the file's name."""

    s3_server_id: str = ""
    photo_creation_date: str = ""
    local_creation_date: str = ""
    num_faces: int | None = None
    photo_local_id: str = ""
    sort_order: str = ""


def sort_order_of(path: str) -> str:
    """Returns the default sort order: the file's name without its extension."""
    return PurePosixPath(path).stem[:MAX_SORT_ORDER]


def store_photo(*, user: User, album: Album, file: UploadedFile, facts: PhotoFacts, sha256: str = "") -> Photo:
    """Stores the file and adds it to the album.

    The same bytes of the same user are stored once, and are one photo in an album, which is restored if the user
    had deleted it. The worker decodes the file later: a broken one becomes a failed photo with a reason.
    `sha256` is the file's, if it was computed already.

    Raises `ValidationError` for an empty file, `photos.services.PictureRemoved`, `albums.services.LookOnly`,
    `StorageUnavailable`, and `Album.DoesNotExist` when the user does not see the album any more.
    """
    if not file.size:
        raise ValidationError("The file is empty.", code="empty_file")
    sha256 = sha256 or sha256_of(file)
    facts = replace(facts, sort_order=facts.sort_order or sort_order_of(file.name or ""))
    with transaction.atomic():
        hold_album(album=album, user=user)
        if photo := find_or_restore(album=album, user=user, sha256=sha256):
            return _touch(photo, album, user, facts)
    original = find_or_store_original(user=user, file=file, sha256=sha256)
    with transaction.atomic():
        hold_album(album=album, user=user)
        original = save_original(original=original)
        return _place(original, album, user, original.key, facts)


def place_known_photo(*, user: User, album: Album, sha256: str, size: int, facts: PhotoFacts) -> Photo | None:
    """Adds a file to the album that this user has stored before; returns None if they have not.

    Who only knows the hash of somebody else's file does not get it. Raises `photos.services.PictureRemoved`, and
    `Album.DoesNotExist` when the user does not see the album any more.
    """
    with transaction.atomic():
        hold_album(album=album, user=user)
        original = Original.objects.filter(owner=user, sha256=sha256, size=size).first()
        if original is None:
            return None
        return _place(original, album, user, original.key, facts)


def sha256_of(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def content_type_of(file: UploadedFile) -> str:
    """Returns the content type by the file's first bytes; the client's file name and header are ignored."""
    file.seek(0)
    return sniff_content_type(file.read(HEAD_BYTES))


def find_or_store_original(*, user: User, file: UploadedFile, sha256: str) -> Original:
    """Returns the user's original with these bytes; stores the file if there is none.

    A new original is not saved yet: call `save_original`.

    Raises `StorageUnavailable`.
    """
    if known := Original.objects.filter(owner=user, sha256=sha256).first():
        return known
    content_type = content_type_of(file)
    new_id = uuid7()
    key = storage.upload_key(new_id, EXTENSIONS.get(content_type, ".bin"))
    store_file(key=key, file=file, content_type=content_type)
    stored = storage.stat(key)
    return Original(
        id=new_id,
        owner=user,
        key=key,
        sha256=sha256,
        size=file.size,
        etag=stored.etag if stored else "",
        content_type=content_type,
    )


def save_original(*, original: Original) -> Original:
    """Saves a new original and keeps its file; call it in the transaction that adds its photo."""
    if not original._state.adding:
        return original
    try:
        with transaction.atomic():
            keep_file(key=original.key)
            original.save(force_insert=True)
            return original
    except IntegrityError:  # another request has stored the same bytes; our file is removed after an hour
        return Original.objects.get(owner=original.owner_id, sha256=original.sha256)


def register_photo(*, user: User, album: Album, s3_path: str, facts: PhotoFacts) -> Photo:
    """Adds a file to the album that the client has stored, or will store soon, under `s3_path`.

    Only who registers a file that is there gets it at once; see `photos.services.awaiting` for one that is not.
    Raises `storage.BadKey`, `PermissionDenied` for a key of another user or of the server,
    `photos.services.PictureRemoved`, `albums.services.LookOnly`, and `Album.DoesNotExist` when the user does
    not see the album any more.
    """
    check_may_upload(album=album, user=user)  # before anything is stored
    key = storage.key_of(s3_path)
    original = _find_registered(user, album, s3_path, key) or _register(user, key)
    with transaction.atomic():
        hold_album(album=album, user=user)
        return _place(original, album, user, s3_path, facts)


def _find_registered(user: User, album: Album, s3_path: str, key: str) -> Original | None:
    """Returns the original that the key names already. Raises `PermissionDenied` when the user may not use it."""
    named = Photo.objects.filter(s3_path=s3_path, original__awaited_key=None).select_related("original")
    deleted = restorable_by(user).filter(album=album)
    for photos in (named.filter(owner=user), named.visible_to(user), named.filter(pk__in=deleted.values("pk"))):
        if photo := photos.first():
            return photo.original
    original = Original.objects.filter(key=key).first()
    if original and original.owner_id != user.pk:
        known = [photos.filter(original=original) for photos in (Photo.objects.visible_to(user), deleted)]
        if not any(photos.exists() for photos in known):
            raise PermissionDenied("This s3_path belongs to somebody else.")
    if original is None and storage.in_own_area(key):
        raise PermissionDenied("This s3_path is in the server's own area.")
    return original


def _register(user: User, key: str) -> Original:
    """Returns the user's original of the key: with the file, if it is there, or else waiting for it."""
    try:
        stored = storage.stat(key)
    except storage.StorageUnavailable:
        stored = None
    waiting = Original.objects.awaiting_file().filter(owner=user, awaited_key=key).first()
    if stored is None:
        return waiting or await_file(user=user, key=key)
    if waiting and take_file(original=waiting, stored=stored):
        return waiting
    known = {"owner": user, "size": stored.size, "etag": stored.etag}
    original, _ = Original.objects.get_or_create(key=key, defaults=known)
    if original.owner_id != user.pk:
        raise PermissionDenied("This s3_path belongs to somebody else.")
    return original


@transaction.atomic
def _place(original: Original, album: Album, user: User, s3_path: str, facts: PhotoFacts) -> Photo:
    """Adds the original to the album, or returns its photo there; restores it if the user had deleted it."""
    photo = Photo.objects.filter(album=album, s3_path=s3_path, copied_from=None).select_related("original").first()
    if photo and photo.original.awaited_key and not original.awaited_key:
        hand_over(photo=photo, original=original, user=user)
    if photo is None:
        photo = find_or_restore(album=album, user=user, original=original)
    elif photo.deleted_at:
        restore_own(photo=photo, album=album, user=user)
    return _touch(photo or _create_photo(original, album, user, s3_path, facts), album, user, facts)


def _touch(photo: Photo, album: Album, user: User, facts: PhotoFacts) -> Photo:
    """Has the album and, if necessary, the photo processed; notes the photo's name on the user's device."""
    if facts.photo_local_id:
        PhotoLocalId.objects.update_or_create(photo=photo, user=user, defaults={"value": facts.photo_local_id})
    touch_albums(album_ids=[album.pk])
    start_processing(original=photo.original)
    return photo


def _create_photo(original: Original, album: Album, user: User, s3_path: str, facts: PhotoFacts) -> Photo:
    """Creates the photo, or returns the one that another request has created at the same moment."""
    defaults = {
        "original": original,
        "owner": user,
        "uploader": user,
        "sort_order": facts.sort_order or sort_order_of(s3_path),
        "s3_server_id": facts.s3_server_id,
        "photo_creation_date": facts.photo_creation_date,
        "local_creation_date": facts.local_creation_date,
        "num_faces": facts.num_faces,
    }
    photo, created = Photo.objects.get_or_create(album=album, s3_path=s3_path, copied_from=None, defaults=defaults)
    if created:
        photos_arrived.send(Photo, photo_ids=[photo.pk])
    return photo


def start_processing(*, original: Original) -> None:
    """Sends a new original to its first stage, and a failed one again."""
    if original.status == Original.Status.FAILED:
        Original.objects.filter(pk=original.pk).start_over()
        original.status = Original.Status.NEW
    if original.status == Original.Status.NEW:
        transaction.on_commit(partial(send_to_stage, original_ids=[original.pk]))
