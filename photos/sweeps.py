"""What the sweep finds of the photos: originals that are not done."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from core.sweeping import register_sweep, rows_to_send
from photos.models import ImportedFile, Original
from photos.services import fail_lost_originals, send_to_stage
from photos.signals import originals_finished
from photos.stages import stage_named

# How many the broker is to hold at once, and after how long it must have lost what it was given: with one process
# this many originals take somewhat less.
MAX_SENT, SENT_AGAIN_AFTER = 500, timedelta(minutes=5)


@register_sweep
def sweep_lost_originals(*, everything: bool) -> None:
    if lost := fail_lost_originals():
        originals_finished.send(Original, original_ids=lost)


@register_sweep
def sweep_originals(*, everything: bool) -> None:
    """Uploads and what is imported have queues of their own: neither takes the other's room."""
    waiting = Original.objects.claimable().order_by("waiting_since")
    imported = Exists(ImportedFile.objects.filter(photo__original=OuterRef("pk")))
    for kind in (waiting.filter(~imported), waiting.filter(imported)):
        for original in rows_to_send(kind, limit=MAX_SENT, resend_after=SENT_AGAIN_AFTER, everything=everything):
            send_to_stage(original_ids=[original.pk], stage=stage_named(original.stage))
