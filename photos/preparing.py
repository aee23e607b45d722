"""The first stage of an original: what people look at. Renditions, colour, time and place."""

from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.timing import StageTimer
from photos import storage
from photos.images import Picture, RenditionFile, make_renditions, overall_colour, read_picture
from photos.models import Original, Rendition
from photos.pipeline import run_stage
from photos.reading import read_original
from photos.services import Analysis, drop_files, record_content, save_analysis


def prepare_for_viewing(*, original_id: UUID) -> None:
    """Makes all of an original that can be seen, once; see `run_stage`."""
    run_stage("renditions", _prepare, original_id=original_id)


def _prepare(original: Original, token: UUID) -> UUID | None:
    """The original itself, or the twin that its owner has stored before and that it is merged with."""
    timer = StageTimer()
    with timer.stage("read"):
        data = read_original(original)
    same = record_content(original=original, token=token, **data.facts)
    if same != original.pk:
        return same
    with timer.stage("decode"):
        picture = read_picture(data.content)
    renditions = _make_renditions(original, picture, timer)
    analysis = _analysis(picture, renditions, timer.seconds)
    with transaction.atomic():
        noted = save_analysis(original=original, token=token, analysis=analysis)
    if noted:
        return original.pk
    if not Original.objects.filter(pk=original.pk).exists():
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
