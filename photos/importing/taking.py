"""Files become photos of a library: noted here, read and copied by the worker."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from photos import storage
from photos.importing.places import FoundFile, InvalidPath, is_picture, locate, look_at, opened_file
from photos.models import ImportedFile, Original, Photo
from photos.services.intake import sort_order_of, start_processing
from photos.signals import original_stored

BATCH = 500
# Sent to the worker at once; the rest of a large import is found by the sweep, so that no request waits for the broker.
ANNOUNCED = 100


@transaction.atomic
def import_paths(*, user: User, paths: Iterable[str]) -> int:
    """Takes the files at these paths into the user's library and says how many are new there.

    All are looked at before any is taken. Raises `InvalidPath` and `NotAPicture`.
    """
    files = list({file.place.location: file for file in (look_at(locate(path)) for path in paths)}.values())
    taken = 0
    for start in range(0, len(files), BATCH):
        taken += take_files(user=user, files=files[start : start + BATCH], announced=ANNOUNCED - taken)
    return taken


def take_files(*, user: User, files: Sequence[FoundFile], announced: int = ANNOUNCED) -> int:
    """Takes those of the files that are pictures and new, or have changed; says how many.

    A file is known by its place, size and time; where only these differ, its checksum decides. A known one is
    taken again if it was deleted or never could be read. At most `BATCH` files at once.
    """
    news = _news(user, files, {})
    checksums = {file: _checksum(file) for file, known in news.items() if known and known.photo.original.sha256}
    pictures = [file for file in news if is_picture(file)]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two imports may find the same files
        news = _news(user, pictures, checksums)
        originals = [
            original
            for original in (
                *_create(user, [file for file, known in news.items() if known is None]),
                *(_renew(known, file, checksums.get(file)) for file, known in news.items() if known),
            )
            if original
        ]
        sent = [original.pk for original in originals[: max(announced, 0)]]
        transaction.on_commit(lambda: [original_stored.send(Original, original_id=pk) for pk in sent])
    return len(originals)


def _news(
    user: User, files: Sequence[FoundFile], checksums: dict[FoundFile, str]
) -> dict[FoundFile, ImportedFile | None]:
    """The files of which something is new, with what was known of them."""
    rows = ImportedFile.objects.filter(owner=user, location__in=[file.place.location for file in files])
    known = {bytes(row.location): row for row in rows.select_related("photo__original")}
    found = {file.place.location: file for file in files}
    return {
        file: row for location, file in found.items() if (row := known.get(location)) is None or _differs(row, file)
    }


def _differs(known: ImportedFile, file: FoundFile) -> bool:
    changed = (known.size, known.mtime_ns) != (file.size, file.mtime_ns)
    return changed or known.photo.deleted_at is not None or _never_read(known.photo.original)


def _never_read(original: Original) -> bool:
    return original.status == Original.Status.FAILED and original.sha256 is None


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
