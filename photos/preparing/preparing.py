"""Renditions, colour, time and place of an original."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.faults import reason_to_give_up
from core.leases import heartbeat
from core.outages import TRANSIENT_ERRORS, retry_until_written
from core.timing import StageTimer
from photos import storage
from photos.images import (
    Picture,
    RenditionFile,
    UnreadableImage,
    make_renditions,
    overall_colour,
    read_picture,
)
from photos.importing import SourceRefused
from photos.models import Original, Rendition
from photos.preparing.reading import Refused, read_original
from photos.services import (
    Analysis,
    claim_original,
    drop_files,
    fail_original,
    note_content,
    note_prepared,
    release_original,
)
from photos.signals import original_prepared, originals_finished

logger = logging.getLogger(__name__)
StepFailed = (Refused, SourceRefused, UnreadableImage)
Step = Callable[[Original, UUID], UUID | None]


def make_viewable(*, original_id: UUID) -> None:
    """Makes all of an original that can be seen, once; does nothing when that is done or in other hands.

    Raises `photos.storage.StorageUnavailable`; the original waits then, and no try is counted.
    """
    step(_prepare, original_id=original_id, prepared=False)


def step(work: Step, *, original_id: UUID, prepared: bool) -> None:
    """Claims the original for one of its two steps, works on it, and sees to what went wrong.

    `work` takes the original and the claim's token, and returns the id of the original that is finished by it.
    """
    claimed = claim_original(original_id=original_id, prepared=prepared)
    if claimed is None:
        return
    original, token = claimed
    with heartbeat(Original.objects.claimed_by(original_id, token)):
        try:
            finished = _worked(work, original, token)
        except TRANSIENT_ERRORS:
            retry_until_written(lambda: release_original(original_id=original_id, token=token))
            raise
    if finished:
        originals_finished.send(Original, original_ids=[finished])


def _worked(work: Step, original: Original, token: UUID) -> UUID | None:
    """The original that is finished: also one that fails, by what it is or by its last try."""
    try:
        return work(original, token)
    except StepFailed as error:
        reason = str(error)
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:  # ours or the machine's: tried again when the lease has lapsed
        tries = f"try {original.tries} of {settings.PROCESSING_TRIES}"
        logger.exception("The original %s was not processed (%s).", original.pk, tries)
        if original.tries < settings.PROCESSING_TRIES:
            raise
        reason = reason_to_give_up(error)
    failed = fail_original(original_id=original.pk, token=token, reason=reason)
    return original.pk if failed else None


def _prepare(original: Original, token: UUID) -> UUID | None:
    """The twin that the owner has stored before, if there is one: it may be finished."""
    timer = StageTimer()
    with timer.stage("read"):
        data = read_original(original)
    same = note_content(original=original, token=token, **data.facts)
    if same != original.pk:
        return same
    with timer.stage("decode"):
        picture = read_picture(data.content)
    renditions = _make_renditions(original, picture, timer)
    analysis = _analysis(picture, renditions, timer.seconds)
    with transaction.atomic():
        noted = note_prepared(original_id=original.pk, token=token, analysis=analysis)
    if noted:
        original_prepared.send(Original, original_id=original.pk)
    elif not Original.objects.filter(pk=original.pk).exists():
        drop_files(keys=[rendition.key for rendition in renditions])  # erased meanwhile, its files before these
    return None


def _make_renditions(original: Original, picture: Picture, timer: StageTimer) -> list[Rendition]:
    watermark = original.owner.watermark_text or settings.WATERMARK_TEXT
    with timer.stage("renditions"):
        files = list(make_renditions(picture, watermark))
    with timer.stage("store"):
        return [_store_rendition(original, file) for file in files]


def _store_rendition(original: Original, file: RenditionFile) -> Rendition:
    key = storage.rendition_key(original.pk, file.kind)
    storage.save(key, file.data, "image/jpeg")
    return Rendition(original=original, kind=file.kind, key=key, width=file.width, height=file.height)


def _analysis(picture: Picture, renditions: list[Rendition], stage_seconds: dict[str, float]) -> Analysis:
    return Analysis(
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        hue=overall_colour(picture),
        taken_at=picture.taken_at,
        latitude=picture.latitude,
        longitude=picture.longitude,
        renditions=renditions,
        stage_seconds=stage_seconds,
    )
