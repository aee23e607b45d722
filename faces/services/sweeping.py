"""The sweep: the database is the truth about what is left to do, so a lost message loses nothing."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from albums.models import Album
from albums.services import claim_missed_invitations
from albums.signals import album_ready
from faces.models import PendingAssignment, Selfie
from faces.selectors import processable_albums
from faces.services.assignment import missed_assignments
from faces.services.selfies import refuse_lost_selfies
from faces.signals import assignment_missed, selfie_stored
from photos.models import Original
from photos.services import fail_lost_originals
from photos.signals import original_prepared, original_stored, originals_finished

BATCH = 1000
# The broker has it: it is sent again only when it must have been lost.
SENT_AGAIN_AFTER = timedelta(minutes=5)
ALBUM_SENT_AGAIN_AFTER = timedelta(minutes=1)
SELFIE_SENT_AGAIN_AFTER = timedelta(seconds=15)


def sweep(*, everything: bool = False) -> None:
    """Sends again what should have been done by now; with `everything`, whatever is not done."""
    claim_missed_invitations()
    if lost := fail_lost_originals():
        originals_finished.send(Original, original_ids=lost)
    refuse_lost_selfies()
    for original_id, prepared_at in _missed_originals(everything):
        (original_prepared if prepared_at else original_stored).send(Original, original_id=original_id)
    for selfie_id in _missed_selfies(everything):
        selfie_stored.send(Selfie, selfie_id=selfie_id)
    for original_id in missed_assignments(everything=everything):
        assignment_missed.send(PendingAssignment, original_id=original_id)
    for album_id in _missed_albums(everything):
        album_ready.send(Album, album_id=album_id)


def _missed_originals(everything: bool) -> list[tuple[UUID, datetime | None]]:
    """Those whose worker died first, then as many of the others as keep the broker's queue short."""
    waiting = Original.objects.claimable().order_by("waiting_since").values_list("pk", "prepared_at")
    if everything:
        return list(waiting[:BATCH])
    lapsed = list(waiting.filter(claim__isnull=False)[:BATCH])
    recently = timezone.now() - SENT_AGAIN_AFTER
    room = BATCH - len(lapsed) - waiting.filter(claim=None, queued_at__gte=recently).count()
    unsent = waiting.filter(claim=None).filter(Q(queued_at=None) | Q(queued_at__lt=recently))
    return [*lapsed, *unsent[: max(0, room)]]


def _missed_selfies(everything: bool) -> list[UUID]:
    selfies = Selfie.objects.claimable().order_by("created_at")
    if not everything:
        selfies = selfies.filter(created_at__lt=timezone.now() - SELFIE_SENT_AGAIN_AFTER)
    return list(selfies.values_list("pk", flat=True)[:BATCH])


def _missed_albums(everything: bool) -> list[UUID]:
    albums = processable_albums().order_by("touched_at")
    if not everything:
        unsent = Q(queued_at=None) | Q(queued_at__lt=timezone.now() - ALBUM_SENT_AGAIN_AFTER)
        albums = albums.filter(Q(claim__isnull=False) | unsent)
    return list(albums.values_list("pk", flat=True)[:BATCH])
