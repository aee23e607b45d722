"""Creates library photos for files on disk; the worker reads and copies the files."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from core.batching import batched
from photos import storage
from photos.importing.paths import (
    FoundFile,
    InvalidPath,
    check_may_import,
    inspect_file,
    is_picture,
    opened_file,
    resolve_path,
)
from photos.importing.thumbnails import remove_thumbnails
from photos.models import ImportedFile, Original, Photo
from photos.services.intake import sort_order_of, start_processing
from photos.services.processing import send_to_stage
from photos.services.restoring import untrash_photos

FILES_AT_ONCE = 500  # of one transaction, which locks out other imports of the same user
# Tasks that are sent at once. The sweep sends those of the rest, so that no request waits long for the broker.
MAX_ANNOUNCED = 100


@transaction.atomic
def import_paths(*, user: User, paths: Iterable[str]) -> int:
    """Imports the files at these paths into the user's library; returns the number of new or changed ones.

    Checks all files before it imports any. Raises `ImportForbidden`, `InvalidPath` and `NotAPicture`.
    """
    check_may_import(user)
    imported = 0
    for files in batched(_distinct(inspect_file(resolve_path(path)) for path in paths), FILES_AT_ONCE):
        imported += import_files(user=user, files=files, announced=MAX_ANNOUNCED - imported)
    return imported


def import_files(*, user: User, files: Iterable[FoundFile], announced: int = MAX_ANNOUNCED) -> int:
    """Imports those of the files that are pictures and new or changed; returns their number.

    A file is recognised by its path, size and time; when size or time differ, its checksum decides. One that was
    moved or renamed is recognised by its checksum, when there is nothing at its old path: then it is the same
    image under its new path. One that was moved before it was read is recognised by its name, size and time. A
    known file is restored if its photo was deleted, and tried again if it could never be read. Call it with
    `FILES_AT_ONCE` files at most; tasks of `announced` files are sent at once.
    """
    changes = _changes(user, _distinct(files))
    pictures = [file for file in changes if is_picture(file)]
    # Checksums take long, and only files that were read before have one to compare with: before the lock.
    read_before = [file for file in pictures if (known := changes[file]) and known.photo.original.sha256]
    checksums = {file: _checksum(file) for file in read_before}
    moved = _find_moved(user, [file for file in pictures if changes[file] is None])
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two imports may find the same files
        changes = _changes(user, pictures)
        changes |= _move(user, {file: pk for file, pk in moved.items() if changes.get(file, file) is None})
        new = _create(user, [file for file, known in changes.items() if known is None])
        updated = [_update(known, file, checksums.get(file)) for file, known in changes.items() if known]
        imported = new + [original for original in updated if original]
        ids = [original.pk for original in imported[: max(announced, 0)]]
        transaction.on_commit(partial(send_to_stage, original_ids=ids))
    return len(imported)


def count_importable(*, user: User, files: Iterable[FoundFile]) -> int:
    """Returns the number of the files that are pictures and new, or seem to have changed."""
    return sum(is_picture(file) for file in _changes(user, _distinct(files)))


def _distinct(files: Iterable[FoundFile]) -> list[FoundFile]:
    """Returns the files without duplicates by location (two links to one file) and by name."""
    by_location = {file.path.location: file for file in files}
    return list({file.path.name: file for file in by_location.values()}.values())


def _changes(user: User, files: Sequence[FoundFile]) -> dict[FoundFile, ImportedFile | None]:
    """Returns the files that are new or changed, each with its known row."""
    same_file = Q(location__in=[file.path.location for file in files])
    same_name = Q(photo__s3_path__in=[file.path.name for file in files])
    rows = ImportedFile.objects.filter(same_file | same_name, owner=user).select_related("photo__original")
    by_name = {row.photo.s3_path: row for row in rows}
    by_location = {bytes(row.location): row for row in rows}
    known = {file: by_location.get(file.path.location) or by_name.get(file.path.name) for file in files}
    changes = {}
    for file, row in known.items():
        if row is not None:
            noted = bytes(row.location), row.size, row.mtime_ns
            is_same = noted == (file.path.location, file.size, file.mtime_ns)
            is_settled = row.photo.deleted_at is None or row.photo.deleted_by_id != user.pk
            if is_same and is_settled and not _never_read(row.photo.original):
                continue
        changes[file] = row
    return changes


class _Gone(NamedTuple):
    """An imported file of which nothing is left at its path. It has no checksum if it was never read."""

    photo_id: UUID
    sha256: str | None
    facts: tuple[bytes, int, int]  # its name, size and time


def _find_moved(user: User, files: Sequence[FoundFile]) -> dict[FoundFile, UUID]:
    """Returns the files that were imported by a path where nothing is any more, each with the id of its photo."""
    rows = ImportedFile.objects.filter(owner=user, size__in={file.size for file in files})
    known = rows.values_list("pk", "photo__original__sha256", "location", "size", "mtime_ns")
    gone = [
        _Gone(pk, sha256, (_name(bytes(path)), size, mtime_ns))
        for pk, sha256, path, size, mtime_ns in known
        if _is_gone(bytes(path))
    ]
    moved: dict[FoundFile, UUID] = {}
    for file in files if gone else ():
        facts = (_name(file.path.location), file.size, file.mtime_ns)
        of_size = [row for row in gone if row.facts[1] == file.size]
        checksum = _checksum(file) if of_size else None
        same = [row for row in of_size if row.sha256 == checksum or (row.sha256 is None and row.facts == facts)]
        if checksum and same:
            row = next(
                (row for row in same if row.facts[0] == facts[0]), same[0]
            )  # of several, that of the same name
            gone.remove(row)
            moved[file] = row.photo_id
    return moved


def _name(location: bytes) -> bytes:
    return location.rpartition(b"/")[2]


def _is_gone(path: bytes) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def _move(user: User, moved: dict[FoundFile, UUID]) -> dict[FoundFile, ImportedFile]:
    """Gives the photos of the files their new path, in all albums of the user; returns the files' rows."""
    rows = ImportedFile.objects.filter(owner=user).select_related("photo__original").in_bulk(moved.values())
    found = {file: rows[pk] for file, pk in moved.items() if pk in rows}
    before = [row.photo.s3_path for row in found.values()]
    transaction.on_commit(partial(remove_thumbnails, user=user, paths=before))
    for file, row in found.items():
        old, new = row.photo.s3_path, file.path.name
        photos = Photo.objects.filter(owner=user, s3_path=old)
        photos.filter(sort_order=sort_order_of(old)).update(sort_order=sort_order_of(new))
        photos.update(s3_path=new, updated_at=timezone.now())
        row.photo.s3_path = new
    return found


