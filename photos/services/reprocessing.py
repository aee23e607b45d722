"""Looking at originals again."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction

from albums.services import queue_now
from core.batching import batched
from photos.models import Original, Photo
from photos.services.processing import send_to_stage

MAX_ANNOUNCED = 500  # sent to the worker at once; the sweep finds the others


@transaction.atomic
def reprocess_originals(*, original_ids: Collection[UUID]) -> int:
    """Has originals that are done or failed looked at from the beginning, with all their tries; says how many.

    Those that a worker has in hand are left to it. Albums that show them are decided about again afterwards; what
    an outside algorithm or an operator has said stays. The sweep sends on what is too much for one go.
    """
    again: list[UUID] = []
    over = Original.objects.filter(status__in=(Original.Status.READY, Original.Status.FAILED))
    for batch in batched(original_ids):
        chosen = list(over.select_for_update().filter(pk__in=batch).values_list("pk", flat=True))
        Original.objects.filter(pk__in=chosen).start_over()
        shown = Photo.objects.alive().filter(original__in=chosen).exclude(album=None)
        queue_now(album_ids=set(shown.values_list("album_id", flat=True)))
        again += chosen
    transaction.on_commit(partial(send_to_stage, original_ids=again[:MAX_ANNOUNCED]))
    return len(again)
