"""Sweeps of photos: send unfinished originals to the broker again."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from core.sweeping import register_sweep, rows_to_send
from photos.images import limit_megabytes
from photos.models import ImportedFile, Original
from photos.services import fail_lost_originals, look_for_files, reprocess_originals, send_to_stage
from photos.signals import originals_finished
from photos.stages import stage_named

# The most tasks that the broker holds at once, and the time after which a task counts as lost. One process works
# through this many originals in somewhat less time.
MAX_SENT, SENT_AGAIN_AFTER = 500, timedelta(minutes=5)


@register_sweep
def sweep_lost_originals(*, everything: bool) -> None:
    """Fails originals whose worker died in every try."""
    if lost := fail_lost_originals():
        originals_finished.send(Original, original_ids=lost)


@register_sweep
def sweep_originals(*, everything: bool) -> None:
    """Sends waiting originals again. Uploads and imports are limited separately, as they have separate queues."""
    waiting = Original.objects.claimable().order_by("waiting_since")
    imported = Exists(ImportedFile.objects.filter(photo__original=OuterRef("pk")))
    for kind in (waiting.filter(~imported), waiting.filter(imported)):
        for original in rows_to_send(kind, limit=MAX_SENT, resend_after=SENT_AGAIN_AFTER, everything=everything):
            send_to_stage(original_ids=[original.pk], stage=stage_named(original.stage))


@register_sweep
def sweep_too_large(*, everything: bool) -> None:
    """When a worker starts: processes originals again that needed more memory than there was."""
    if everything:
        fitting = Original.objects.failed().filter(needs_megabytes__lte=limit_megabytes())
        reprocess_originals(original_ids=list(fitting.values_list("pk", flat=True)))


@register_sweep
def sweep_awaited_files(*, everything: bool) -> None:
    """Looks for the files of keys that were registered before them."""
    look_for_files()
