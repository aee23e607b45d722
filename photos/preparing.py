"""The first stage of an original: makes its renditions and reads its colour, time and GPS position."""

from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.timing import StageTimer
from photos import storage
from photos.images import Picture, make_renditions, overall_colour, read_picture
from photos.models import Original, Rendition
from photos.pipeline import run_stage
from photos.reading import read_original
from photos.services import Analysis, drop_files, record_content, save_analysis


def prepare_for_viewing(*, original_id: UUID) -> None:
    """Runs the first stage for the original, if that is due; see `run_stage`."""
    run_stage("renditions", _prepare, original_id=original_id)


def _prepare(original: Original, token: UUID) -> UUID | None:
    """Returns the original's id, or that of a duplicate it was merged with; None when the claim was lost."""
    timer = StageTimer()
    with timer.stage("read"):
        data = read_original(original)
    same = record_content(
        original=original, token=token, sha256=data.sha256, size=len(data.content), etag=data.etag
    )
    if same != original.pk:
        return same
    with timer.stage("decode"):
        picture = read_picture(data.content)
    renditions = _make_renditions(original, picture, timer)
    analysis = Analysis(
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        hue=overall_colour(picture),
        taken_at=picture.taken_at,
        latitude=picture.latitude,
        longitude=picture.longitude,
        renditions=renditions,
        note=picture.note,
        stage_seconds=timer.seconds,
    )
    with transaction.atomic():
        saved = save_analysis(original=original, token=token, analysis=analysis)
    if saved:
        return original.pk
    if not Original.objects.filter(pk=original.pk).exists():
        # The original was erased meanwhile, and its files were removed before these were stored.
        drop_files(keys=[rendition.key for rendition in renditions])
    return None


def _make_renditions(original: Original, picture: Picture, timer: StageTimer) -> list[Rendition]:
    """Makes and stores the renditions; returns their rows, which are not saved yet."""
    watermark = original.owner.watermark_text or settings.WATERMARK_TEXT
    with timer.stage("renditions"):
        files = list(make_renditions(picture, watermark))
    renditions = []
    with timer.stage("store"):
        for file in files:
            key = storage.rendition_key(original.pk, file.kind)
            storage.save(key, file.data, "image/jpeg")
            renditions.append(
                Rendition(original=original, kind=file.kind, key=key, width=file.width, height=file.height)
            )
    return renditions
