"""The pending queue: which albums wait for somebody to decide who is on their photos."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, When
from django.utils import timezone

from accounts.models import User
from accounts.services import queue_push
from albums.models import Album, AlbumQuerySet, PendingAlbum, PendingAlbumQuerySet
from albums.selectors import members_of
from albums.signals import album_ready
from core.batching import batched
from core.leases import UNCLAIMED

UNTOUCHED = {"done_uploading": False, "touched_since_claim": False, "answered": False}
MAX_ANNOUNCED = 100  # the sweep finds the others, and the page is not held up


def touch(*, album_ids: Iterable[UUID]) -> None:
    """Something was uploaded: the albums wait until they have been quiet for a while."""
    ids = list(album_ids)
    Album.objects.filter(pk__in=ids).update(updated_at=timezone.now())
    _queue(ids, done=False)


def queue_now(*, album_ids: Iterable[UUID]) -> None:
    """The albums need not wait any longer."""
    ids = list(album_ids)
    _queue(ids, done=True)
    transaction.on_commit(lambda: _announce(ids))


def _announce(album_ids: list[UUID]) -> None:
    for album_id in album_ids:
        album_ready.send(Album, album_id=album_id)


def _queue(album_ids: Iterable[UUID], *, done: bool) -> None:
    """One statement: between two, the worker that holds the album could finish and the touch be lost."""
    now = timezone.now()
    rows = [
        PendingAlbum(album_id=pk, touched_at=now, done_uploading=done, touched_since_claim=True)
        for pk in sorted(set(album_ids))  # in one order, so that two requests do not wait for each other
    ]
    PendingAlbum.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["album"],
        update_fields=["touched_at", "touched_since_claim", *(["done_uploading"] if done else [])],
    )


def queue_albums_of(*, user: User) -> None:
    """What the user looks like has changed: their albums are looked through again."""
    queue_now(album_ids=list(Album.objects.visible_to(user).values_list("pk", flat=True)))


@transaction.atomic
def mark_done_uploading(*, album: Album, user: User) -> None:
    """The user has uploaded all they wanted: the album may be processed now, and the others are told."""
    queue_now(album_ids=[album.pk])
    queue_push(
        users=[member for member in members_of(album) if member != user],
        body=f"{user.name or 'A friend'} added photos to “{album.name}”",
        data={"album_id": str(album.pk), "type": "added_photos"},
    )


def claim_pending_album(*, candidates: PendingAlbumQuerySet, leased: bool = True) -> tuple[UUID, UUID] | None:
    """Takes the candidate that has waited longest: its album's id and the claim's token. None when there is none.

    Without a lease the album stays taken until it is touched or reset: so it is handed to an outside algorithm.
    """
    while (row := candidates.order_by("touched_at").first()) is not None:
        # By the row's own columns: PostgreSQL would not look again at what other tables said, and claim twice.
        unchanged = PendingAlbum.objects.filter(
            claim=row.claim, lease_until=row.lease_until, touched_at=row.touched_at
        )
        if token := unchanged.claim(row.pk, leased=leased, **UNTOUCHED):
            return row.pk, token
    return None


def note_answered(*, album_ids: Iterable[UUID]) -> None:
    """An outside algorithm has decided. The albums that it took stay taken, and are not handed out again."""
    PendingAlbum.objects.filter(album__in=album_ids).taken_outside().update(answered=True)


@transaction.atomic
def finish_pending_album(*, album_id: UUID, token: UUID) -> bool:
    """Ends a claim: the album leaves the queue, or waits again when it was touched meanwhile.

    False when the claim no longer held: then nothing of the work may be written.
    """
    held = PendingAlbum.objects.claimed_by(album_id, token)
    # In this order: a touch may come at any moment, and is never taken back while the claim holds.
    if held.filter(touched_since_claim=False).delete()[0]:
        return True
    # Marked done since it was claimed: by an operator who wants it here again, or by a member meanwhile.
    wanted_again = Case(When(done_uploading=True, then=F("wanted_here")), default=False)
    touched = held.filter(touched_since_claim=True).update(queued_at=None, wanted_here=wanted_again, **UNCLAIMED)
    if touched:
        transaction.on_commit(lambda: _announce([album_id]))
    return bool(touched)


def note_album_queued(*, album_id: UUID) -> None:
    """The broker has taken the album's task."""
    PendingAlbum.objects.filter(pk=album_id).update(queued_at=timezone.now())


@transaction.atomic
def make_ready(*, album_id: UUID) -> None:
    """The album need not wait any longer. Nobody is told: the caller is about to process it.

    Should the caller be stopped, this server's own worker does so.
    """
    _queue([album_id], done=True)
    PendingAlbum.objects.filter(pk=album_id).update(wanted_here=True)


def queue_all_albums() -> int:
    """Sets every album as pending, those taken by an outside algorithm too; returns how many there are."""
    return queue_albums(albums=Album.objects.all())


@transaction.atomic
def queue_albums(*, albums: AlbumQuerySet) -> int:
    """Sets these albums as pending, those taken by an outside algorithm too; returns how many there are."""
    return len(_queue_again(albums))


def _queue_again(albums: AlbumQuerySet, *, wanted_here: bool = False) -> list[UUID]:
    ids = list(albums.alive().values_list("pk", flat=True))
    for batch in batched(ids):
        _queue(batch, done=True)
        PendingAlbum.objects.filter(pk__in=batch, lease_until=None).update(**UNCLAIMED)
        if wanted_here:
            PendingAlbum.objects.filter(pk__in=batch).update(wanted_here=True)
    return ids


@transaction.atomic
def process_now(*, albums: AlbumQuerySet) -> int:
    """Has this server's own worker process the albums once their photos are done or failed; returns how many."""
    ids = _queue_again(albums, wanted_here=True)
    transaction.on_commit(lambda: _announce(ids[:MAX_ANNOUNCED]))
    return len(ids)


@transaction.atomic
def empty_queue(*, albums: AlbumQuerySet | None = None) -> int:
    """Takes all albums (or these) out of the queue but those that a worker is working on.

    Returns how many were waiting.
    """
    rows = PendingAlbum.objects.all() if albums is None else PendingAlbum.objects.filter(album__in=albums)
    left = rows.exclude(lease_until__gt=timezone.now())
    waiting = left.queued().count()
    left.delete()
    return waiting
