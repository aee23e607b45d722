"""The sweep: the database is the truth about what is left to do, so a lost message loses nothing."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from albums.models import Album
from albums.services import claim_missed_invitations
from albums.signals import album_ready
from faces.models import Selfie
from faces.selectors import processable_albums
from faces.services.selfies import refuse_lost_selfies
from faces.signals import selfie_stored
from photos.models import Original
from photos.services import fail_lost_originals
from photos.signals import original_prepared, original_stored, originals_finished

BATCH = 1000
# The broker has it: it is sent again only when it must have been lost.
SENT_AGAIN_AFTER = timedelta(minutes=5)
SELFIE_SENT_AGAIN_AFTER = timedelta(seconds=15)


def sweep(*, everything: bool = False) -> None:
    """Sends again what should have been done by now; with `everything`, whatever is not done."""
    claim_missed_invitations()
    if lost := fail_lost_originals():
        originals_finished.send(Original, original_ids=lost)
    refuse_lost_selfies()
    now = timezone.now()
    originals = Original.objects.claimable().order_by("created_at")
    selfies = Selfie.objects.claimable().order_by("created_at")
    if not everything:
        unsent = Q(queued_at=None) | Q(queued_at__lt=now - SENT_AGAIN_AFTER)
        originals = originals.filter(Q(claim__isnull=False) | unsent)
        selfies = selfies.filter(created_at__lt=now - SELFIE_SENT_AGAIN_AFTER)
    for original_id, prepared_at in originals.values_list("pk", "prepared_at")[:BATCH]:
        (original_prepared if prepared_at else original_stored).send(Original, original_id=original_id)
    for selfie_id in selfies.values_list("pk", flat=True)[:BATCH]:
        selfie_stored.send(Selfie, selfie_id=selfie_id)
    for album_id in processable_albums().values_list("pk", flat=True)[:BATCH]:
        album_ready.send(Album, album_id=album_id)
