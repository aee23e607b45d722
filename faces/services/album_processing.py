"""Processes an album in this process, from its unfinished originals to who is on its photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from uuid import UUID

from django.utils import timezone

from albums.selectors import state_in_queue
from albums.services import make_ready
from albums.states import AlbumState
from core.batching import batched
from faces.services.albums import recognise_album
from photos.models import Original, Photo
from photos.models.originals import OriginalQuerySet
from photos.pipeline import process_original

MAX_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class ProcessingResult:
    """What became of an album.

    `taken` is the album's state when somebody else is deciding about it, `unfinished` the number of photos that it
    still waits for; `failures` are the photos that failed in this run, each with its reason.
    """

    taken: AlbumState | None = None
    unfinished: int = 0
    failures: Sequence[tuple[UUID, str]] = ()

    @property
    def is_done(self) -> bool:
        return not (self.taken or self.unfinished)


def process_album_now(*, album_id: UUID, retry_failed: bool = False) -> ProcessingResult:
    """Processes the album's unfinished originals, then decides who is on its photos, without a quiet time.

    With `retry_failed`, originals that had failed are tried again. May be stopped at any point and called again.
    Raises `photos.storage.StorageUnavailable`: then the album stays pending.
    """
    if taken := taken_by_others(album_id):
        return ProcessingResult(taken=taken)
    if retry_failed:
        _originals(album_id).filter(status=Original.Status.FAILED).start_over()
    original_ids = list(_originals(album_id).unfinished().order_by("pk").values_list("pk", flat=True))
    make_ready(album_id=album_id)
    unfinished = _process_originals(album_id)
    failed = Photo.objects.alive().filter(album=album_id, original__status=Original.Status.FAILED).order_by("pk")
    failures = [
        row
        for batch in batched(original_ids)
        for row in failed.filter(original__in=batch).values_list("pk", "original__error")
    ]
    if unfinished:
        return ProcessingResult(unfinished=unfinished, failures=failures)
    recognise_album(album_id=album_id)
    # A worker may have done it instead: it hears of the last original that was finished here.
    return ProcessingResult(taken=taken_by_others(album_id), failures=failures)


def taken_by_others(album_id: UUID) -> AlbumState | None:
    """Returns the album's state when somebody is deciding about it already; None otherwise."""
    state = state_in_queue(album_id)
    return state if state and state.is_taken else None


def _originals(album_id: UUID) -> OriginalQuerySet:
    photos = Photo.objects.alive().filter(album=album_id)
    return Original.objects.filter(pk__in=photos.values("original"))


def _process_originals(album_id: UUID) -> int:
    """Processes unfinished originals, waits for those that workers process, and returns how many are left."""
    until = monotonic() + MAX_WAIT_SECONDS
    while waiting := list(_originals(album_id).unfinished().order_by("pk").values_list("pk", flat=True)):
        for original_id in waiting:
            process_original(original_id=original_id)
        left = _originals(album_id).unfinished()
        if not left.filter(lease_until__gt=timezone.now()).exists() or monotonic() > until:
            return left.count()
        sleep(0.2)
    return 0
