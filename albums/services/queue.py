"""The pending queue: albums for which it must be decided who is on their photos."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, When
from django.utils import timezone

from accounts.models import User
from accounts.services import queue_push
from albums.models import Album, AlbumQuerySet, PendingAlbum, PendingAlbumQuerySet
from albums.selectors import members_of
from albums.signals import album_ready
from core.batching import batched
from core.leases import UNCLAIMED, lease_end

RESET_BY_CLAIM = {"done_uploading": False, "touched_since_claim": False, "answered": False}
MAX_ANNOUNCED = 100  # the sweep finds the others; more would delay the operator's page


def touch_albums(*, album_ids: Iterable[UUID]) -> None:
    """Queues albums after an upload. They wait until nothing was uploaded for a while."""
    ids = list(album_ids)
    Album.objects.filter(pk__in=ids).update(updated_at=timezone.now())
    _queue(ids, done=False)


def queue_now(*, album_ids: Iterable[UUID]) -> None:
    """Queues albums so that they do not wait for the end of uploads."""
    ids = list(album_ids)
    _queue(ids, done=True)
    transaction.on_commit(lambda: _announce(ids))


def queue_quietly(*, album_ids: Iterable[UUID]) -> None:
    """Queues albums until nothing has queued them for a while, though no member has changed anything in them."""
    _queue(album_ids, done=False)


def _announce(album_ids: list[UUID]) -> None:
    for album_id in album_ids:
        album_ready.send(Album, album_id=album_id)


def _queue(album_ids: Iterable[UUID], *, done: bool) -> None:
    """Uses a single statement: between two, the worker that has the album could finish, and the touch be lost."""
    now = timezone.now()
    rows = [
        PendingAlbum(album_id=pk, touched_at=now, done_uploading=done, touched_since_claim=True)
        for pk in sorted(set(album_ids))  # sorted, so that two requests do not wait for each other
    ]
    PendingAlbum.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["album"],
        update_fields=["touched_at", "touched_since_claim", *(["done_uploading"] if done else [])],
    )


def queue_albums_of_user(*, user: User) -> None:
    """Queues all albums of the user, because how they look has changed."""
    queue_now(album_ids=list(Album.objects.visible_to(user).values_list("pk", flat=True)))


@transaction.atomic
def mark_done_uploading(*, album: Album, user: User) -> None:
    """Queues the album, because the user has uploaded everything, and sends a push to the other members."""
    queue_now(album_ids=[album.pk])
    queue_push(
        users=[member for member in members_of(album) if member != user],
        body=f"{user.name or 'A friend'} added photos to “{album.name}”",
        data={"album_id": str(album.pk), "type": "added_photos"},
        caused_by=user,
    )


def claim_pending_album(*, candidates: PendingAlbumQuerySet, outside: bool = False) -> tuple[UUID, UUID] | None:
    """Claims the candidate that has waited longest; returns its album's id and the claim's token, or None.

    `outside` is for an outside algorithm, whose lease lasts `ALGO_LEASE_SECONDS`; see `hand_out_album`.
    """
    seconds = settings.ALGO_LEASE_SECONDS if outside else None
    while (row := candidates.order_by("touched_at").first()) is not None:
        # Filtered by the row's own columns: PostgreSQL would not check other tables again, and claim twice.
        unchanged = PendingAlbum.objects.filter(
            claim=row.claim, lease_until=row.lease_until, touched_at=row.touched_at
        )
        if token := unchanged.claim(row.pk, seconds=seconds, outside=outside, **RESET_BY_CLAIM):
            return row.pk, token
    return None


def hand_out_album() -> UUID | None:
    """Claims the pending album that has waited longest for an outside algorithm; returns its id, or None.

    It is handed out again when it is touched or reset, or when nothing is heard of it for `ALGO_LEASE_SECONDS`.
    Albums that an operator wants processed by this server are left to it.
    """
    shorten_leases()
    claimed = claim_pending_album(candidates=PendingAlbum.objects.ready().filter(wanted_here=False), outside=True)
    return claimed[0] if claimed else None


def renew_lease(*, album_id: UUID) -> None:
    """Renews the lease of an album that an outside algorithm has: it was heard of. A lapsed lease stays lapsed."""
    taken = PendingAlbum.objects.filter(pk=album_id).handed_out().taken()
    taken.update(lease_until=lease_end(settings.ALGO_LEASE_SECONDS))


def shorten_leases() -> None:
    """Lets no algorithm's lease end later than one that begins now, as it would after a clock was put back."""
    PendingAlbum.objects.handed_out().shorten(seconds=settings.ALGO_LEASE_SECONDS)


