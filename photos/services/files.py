"""Removes stored files that nothing needs any more: notes them first, removes them after the commit, retries."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.files.base import File
from django.utils import timezone

from core.enqueueing import enqueue
from photos import storage
from photos.models import FileToRemove, Original

logger = logging.getLogger(__name__)
# Longer than any upload takes.
RESERVED = timedelta(hours=1)


def drop_files(*, keys: Iterable[str]) -> None:
    """Removes the files after this transaction has committed."""
    rows = [FileToRemove(key=key, after=timezone.now()) for key in keys]
    if not rows:
        return
    FileToRemove.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["after"],
    )
    enqueue("photos.tasks.remove_files")


def reserve_file(*, key: str, until: datetime | None = None) -> None:
    """Reserves the key for a file. Unless `keep_file` follows until then, or within an hour, it is removed."""
    FileToRemove.objects.update_or_create(key=key, defaults={"after": until or timezone.now() + RESERVED})


def store_file(*, key: str, file: File, content_type: str, until: datetime | None = None) -> None:
    """Reserves the key and stores a file. Raises `photos.storage.StorageUnavailable`."""
    reserve_file(key=key, until=until)
    file.seek(0)
    storage.save(key, file, content_type)


def keep_file(*, key: str) -> None:
    """Cancels the removal of the file; call it in the transaction that writes the row that needs the file."""
    FileToRemove.objects.filter(key=key).delete()


def remove_dropped_files() -> int:
    """Removes all files whose time has come; returns their number."""
    removed = 0
    due = FileToRemove.objects.filter(after__lte=timezone.now()).order_by("after")
    for row in due.iterator(chunk_size=500):
        if not Original.objects.filter(key=row.key).exists():
            try:
                storage.remove(row.key)
            except storage.StorageUnavailable:
                logger.warning("The storage is unreachable: files are removed later.")
                return removed
            removed += 1
        row.delete()
    return removed
