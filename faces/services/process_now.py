"""An album processed here and now, from its unfinished originals to who is on its photos."""

from collections.abc import Iterator, Sequence
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

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Processed:
    """What became of an album.

    `taken` says who else is deciding about it, `unfinished` is the number of photos that keep it waiting;
    `failures` are the photos that failed in this run, with the reason of each.
    """

    taken: AlbumState | None = None
    unfinished: int = 0
    failures: Sequence[tuple[UUID, str]] = ()

    @property
    def is_done(self) -> bool:
        return not (self.taken or self.unfinished)


def process_album_now(*, album_id: UUID, again: bool = False) -> Processed:
    """Looks at the album's unfinished originals, then decides who is on its photos; waits for no quiet.

    With `again`, originals that had failed get another chance. May be stopped at any point and called again.
    Raises `photos.storage.StorageUnavailable`: then the album stays pending.
    """
    if taken := taken_by_others(album_id):
        return Processed(taken=taken)
    if again:
        _originals(album_id).filter(status=Original.Status.FAILED).start_over()
    unfinished = list(_originals(album_id).unfinished().order_by("pk").values_list("pk", flat=True))
    make_ready(album_id=album_id)
    waiting = _look_at(album_id)
    failures = list(_failures(album_id, unfinished))
    if waiting:
        return Processed(unfinished=waiting, failures=failures)
    recognise_album(album_id=album_id)
    # Whoever did it: a worker may have been told of the last original that was finished here.
    return Processed(taken=taken_by_others(album_id), failures=failures)


def taken_by_others(album_id: UUID) -> AlbumState | None:
    """The album's state when somebody is deciding about it already; None when nobody is."""
    state = state_in_queue(album_id)
    return state if state and state.is_taken else None


def _originals(album_id: UUID) -> OriginalQuerySet:
    photos = Photo.objects.alive().filter(album=album_id)
    return Original.objects.filter(pk__in=photos.values("original"))


def _look_at(album_id: UUID) -> int:
    """Looks at what is unfinished, and waits for what others are looking at; how many are left after all."""
    until = monotonic() + PATIENCE_SECONDS
    while waiting := list(_originals(album_id).unfinished().order_by("pk").values_list("pk", flat=True)):
        for original_id in waiting:
            process_original(original_id=original_id)
        left = _originals(album_id).unfinished()
        if not left.filter(lease_until__gt=timezone.now()).exists() or monotonic() > until:
            return left.count()
        sleep(0.2)
    return 0


def _failures(album_id: UUID, original_ids: Sequence[UUID]) -> Iterator[tuple[UUID, str]]:
    for batch in batched(original_ids):
        failed = Photo.objects.alive().filter(
            album=album_id, original__in=batch, original__status=Original.Status.FAILED
        )
        yield from failed.order_by("pk").values_list("pk", "original__error")
