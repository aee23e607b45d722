"""The pending queue: which albums wait for somebody to decide who is on their photos."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import queue_push
from albums.leases import FREE
from albums.models import Album, PendingAlbum, PendingAlbumQuerySet
from albums.selectors import members_of
from albums.signals import album_ready

BATCH = 1000  # databases bound the number of parameters of a query


def touch(*, album_ids: Iterable[UUID]) -> None:
    """Something was uploaded: the albums wait until they have been quiet for a while."""
    _queue(album_ids, done=False)


def queue_now(*, album_ids: Iterable[UUID]) -> None:
    """The albums need not wait any longer."""
    ids = list(album_ids)
    _queue(ids, done=True)
    transaction.on_commit(lambda: _announce(ids))


def _announce(album_ids: list[UUID]) -> None:
    for album_id in album_ids:
        album_ready.send(Album, album_id=album_id)


@transaction.atomic
def _queue(album_ids: Iterable[UUID], *, done: bool) -> None:
    now = timezone.now()
    ids = list(album_ids)
    rows = [PendingAlbum(album_id=pk, touched_at=now, done_uploading=done) for pk in ids]
    PendingAlbum.objects.bulk_create(rows, ignore_conflicts=True)
    marked = {"done_uploading": True} if done else {}
    PendingAlbum.objects.filter(album__in=ids).update(touched_at=now, touched_since_claim=True, **marked)


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
    while (pk := candidates.order_by("touched_at").values_list("pk", flat=True).first()) is not None:
        if token := candidates.take(pk, leased=leased, done_uploading=False, touched_since_claim=False):
            return pk, token
    return None


@transaction.atomic
def finish_pending_album(*, album_id: UUID, token: UUID) -> bool:
    """Ends a claim: the album leaves the queue, or waits again when it was touched meanwhile.

    False when the claim no longer held: then nothing of the work may be written.
    """
    held = PendingAlbum.objects.held(album_id, token)
    touched = held.filter(touched_since_claim=True).update(**FREE)
    if touched:
        transaction.on_commit(lambda: _announce([album_id]))
    return bool(touched or held.delete()[0])


@transaction.atomic
def queue_all_albums() -> int:
    """Sets every album as pending, those taken by an outside algorithm too; returns how many there are."""
    ids = list(Album.objects.alive().values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        _queue(ids[start : start + BATCH], done=True)
    PendingAlbum.objects.filter(lease_until=None).update(**FREE)
    return len(ids)


@transaction.atomic
def empty_queue() -> int:
    """Takes all albums out of the queue but those that a worker is working on; returns how many were waiting."""
    waiting = PendingAlbum.objects.untaken().count()
    PendingAlbum.objects.exclude(lease_until__gt=timezone.now()).delete()
    return waiting