def mark_answered(*, album_ids: Iterable[UUID]) -> None:
    """Marks albums that an outside algorithm has answered. They stay claimed and are not handed out again."""
    handed_out = PendingAlbum.objects.filter(album__in=album_ids).handed_out()
    handed_out.update(answered=True, lease_until=lease_end(settings.ALGO_LEASE_SECONDS))


@transaction.atomic
def finish_pending_album(*, album_id: UUID, token: UUID) -> bool:
    """Ends a claim: the album leaves the queue, or waits again when it was touched meanwhile.

    Returns False when the claim had been lost. The caller must then write nothing.
    """
    claimed = PendingAlbum.objects.claimed_by(album_id, token)
    # In this order, because a touch may come at any moment, and nothing resets it while the claim lasts.
    if claimed.filter(touched_since_claim=False).delete()[0]:
        return True
    # When it was marked done since the claim, by an operator or a member, an operator's wish still counts.
    wanted_again = Case(When(done_uploading=True, then=F("wanted_here")), default=False)
    touched = claimed.filter(touched_since_claim=True).update(
        queued_at=None, wanted_here=wanted_again, **UNCLAIMED
    )
    if touched:
        transaction.on_commit(lambda: _announce([album_id]))
    return bool(touched)


def mark_task_queued(*, album_id: UUID) -> None:
    """Stores that the broker has accepted the album's task."""
    PendingAlbum.objects.filter(pk=album_id).update(queued_at=timezone.now())


@transaction.atomic
def make_ready(*, album_id: UUID) -> None:
    """Queues an album that the caller is about to process, without sending `album_ready`.

    When the caller is stopped, this server's own worker processes it.
    """
    _queue([album_id], done=True)
    PendingAlbum.objects.filter(pk=album_id).update(wanted_here=True)


def queue_all_albums() -> int:
    """Queues every album, also those that an outside algorithm has taken, and returns their number."""
    return queue_albums(albums=Album.objects.all())


@transaction.atomic
def queue_albums(*, albums: AlbumQuerySet) -> int:
    """Queues these albums, also those that an outside algorithm has taken, and returns their number."""
    return len(_queue_anew(albums))


def _queue_anew(albums: AlbumQuerySet, *, wanted_here: bool = False) -> list[UUID]:
    ids = list(albums.alive().values_list("pk", flat=True))
    for batch in batched(ids):
        _queue(batch, done=True)
        PendingAlbum.objects.filter(pk__in=batch).handed_out().update(outside=False, **UNCLAIMED)
        if wanted_here:
            PendingAlbum.objects.filter(pk__in=batch).update(wanted_here=True)
    return ids


@transaction.atomic
def process_now(*, albums: AlbumQuerySet) -> int:
    """Has this server's worker process the albums as soon as their photos are finished; returns their number."""
    ids = _queue_anew(albums, wanted_here=True)
    transaction.on_commit(lambda: _announce(ids[:MAX_ANNOUNCED]))
    return len(ids)


@transaction.atomic
def clear_queue(*, albums: AlbumQuerySet | None = None) -> int:
    """Removes all albums, or these, from the queue, except those that a worker is processing.

    Returns the number that were waiting.
    """
    rows = PendingAlbum.objects.all() if albums is None else PendingAlbum.objects.filter(album__in=albums)
    removable = rows.exclude(outside=False, lease_until__gt=timezone.now())
    waiting = removable.queued().count()
    removable.delete()
    return waiting
