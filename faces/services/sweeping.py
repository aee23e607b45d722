"""The sweep: the database is the truth about what is left to do, so a lost message loses nothing."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from albums.models import Album, PendingAlbum
from albums.services import claim_missed_invitations
from albums.signals import album_ready
from core.leases import LeasedQuerySet, Queued, QueuedModel
from faces.models import Selfie
from faces.selectors import processable_albums
from faces.services.assignment import missed_assignments, send_assignment
from faces.services.selfies import refuse_lost_selfies, send_selfie
from photos.models import ImportedFile, Original
from photos.services import fail_lost_originals, send_to_preparing
from photos.signals import original_prepared, originals_finished

# How many of each kind the broker is to hold at once, and after how long it must have lost what it was given: with
# one process this many originals take somewhat less, and albums mostly far less.
MAX_SENT, SENT_AGAIN_AFTER = 500, timedelta(minutes=5)
MAX_ALBUMS_SENT, ALBUM_SENT_AGAIN_AFTER = 300, timedelta(minutes=1)
MAX_SELFIES_SENT, SELFIE_SENT_AGAIN_AFTER = 100, timedelta(seconds=30)


def sweep(*, everything: bool = False) -> None:
    """Sends again what should have been done by now; with `everything`, whatever is not done."""
    claim_missed_invitations()
    if lost := fail_lost_originals():
        originals_finished.send(Original, original_ids=lost)
    refuse_lost_selfies()
    for original in _missed_originals(everything):
        if original.prepared_at:
            original_prepared.send(Original, original_id=original.pk)
        else:
            send_to_preparing(original_ids=[original.pk])
    for selfie in _missed_selfies(everything):
        send_selfie(selfie_id=selfie.pk)
    for original_id in missed_assignments(everything=everything):
        send_assignment(original_id=original_id)
    for pending in _missed_albums(everything):
        album_ready.send(Album, album_id=pending.pk)


def _missed_originals(everything: bool) -> list[Original]:
    """Uploads and what is imported have queues of their own: neither takes the other's room."""
    waiting = Original.objects.claimable().order_by("waiting_since")
    imported = Exists(ImportedFile.objects.filter(photo__original=OuterRef("pk")))
    kinds = waiting.filter(~imported), waiting.filter(imported)
    return [row for kind in kinds for row in _missed(kind, MAX_SENT, SENT_AGAIN_AFTER, everything)]


def _missed_selfies(everything: bool) -> list[Selfie]:
    waiting = Selfie.objects.claimable().order_by("created_at")
    return _missed(waiting, MAX_SELFIES_SENT, SELFIE_SENT_AGAIN_AFTER, everything)


def _missed_albums(everything: bool) -> list[PendingAlbum]:
    waiting = processable_albums().order_by("touched_at")
    if settings.ALBUM_PROCESSOR != "builtin":
        waiting = waiting.filter(wanted_here=True)
    return _missed(waiting, MAX_ALBUMS_SENT, ALBUM_SENT_AGAIN_AFTER, everything)


def _missed(
    waiting: LeasedQuerySet[QueuedModel], most: int, again_after: timedelta, everything: bool
) -> list[QueuedModel]:
    """What a worker died with, then as many of the others as fill up what the broker is to hold."""
    if everything:
        return list(waiting[:most])
    since = timezone.now() - again_after
    lapsed = list(waiting.filter(claim__isnull=False)[:most])
    others = waiting.filter(claim=None)
    unsent = list(others.filter(Q(queued_at=None) | Q(queued_at__lt=since))[:most])
    room = most - len(lapsed) - others.filter(queued_at__gte=since).count() if unsent else 0
    return [*(row for row in lapsed if not _is_sent(row, since)), *unsent[: max(0, room)]]


def _is_sent(row: Queued, since: datetime) -> bool:
    """Whether it was sent since its worker died; for sure, for the clocks of two machines are not the same."""
    died_at = row.lease_until + timedelta(seconds=settings.LEASE_SECONDS) if row.lease_until else since
    return row.queued_at is not None and row.queued_at >= max(since, died_at)
