"""What a worker does to an original: claim it, note what is in it, finish or fail it.

Every write is conditional on the claim, so that a worker that was thought dead cannot write.
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
from core.leases import UNCLAIMED
from photos.models import Original, Photo, Rendition
from photos.selectors import queue_for
from photos.signals import photos_arrived
from photos.stages import FIRST_STAGE, Stage, stage_after

MAX_ERROR = 300


@dataclass(frozen=True)
class Analysis:
    """What was found out about an original, and the seconds that each stage of it took.

    Sizes are in pixels of the upright picture, `hue` is `#rrggbb`.
    """

    content_type: str
    width: int
    height: int
    hue: str
    taken_at: datetime | None
    latitude: float | None
    longitude: float | None
    renditions: Sequence[Rendition]
    stage_seconds: Mapping[str, float] = field(default_factory=dict)


def send_to_stage(*, original_ids: Iterable[UUID], stage: Stage = FIRST_STAGE) -> None:
    """Hands the stage's task to the broker, at once and for each of the originals."""
    for original_id in original_ids:
        if send_task(stage.task, str(original_id), queue=queue_for(original_id)):
            Original.objects.filter(pk=original_id).update(queued_at=timezone.now())


def claim_original(*, original_id: UUID, stage: str) -> tuple[Original, UUID] | None:
    """The original and the claim's token; None when it is in another stage, or in other hands."""
    candidates = Original.objects.claimable().filter(stage=stage, tries__lt=settings.PROCESSING_TRIES)
    token = candidates.claim(original_id, status=Original.Status.PROCESSING, tries=F("tries") + 1)
    if token is None:
        return None
    return Original.objects.get(pk=original_id), token


def record_content(*, original: Original, token: UUID, sha256: str, size: int, etag: str) -> UUID | None:
    """Notes what was read, and returns the id of the original that has these bytes now.

    That is another one when the owner had stored the same bytes before: the photos share it from now on, and the
    double is dropped. None when the claim no longer holds.
    """
    same = Original.objects.filter(owner=original.owner_id, sha256=sha256).exclude(pk=original.pk)
    try:
        with transaction.atomic():
            held = Original.objects.claimed_by(original.pk, token)
            # Locked: a photo that is placed on the double at this moment waits, and does not go with it.
            if (twin := same.first()) and held.select_for_update().first():
                _merge(original, twin)
                return twin.pk
            return original.pk if held.update(sha256=sha256, size=size, etag=etag) else None
    except IntegrityError:  # the twin was noted between our look and our write
        return record_content(original=original, token=token, sha256=sha256, size=size, etag=etag)


def _merge(double: Original, twin: Original) -> None:
    photos = Photo.objects.filter(original=double)
    ids = list(photos.values_list("pk", flat=True))
    photos.update(original=twin, updated_at=timezone.now())
    photos_arrived.send(Photo, photo_ids=ids)
    double.delete()


def save_analysis(*, original: Original, token: UUID, analysis: Analysis) -> bool:
    """Writes down what can be seen, and ends the stage; False when the claim no longer held.

    Call inside a transaction.
    """
    noted = finish_stage(
        original=original,
        token=token,
        stage_seconds=analysis.stage_seconds,
        content_type=analysis.content_type,
        width=analysis.width,
        height=analysis.height,
        ratio=analysis.width / analysis.height,
        hue=analysis.hue,
        taken_at=analysis.taken_at,
        latitude=analysis.latitude,
        longitude=analysis.longitude,
        prepared_at=timezone.now(),
    )
    if noted:
        Rendition.objects.filter(original=original).delete()
        Rendition.objects.bulk_create(
            analysis.renditions,
            update_conflicts=True,
            unique_fields=["original", "kind"],
            update_fields=["key", "width", "height"],
        )
    return noted


def finish_stage(*, original: Original, token: UUID, stage_seconds: Mapping[str, float], **found: object) -> bool:
    """Ends the stage that the original was claimed for: the next one waits, or it is ready.

    Writes down what was `found`, by columns. False when the claim no longer held: then write nothing else. To
    clients the original is being processed until it is ready; each stage may be tried as often.
    """
    held = Original.objects.claimed_by(original.pk, token)
    if following := stage_after(original.stage):
        now = timezone.now()
        changes = {"stage": following.name, "tries": 0, "queued_at": None, "updated_at": now, **UNCLAIMED}
    else:
        changes = {"status": Original.Status.READY, "error": "", **_finished()}
    return bool(held.update(stage_seconds=stage_seconds, **changes, **found))


def fail_original(*, original_id: UUID, token: UUID, reason: str) -> bool:
    """Gives the original up, with a reason that clients may read."""
    return bool(
        Original.objects.claimed_by(original_id, token).update(
            status=Original.Status.FAILED, error=reason[:MAX_ERROR], **_finished()
        )
    )


def release_original(*, original_id: UUID, token: UUID) -> None:
    """Puts the original back: the trouble is not its own."""
    in_first = When(stage=FIRST_STAGE.name, then=Value(Original.Status.NEW))
    begun = Case(in_first, default=Value(Original.Status.PROCESSING))
    Original.objects.claimed_by(original_id, token).update(
        status=begun, tries=F("tries") - 1, queued_at=timezone.now(), **UNCLAIMED
    )


def fail_lost_originals() -> list[UUID]:
    """Gives up originals that took their worker with them every time; returns their ids."""
    lost = Original.objects.claimable().filter(tries__gte=settings.PROCESSING_TRIES)
    ids = list(lost.values_list("pk", flat=True))
    reason = f"Given up: processing did not end in {settings.PROCESSING_TRIES} tries."
    lost.filter(pk__in=ids).update(status=Original.Status.FAILED, error=reason, **_finished())
    return ids


def _finished() -> dict[str, datetime | None]:
    now = timezone.now()
    return {**UNCLAIMED, "processed_at": now, "updated_at": now}
