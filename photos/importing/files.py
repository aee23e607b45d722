"""Files become photos of a library: noted here, read and copied by the worker."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from core.batching import batched
from photos import storage
from photos.importing.paths import FoundFile, InvalidPath, inspect_file, is_picture, opened_file, resolve_path
from photos.models import ImportedFile, Original, Photo
from photos.services.intake import sort_order_of, start_processing
from photos.services.processing import send_to_stage
from photos.signals import photos_arrived

FILES_AT_ONCE = 500  # noted in one transaction, while no other import of the same user goes on
# Sent to the worker at once; the rest of a large import is found by the sweep, so that no request waits for the
# broker.
MAX_ANNOUNCED = 100


@transaction.atomic
def import_paths(*, user: User, paths: Iterable[str]) -> int:
    """Takes the files at these paths into the user's library and says how many are new there.

    All are looked at before any is taken. Raises `InvalidPath` and `NotAPicture`.
    """
    taken = 0
    for files in batched(_distinct(inspect_file(resolve_path(path)) for path in paths), FILES_AT_ONCE):
        taken += import_files(user=user, files=files, announced=MAX_ANNOUNCED - taken)
    return taken


def import_files(*, user: User, files: Iterable[FoundFile], announced: int = MAX_ANNOUNCED) -> int:
    """Takes those of the files that are pictures and new, or have changed; says how many.

    A file is known by its place, size and time; where only these two differ, its checksum decides. A known one is
    taken again if it was deleted, and tried again if it never could be read. At most `FILES_AT_ONCE` files a call.
    """
    changes = _changes(user, _distinct(files))
    pictures = [file for file in changes if is_picture(file)]
    checksums = {file: _checksum(file) for file in pictures if _read_before(changes[file])}
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two imports may find the same files
        changes = _changes(user, pictures)
        new = _create(user, [file for file, known in changes.items() if known is None])
        renewed = [_renew(known, file, checksums.get(file)) for file, known in changes.items() if known]
        taken = new + [original for original in renewed if original]
        ids = [original.pk for original in taken[: max(announced, 0)]]
        transaction.on_commit(partial(send_to_stage, original_ids=ids))
    return len(taken)


def count_importable(*, user: User, files: Iterable[FoundFile]) -> int:
    """How many of the files `import_files` would look into: pictures that are new or seem to have changed."""
    return sum(is_picture(file) for file in _changes(user, _distinct(files)))


def _distinct(files: Iterable[FoundFile]) -> list[FoundFile]:
    """The files without those that are the same by another link, or have another's name."""
    by_location = {file.place.location: file for file in files}
    return list({file.place.name: file for file in by_location.values()}.values())


def _changes(user: User, files: Sequence[FoundFile]) -> dict[FoundFile, ImportedFile | None]:
    """The files of which something is new, with what was known of them."""
    same_file = Q(location__in=[file.place.location for file in files])
    same_name = Q(photo__s3_path__in=[file.place.name for file in files])
    rows = ImportedFile.objects.filter(same_file | same_name, owner=user).select_related("photo__original")
    by_name = {row.photo.s3_path: row for row in rows}
    by_location = {bytes(row.location): row for row in rows}
    known = {file: by_location.get(file.place.location) or by_name.get(file.place.name) for file in files}
    return {file: row for file, row in known.items() if row is None or _differs(row, file)}


def _differs(known: ImportedFile, file: FoundFile) -> bool:
    noted = bytes(known.location), known.size, known.mtime_ns
    changed = noted != (file.place.location, file.size, file.mtime_ns)
    return changed or known.photo.deleted_at is not None or _never_read(known.photo.original)


def _never_read(original: Original) -> bool:
    return original.status == Original.Status.FAILED and original.sha256 is None


def _read_before(known: ImportedFile | None) -> bool:
    return known is not None and known.photo.original.sha256 is not None


def _checksum(file: FoundFile) -> str | None:
    """SHA-256 of the content, in hex; None when it cannot be read."""
    try:
        with opened_file(file.place) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (InvalidPath, OSError):
        return None


def _create(user: User, files: Sequence[FoundFile]) -> list[Original]:
    ids = [uuid7() for _ in files]
    originals = Original.objects.bulk_create(
        [Original(id=pk, owner=user, key=storage.upload_key(pk, "")) for pk in ids]
    )
    photos = Photo.objects.bulk_create(
        [
            Photo(
                original=original,
                owner=user,
                uploader=user,
                s3_path=file.place.name,
                sort_order=sort_order_of(file.place.name),
            )
            for original, file in zip(originals, files, strict=True)
        ]
    )
    ImportedFile.objects.bulk_create(
        [
            ImportedFile(
                photo=photo,
                owner=user,
                root=file.place.root,
                location=file.place.location,
                size=file.size,
                mtime_ns=file.mtime_ns,
            )
            for photo, file in zip(photos, files, strict=True)
        ]
    )
    return originals


def _renew(known: ImportedFile, file: FoundFile, checksum: str | None) -> Original | None:
    """Notes how a known file is now; its original if the library did not have that."""
    photo = known.photo
    known.root, known.location = file.place.root, file.place.location
    known.size, known.mtime_ns = file.size, file.mtime_ns
    known.save()
    brought_back = photo.deleted_at is not None
    if brought_back:
        photo.deleted_at = None
        photo.save(update_fields=["deleted_at", "updated_at"])
        photos_arrived.send(Photo, photo_ids=[photo.pk])
    if checksum and checksum != photo.original.sha256:
        return _replace(photo)
    if _never_read(photo.original):
        start_processing(original=photo.original)
    return photo.original if brought_back else None


def _replace(photo: Photo) -> Original:
    """A new original for the photo, whose file has another content now, wherever its owner has placed it."""
    old, new_id = photo.original, uuid7()
    new = Original.objects.create(id=new_id, owner=photo.owner, key=storage.upload_key(new_id, ""))
    placed = Photo.objects.filter(owner=photo.owner, s3_path=photo.s3_path, original=old)
    placed.update(original=new, updated_at=timezone.now())
    Original.objects.filter(pk=old.pk, photos=None).delete()
    return new
