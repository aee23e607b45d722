"""Folders of any size: a request takes as much as it has time for, the worker the rest.

A folder stands in the database until all of it has been taken. What was taken is known, so that an import that was
interrupted goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from accounts.models import User
from core.batching import batched
from core.leases import UNCLAIMED, LeasedQuerySet, heartbeat
from photos.importing.files import FILES_AT_ONCE, MAX_ANNOUNCED, count_importable, import_files
from photos.importing.paths import InvalidPath, ResolvedPath, opened_folder, resolve_path
from photos.importing.walking import walk
from photos.models import FolderImport

REQUEST_SECONDS = 15.0

Seen = Callable[[int], Any]


@dataclass(frozen=True)
class FolderProgress:
    """How many files were taken, and whether that is all of the folder."""

    imported: int
    done: bool


def start_folder_import(*, user: User, folder_path: str) -> FolderProgress:
    """Takes the pictures of the folder and its sub-folders into the user's library.

    What cannot be taken in `REQUEST_SECONDS` is taken later. Raises `InvalidPath`.
    """
    return import_folder(user=user, folder=resolve_path(folder_path), seconds=REQUEST_SECONDS)


def import_folder(
    *, user: User, folder: ResolvedPath, seconds: float | None = None, seen: Seen | None = None
) -> FolderProgress:
    """The same for a folder already located; `seen` is told how many more files have been looked at.

    Raises `InvalidPath`.
    """
    with opened_folder(folder):
        job, _ = FolderImport.objects.get_or_create(
            owner=user, location=folder.location, defaults={"root": folder.root, "name": folder.name}
        )
    return _continue(job.pk, seconds, seen)


def cancel_import(*, user: User, folder: ResolvedPath) -> None:
    """The import ends where it is, instead of being taken up by a worker; what was taken stays."""
    FolderImport.objects.filter(owner=user, location=folder.location).delete()


def count_importable_in(*, user: User, folder: ResolvedPath) -> int:
    """How many pictures an import of the folder would take, at most. Raises `InvalidPath`."""
    return sum(count_importable(user=user, files=files) for files in batched(walk(folder), FILES_AT_ONCE))


def resume_imports() -> int:
    """Goes on with folders that were not finished and nobody is at; says how many files were taken."""
    waiting = list(FolderImport.objects.claimable().order_by("created_at").values_list("pk", flat=True))
    return sum(_continue(import_id, None, None).imported for import_id in waiting)


def _continue(import_id: UUID, seconds: float | None, seen: Seen | None) -> FolderProgress:
    token = FolderImport.objects.claimable().claim(import_id)
    if token is None:
        return FolderProgress(0, done=False)  # somebody is at it
    held = FolderImport.objects.claimed_by(import_id, token)
    job = FolderImport.objects.select_related("owner").get(pk=import_id)
    try:
        with heartbeat(held):
            progress = _take_all(job, held, seconds, seen)
        if progress.done:
            held.delete()
        return progress
    finally:
        held.update(**UNCLAIMED)


def _take_all(
    job: FolderImport, held: LeasedQuerySet[FolderImport], seconds: float | None, seen: Seen | None
) -> FolderProgress:
    """Ends before the next batch when `held` is no more: the import was taken over, or deleted by an operator."""
    started, taken = monotonic(), 0
    folder = ResolvedPath(bytes(job.root), bytes(job.location), job.name)
    try:
        for files in batched(walk(folder), FILES_AT_ONCE):
            if not held.all().exists():
                return FolderProgress(taken, done=False)
            taken += import_files(user=job.owner, files=files, announced=MAX_ANNOUNCED - taken)
            if seen:
                seen(len(files))
            if seconds is not None and monotonic() - started > seconds:
                return FolderProgress(taken, done=False)
    except InvalidPath:  # the folder is gone
        return FolderProgress(taken, done=True)
    return FolderProgress(taken, done=True)
