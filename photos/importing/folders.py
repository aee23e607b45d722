"""Imports folders of any size: a request imports files for some seconds, and the worker imports the rest.

A `FolderImport` row exists until all files are imported. Known files are skipped, so an interrupted import resumes
where it stopped. Thumbnails of a folder are made likewise.
"""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.selectors import is_named
from core.batching import batched
from core.leases import UNCLAIMED, LeasedQuerySet, heartbeat
from photos.importing.files import FILES_AT_ONCE, MAX_ANNOUNCED, count_importable, import_files
from photos.importing.paths import (
    InvalidPath,
    ResolvedPath,
    check_may_import,
    opened_folder,
    resolve_path,
)
from photos.importing.thumbnails import FolderNotWritable, write_thumbnails, write_thumbnails_of_others
from photos.importing.walking import walk
from photos.models import FolderImport

REQUEST_SECONDS = 15.0
THUMBNAIL_SECONDS, THUMBNAILS_AT_ONCE = 60.0, 50

logger = logging.getLogger(__name__)

OnProgress = Callable[[int], object]


@dataclass(frozen=True)
class FolderProgress:
    """The number of files that were imported, and whether the folder is complete."""

    imported: int
    done: bool


def start_folder_import(*, user: User, folder_path: str) -> FolderProgress:
    """Imports the pictures of the folder and its sub-folders into the user's library.

    What cannot be imported in `REQUEST_SECONDS` is left to the worker. Raises `ImportForbidden` and `InvalidPath`.
    """
    check_may_import(user)
    return import_folder(user=user, folder=resolve_path(folder_path), seconds=REQUEST_SECONDS)


def import_folder(
    *, user: User, folder: ResolvedPath, seconds: float | None = None, on_progress: OnProgress | None = None
) -> FolderProgress:
    """Imports a resolved folder, for so many seconds; `on_progress` is called with each batch's number of files.

    Raises `InvalidPath`.
    """
    with opened_folder(folder):
        job = _job(user, folder, thumbnails=False)
    return _run_import(job.pk, seconds, on_progress)


def _job(user: User, folder: ResolvedPath, *, thumbnails: bool) -> FolderImport:
    job, _ = FolderImport.objects.get_or_create(
        owner=user,
        location=folder.location,
        only_thumbnails=thumbnails,
        defaults={"root": folder.root, "name": folder.name},
    )
    return job


def cancel_import(*, user: User, folder: ResolvedPath) -> None:
    """Cancels the import, so that no worker resumes it; imported files stay."""
    FolderImport.objects.filter(owner=user, location=folder.location, only_thumbnails=False).delete()


def make_thumbnails(*, user: User, folder_path: str) -> bool:
    """Writes the thumbnails that the pictures of the folder and its sub-folders lack.

    What cannot be written in `THUMBNAIL_SECONDS` is left to the worker; returns False then.
    Raises `ImportForbidden`, `InvalidPath` and `FolderNotWritable`.
    """
    check_may_import(user)
    started, folder = monotonic(), resolve_path(folder_path)
    for _ in _thumbnails(user, folder):
        if monotonic() - started > THUMBNAIL_SECONDS:
            _job(user, folder, thumbnails=True)
            return False
    return True


def _thumbnails(user: User, folder: ResolvedPath) -> Iterator[object]:
    """Writes the folder's thumbnails, and yields something after each.

    In the first root clients look for those of all images. Such that lie elsewhere have some only for the local
    library's user: on this machine, the pictures of others are nobody's business.
    """
    yield from write_thumbnails(folder=folder)
    first_root = next((os.path.realpath(os.fsencode(root)) for root in settings.IMPORT_ROOTS), None)
    if folder.location == first_root and is_named(user, [settings.LOCAL_LIBRARY_USER]):
        yield from write_thumbnails_of_others(user=user, folder=folder)


def count_importable_in(*, user: User, folder: ResolvedPath) -> int:
    """Returns the largest number of pictures that an import of the folder would add. Raises `InvalidPath`."""
    return sum(count_importable(user=user, files=files) for files in batched(walk(folder), FILES_AT_ONCE))


def resume_imports() -> int:
    """Resumes unfinished imports that no process works on; returns the number of imported files."""
    waiting = list(FolderImport.objects.claimable().order_by("created_at").values_list("pk", flat=True))
    return sum(_run_import(import_id).imported for import_id in waiting)


def _run_import(
    import_id: UUID, seconds: float | None = None, on_progress: OnProgress | None = None
) -> FolderProgress:
    """Claims the import and runs it; deletes its row at the end."""
    token = FolderImport.objects.claimable().claim(import_id)
    if token is None:
        return FolderProgress(0, done=False)  # another process works on it
    claimed = FolderImport.objects.claimed_by(import_id, token)
    job = FolderImport.objects.select_related("owner").get(pk=import_id)
    try:
        with heartbeat(claimed):
            if job.only_thumbnails:
                progress = _write_rest(job, claimed)
            else:
                progress = _import_batches(job, claimed, seconds, on_progress)
        if progress.done:
            claimed.delete()
        return progress
    finally:
        claimed.update(**UNCLAIMED)


def _import_batches(
    job: FolderImport,
    claimed: LeasedQuerySet[FolderImport],
    seconds: float | None,
    on_progress: OnProgress | None,
) -> FolderProgress:
    """Imports batch by batch, until the time is over, or another process or an operator has ended the claim."""
    started, imported = monotonic(), 0
    folder = ResolvedPath(bytes(job.root), bytes(job.location), job.name)
    try:
        for files in batched(walk(folder), FILES_AT_ONCE):
            if not claimed.all().exists():
                return FolderProgress(imported, done=False)
            imported += import_files(user=job.owner, files=files, announced=MAX_ANNOUNCED - imported)
            if on_progress:
                on_progress(len(files))
            if seconds is not None and monotonic() - started > seconds:
                return FolderProgress(imported, done=False)
    except InvalidPath:  # the folder was removed
        pass
    return FolderProgress(imported, done=True)


def _write_rest(job: FolderImport, claimed: LeasedQuerySet[FolderImport]) -> FolderProgress:
    """Writes the thumbnails that the folder lacks, until another process or an operator has ended the claim."""
    folder = ResolvedPath(bytes(job.root), bytes(job.location), job.name)
    try:
        for _ in batched(_thumbnails(job.owner, folder), THUMBNAILS_AT_ONCE):
            if not claimed.all().exists():
                return FolderProgress(0, done=False)
    except (InvalidPath, FolderNotWritable) as error:
        logger.warning("The other thumbnails of %r cannot be written: %s", job.name, error)
    return FolderProgress(0, done=True)
