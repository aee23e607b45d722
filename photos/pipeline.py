"""Runs a stage of an original's processing: claims it, works on it, sends it to the next stage or fails it."""

import logging
from collections.abc import Callable
from uuid import UUID

from celery import Task
from django.conf import settings
from django.utils.module_loading import import_string

from core.faults import NO_FAULT, failure_message, fault_columns
from core.leases import heartbeat
from core.outages import TRANSIENT_ERRORS, retry_until_written
from photos.images import PictureTooLarge, UnreadableImage
from photos.importing import SourceRefused
from photos.models import UNFINISHED, Original
from photos.reading import OriginalRefused
from photos.services import claim_original, fail_original, note_fault, release_original, send_to_stage
from photos.signals import original_processed, originals_finished
from photos.stages import STAGES, stage_named

logger = logging.getLogger(__name__)
StageFailed = (OriginalRefused, SourceRefused, UnreadableImage)
StageWork = Callable[[Original, UUID], UUID | None]


def process_original(*, original_id: UUID) -> None:
    """Runs all stages of an original that are not done yet, one after the other, in this process.

    Raises `photos.storage.StorageUnavailable`.
    """
    for stage in STAGES:
        task: Task = import_string(stage.task)
        task.run(str(original_id))


def run_stage(name: str, work: StageWork, *, original_id: UUID) -> None:
    """Claims the original for the stage, calls `work`, handles its errors, sends the original to the next stage.

    `work` gets the original and the claim's token. It writes its results in one transaction with `finish_stage`
    and returns the id of the original that has finished the stage: its own, or a duplicate's when the two were
    merged; None when another worker has taken over the claim.

    Does nothing when the original is in another stage, or claimed by another worker. Outages such as
    `photos.storage.StorageUnavailable` are raised again: the original is released, and the try is not counted.
    """
    claimed = claim_original(original_id=original_id, stage=name)
    if claimed is None:
        return
    original, token = claimed
    with heartbeat(Original.objects.claimed_by(original_id, token)):
        try:
            finished_id = _work_or_fail(work, original, token)
        except TRANSIENT_ERRORS:
            retry_until_written(lambda: release_original(original_id=original_id, token=token))
            raise
    if finished_id:
        _send_on(finished_id, is_own=finished_id == original_id)


def _work_or_fail(work: StageWork, original: Original, token: UUID) -> UUID | None:
    """Calls `work`; marks the original as failed after a permanent error or the last try.

    Returns the id that `work` returned, or that of the failed original; None when the claim was lost.
    """
    fault, needs_megabytes = NO_FAULT, None
    try:
        return work(original, token)
    except StageFailed as error:
        reason = str(error)
        needs_megabytes = error.megabytes if isinstance(error, PictureTooLarge) else None
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:  # a bug, or too little memory: tried again when the lease has lapsed
        tries = f"try {original.tries} of {settings.PROCESSING_TRIES}"
        logger.exception("The original %s was not processed (%s).", original.pk, tries)
        fault = fault_columns(error, doing=f"stage {original.stage}, {tries}")
        if original.tries < settings.PROCESSING_TRIES:
            note_fault(original_id=original.pk, token=token, fault=fault)
            raise
        reason = failure_message(error)
    failed = fail_original(
        original_id=original.pk, token=token, reason=reason, fault=fault, needs_megabytes=needs_megabytes
    )
    return original.pk if failed else None


def _send_on(original_id: UUID, *, is_own: bool) -> None:
    """Sends the original to its next stage, or sends the signals of a finished one.

    A duplicate with which it was merged (`is_own` is false) is sent on by the worker that processes it.
    """
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
