"""Processes originals again."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction

from albums.services import queue_now
from core.batching import batched
from photos.models import Original, Photo
from photos.services.processing import send_to_stage

MAX_ANNOUNCED = 500  # tasks that are sent at once; the sweep sends the rest


@transaction.atomic
def reprocess_originals(*, original_ids: Collection[UUID]) -> int:
    """Processes ready and failed originals again, through all stages; returns their number.

    Unfinished originals are left to their worker. Their albums are processed again, too; what an outside algorithm
    or an operator has decided stays.
    """
    reset_ids: list[UUID] = []
    finished = Original.objects.filter(status__in=(Original.Status.READY, Original.Status.FAILED))
    for batch in batched(original_ids):
        chosen = list(finished.select_for_update().filter(pk__in=batch).values_list("pk", flat=True))
        Original.objects.filter(pk__in=chosen).start_over()
        shown = Photo.objects.alive().filter(original__in=chosen).exclude(album=None)
        queue_now(album_ids=set(shown.values_list("album_id", flat=True)))
        reset_ids += chosen
    transaction.on_commit(partial(send_to_stage, original_ids=reset_ids[:MAX_ANNOUNCED]))
    return len(reset_ids)