def _never_read(original: Original) -> bool:
    return original.status == Original.Status.FAILED and original.sha256 is None


def _checksum(file: FoundFile) -> str | None:
    """Returns the SHA-256 of the content in hex; None when the file cannot be read."""
    try:
        with opened_file(file.path) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (InvalidPath, OSError):
        return None


def _create(user: User, files: Sequence[FoundFile]) -> list[Original]:
    """Creates originals, photos and rows of the files; returns the originals."""
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
                s3_path=file.path.name,
                sort_order=sort_order_of(file.path.name),
            )
            for original, file in zip(originals, files, strict=True)
        ]
    )
    ImportedFile.objects.bulk_create(
        [
            ImportedFile(
                photo=photo,
                owner=user,
                root=file.path.root,
                location=file.path.location,
                size=file.size,
                mtime_ns=file.mtime_ns,
            )
            for photo, file in zip(photos, files, strict=True)
        ]
    )
    return originals


def _update(known: ImportedFile, file: FoundFile, checksum: str | None) -> Original | None:
    """Updates the row of a known file, restores its photo if its owner has deleted it, and creates a new original
    for changed content.

    Returns the photo's original if it is new, or if the photo was restored.
    """
    photo = known.photo
    known.root, known.location = file.path.root, file.path.location
    known.size, known.mtime_ns = file.size, file.mtime_ns
    known.save()
    restored = photo.deleted_at is not None and photo.deleted_by_id == photo.owner_id
    if restored:
        untrash_photos(photos=Photo.objects.filter(pk=photo.pk))
    if checksum and checksum != photo.original.sha256:
        old, new_id = photo.original, uuid7()
        new = Original.objects.create(id=new_id, owner=photo.owner, key=storage.upload_key(new_id, ""))
        same_photos = Photo.objects.filter(owner=photo.owner, s3_path=photo.s3_path, original=old)
        same_photos.update(original=new, updated_at=timezone.now())
        Original.objects.filter(pk=old.pk, photos=None).delete()
        return new
    if _never_read(photo.original):
        start_processing(original=photo.original)
    return photo.original if restored else None
