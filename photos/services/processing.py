"""Writes of the worker to an original: claims it, saves its analysis, finishes or fails it.

Every write is conditional on the claim, so that a worker that has lost its claim cannot write.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from core.enqueueing import send_task
from core.faults import NO_FAULT, FaultColumns
from core.leases import UNCLAIMED
from photos.models import Original, Photo, Rendition
from photos.selectors import queue_for
from photos.services.trash import trash_removed_content
from photos.signals import photos_arrived
from photos.stages import FIRST_STAGE, Stage, stage_after

MAX_ERROR = 300


@dataclass(frozen=True)
class Analysis:
    """The results of the first stage, and the seconds that each part of it took.

    Sizes are in pixels of the upright picture; `hue` is `#rrggbb`.
    """

    content_type: str
    width: int
    height: int
    hue: str
    taken_at: datetime | None  # in the time zone of the camera, where the picture tells it
    latitude: float | None
    longitude: float | None
    renditions: Sequence[Rendition]
    note: str = ""  # of a picture that can be shown, though something is wrong with it
    stage_seconds: Mapping[str, float] = field(default_factory=dict)


def send_to_stage(*, original_ids: Iterable[UUID], stage: Stage = FIRST_STAGE) -> None:
    """Sends the stage's task for each of the originals to the broker, without waiting for a commit."""
    for original_id in original_ids:
        if send_task(stage.task, str(original_id), queue=queue_for(original_id)):
            Original.objects.filter(pk=original_id).update(queued_at=timezone.now())


def claim_original(*, original_id: UUID, stage: str) -> tuple[Original, UUID] | None:
    """Returns the original and the claim's token; None when it is in another stage or claimed already."""
    candidates = Original.objects.claimable().filter(stage=stage, tries__lt=settings.PROCESSING_TRIES)
    token = candidates.claim(original_id, status=Original.Status.PROCESSING, tries=F("tries") + 1)
    if token is None:
        return None
    return Original.objects.get(pk=original_id), token


def record_content(*, original: Original, token: UUID, sha256: str, size: int, etag: str) -> UUID | None:
    """Saves what was read; returns the id of the original that has these bytes, None when the claim was lost.

    If the owner has another original with the same bytes, this one is merged into it: its photos get the other
    original, and it is deleted. Photos of a picture that an album's owner has deleted there leave the album.
    """
    same = Original.objects.filter(owner=original.owner_id, sha256=sha256).exclude(pk=original.pk)
    try:
        with transaction.atomic():
            claimed = Original.objects.claimed_by(original.pk, token)
            # Locked: a transaction that adds a photo of this original waits, so that its photo is not left out.
            if claimed.select_for_update().first() is None:
                return None
            photos = Photo.objects.filter(original=original)
            ids = list(photos.values_list("pk", flat=True))
            if not (duplicate := same.first()):
                claimed.update(sha256=sha256, size=size, etag=etag)
                if original.sha256 is None:
                    trash_removed_content(original=original, sha256=sha256, photo_ids=ids)
                return original.pk
            photos.update(original=duplicate, updated_at=timezone.now())
            trash_removed_content(original=original, sha256=sha256, photo_ids=ids)
            photos_arrived.send(Photo, photo_ids=ids)
            original.delete()
            return duplicate.pk
    except IntegrityError:  # another worker saved a duplicate between our query and our update
        return record_content(original=original, token=token, sha256=sha256, size=size, etag=etag)


def save_analysis(*, original: Original, token: UUID, analysis: Analysis) -> bool:
    """Saves the analysis and the renditions, and finishes the stage; returns False when the claim was lost.

    Call it inside a transaction.
    """
    saved = finish_stage(
        original=original,
        token=token,
        stage_seconds=analysis.stage_seconds,
        content_type=analysis.content_type,
        width=analysis.width,
        height=analysis.height,
        ratio=analysis.width / analysis.height,
        hue=analysis.hue,
        taken_at=analysis.taken_at,
        utc_offset=_minutes_east(analysis.taken_at),
        latitude=analysis.latitude,
        longitude=analysis.longitude,
        prepared_at=timezone.now(),
        error=analysis.note,
    )
    if saved:
        Rendition.objects.filter(original=original).delete()
        Rendition.objects.bulk_create(
            analysis.renditions,
            update_conflicts=True,
            unique_fields=["original", "kind"],
            update_fields=["key", "width", "height"],
        )
    return saved


def _minutes_east(time: datetime | None) -> int | None:
    offset = time.utcoffset() if time else None
    return None if offset is None else int(offset.total_seconds() // 60)


def finish_stage(*, original: Original, token: UUID, stage_seconds: Mapping[str, float], **found: object) -> bool:
    """Finishes the original's stage: it waits for the next stage, or is ready after the last one.

    Also sets the columns in `found`. Returns False when the claim was lost; then write nothing else. To clients
    the original is being processed until it is ready. Each stage has its own count of tries.
    """
    claimed = Original.objects.claimed_by(original.pk, token)
    if following := stage_after(original.stage):
        now = timezone.now()
        changes = {"stage": following.name, "tries": 0, "queued_at": None, "updated_at": now, **UNCLAIMED}
    else:
        changes = {"status": Original.Status.READY, **_finished()}
    return bool(claimed.update(stage_seconds=stage_seconds, **changes, **NO_FAULT, **found))


def fail_original(
    *,
    original_id: UUID,
    token: UUID,
    reason: str,
    fault: FaultColumns = NO_FAULT,
    needs_megabytes: int | None = None,
) -> bool:
    """Marks the original as failed, with a reason that clients may read; returns False when the claim was lost.

    The `fault` is for operators: none when the picture itself is to blame. `needs_megabytes` is given when it is
    too large for this worker's memory: a worker with more tries it again when it starts.
    """
    failed = {"status": Original.Status.FAILED, "error": reason[:MAX_ERROR], "needs_megabytes": needs_megabytes}
    return bool(Original.objects.claimed_by(original_id, token).update(**failed, **fault, **_finished()))


def note_fault(*, original_id: UUID, token: UUID, fault: FaultColumns) -> None:
    """Notes the exception of a try, while the claim holds; the original is tried again when it has lapsed."""
    Original.objects.claimed_by(original_id, token).update(**fault)


def release_original(*, original_id: UUID, token: UUID) -> None:
    """Releases the original after an outage; the try is not counted."""
    if_first_stage = When(stage=FIRST_STAGE.name, then=Value(Original.Status.NEW))
    status = Case(if_first_stage, default=Value(Original.Status.PROCESSING))
    Original.objects.claimed_by(original_id, token).update(
        status=status, tries=F("tries") - 1, queued_at=timezone.now(), **UNCLAIMED
    )


def fail_lost_originals() -> list[UUID]:
    """Marks originals as failed whose worker has died in every try; returns their ids."""
    lost = Original.objects.claimable().filter(tries__gte=settings.PROCESSING_TRIES)
    ids = list(lost.values_list("pk", flat=True))
    reason = f"Given up: processing did not end in {settings.PROCESSING_TRIES} tries."
    lost.filter(pk__in=ids).update(status=Original.Status.FAILED, error=reason, **_finished())
    return ids


def _finished() -> dict[str, datetime | None]:
    now = timezone.now()
    return {**UNCLAIMED, "processed_at": now, "updated_at": now}
