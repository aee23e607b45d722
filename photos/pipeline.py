"""The way of an original through its stages, whichever floor they are on: claim, work, send on or give up."""

import logging
from collections.abc import Callable
from uuid import UUID

from celery import Task
from django.conf import settings
from django.utils.module_loading import import_string

from core.faults import failure_message
from core.leases import heartbeat
from core.outages import TRANSIENT_ERRORS, retry_until_written
from photos.images import UnreadableImage
from photos.importing import SourceRefused
from photos.models import UNFINISHED, Original
from photos.reading import OriginalRefused
from photos.services import claim_original, fail_original, release_original, send_to_stage
from photos.signals import original_processed, originals_finished
from photos.stages import STAGES, stage_named

logger = logging.getLogger(__name__)
StageFailed = (OriginalRefused, SourceRefused, UnreadableImage)
Work = Callable[[Original, UUID], UUID | None]


def process_original(*, original_id: UUID) -> None:
    """Takes an original through all its stages, here and now, as far as that is to be done.

    Raises `photos.storage.StorageUnavailable`.
    """
    for stage in STAGES:
        task: Task = import_string(stage.task)
        task.run(str(original_id))


def run_stage(name: str, work: Work, *, original_id: UUID) -> None:
    """Claims the original for the stage, works on it, sees to what went wrong, and sends it on.

    `work` takes the original and the claim's token. It writes what it has found together with `finish_stage`, and
    returns the id of the original that has come a stage further by it: its own, or a twin's that has it already;
    None when another worker has taken the work over.

    Does nothing when the original is in another stage, or in other hands. Raises what is an outage, such as
    `photos.storage.StorageUnavailable`; the original waits then, and no try is counted.
    """
    claimed = claim_original(original_id=original_id, stage=name)
    if claimed is None:
        return
    original, token = claimed
    with heartbeat(Original.objects.claimed_by(original_id, token)):
        try:
            further = _worked(work, original, token)
        except TRANSIENT_ERRORS:
            retry_until_written(lambda: release_original(original_id=original_id, token=token))
            raise
    if further:
        _go_on(further, is_own=further == original_id)


def _worked(work: Work, original: Original, token: UUID) -> UUID | None:
    """The original that has come further: also one that fails, by what it is or by its last try."""
    try:
        return work(original, token)
    except StageFailed as error:
        reason = str(error)
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:  # ours or the machine's: tried again when the lease has lapsed
        tries = f"try {original.tries} of {settings.PROCESSING_TRIES}"
        logger.exception("The original %s was not processed (%s).", original.pk, tries)
        if original.tries < settings.PROCESSING_TRIES:
            raise
        reason = failure_message(error)
    failed = fail_original(original_id=original.pk, token=token, reason=reason)
    return original.pk if failed else None


def _go_on(original_id: UUID, *, is_own: bool) -> None:
    """Sends the original to its next stage, or tells that it is done or failed; a twin has a worker of its own."""
    original = Original.objects.filter(pk=original_id).first()
    if original is None:
        return
    if original.status in UNFINISHED:
        if is_own:
            send_to_stage(original_ids=[original_id], stage=stage_named(original.stage))
        return
    if is_own and original.status == Original.Status.READY:
        original_processed.send_robust(Original, original_id=original_id, stage_seconds=original.stage_seconds)
    originals_finished.send(Original, original_ids=[original_id])
