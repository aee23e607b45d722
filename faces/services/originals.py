"""An original's one reading: bytes once, pixels once; renditions, colour, EXIF, faces and embeddings."""

import hashlib
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from albums.leases import kept
from faces.engine import DetectedFace, get_engine
from faces.models import Face, embedding_bytes
from faces.services.objects import find_labels
from faces.services.people import assign_faces, note_space
from faces.signals import originals_finished
from photos import storage
from photos.images import (
    Picture,
    RenditionFile,
    UnreadableImage,
    make_renditions,
    overall_colour,
    read_picture,
    sniff_content_type,
)
from photos.importing import SourceRefused, read_source
from photos.models import ObjectLabel, Original, Rendition
from photos.services import (
    Analysis,
    claim_original,
    drop_files,
    fail_original,
    finish_original,
    note_content,
    release_original,
    store_file,
)

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The original cannot be processed; the argument is a reason that clients may read."""


def note_queued(*, original_ids: Collection[UUID]) -> None:
    Original.objects.filter(pk__in=original_ids).update(queued_at=timezone.now())


def process_original(*, original_id: UUID) -> None:
    """Does all there is to do for one original, once; does nothing when it is done or in other hands."""
    claimed = claim_original(original_id=original_id)
    if claimed is None:
        return
    original, token = claimed
    with kept(Original.objects.held(original_id, token)):
        try:
            finished = _process(original, token)
        except (Refused, SourceRefused, UnreadableImage) as error:
            failed = fail_original(original_id=original_id, token=token, reason=str(error))
            finished = original_id if failed else None
        except storage.StorageUnavailable:
            logger.warning("The storage is away: original %s waits.", original_id)
            release_original(original_id=original_id, token=token)
            return
    if finished:
        originals_finished.send(Original, original_ids=[finished])


def _process(original: Original, token: UUID) -> UUID | None:
    """The id of the original that has these bytes now; None when another worker has taken the work over."""
    data = _read(original)
    same = note_content(original=original, token=token, **data.facts)
    if same != original.pk:
        return same
    picture = read_picture(data.content)
    watermark = original.owner.watermark_text or settings.WATERMARK_TEXT
    renditions = [_store_rendition(original, file) for file in make_renditions(picture, watermark)]
    faces = [_face(original, picture, found) for found in get_engine().find_faces(picture.pixels)]
    labels = find_labels(original=original, picture=picture.pixels)
    with transaction.atomic():
        finished = finish_original(original_id=original.pk, token=token, analysis=_analysis(picture, renditions))
        if finished:
            original.faces.all().delete()
            Face.objects.bulk_create(faces)
            original.object_labels.all().delete()
            ObjectLabel.objects.bulk_create(labels)
    if not finished and not Original.objects.filter(pk=original.pk).exists():
        drop_files(keys=[rendition.key for rendition in renditions])  # erased meanwhile, its files before these
    if finished and faces:
        note_space(engine=get_engine().name, threshold=get_engine().threshold)
        assign_faces(original_id=original.pk)
    return original.pk if finished else None


@dataclass(frozen=True)
class StoredBytes:
    content: bytes
    etag: str

    @property
    def facts(self) -> dict[str, Any]:
        sha256 = hashlib.sha256(self.content).hexdigest()
        return {"sha256": sha256, "size": len(self.content), "etag": self.etag}


def _read(original: Original) -> StoredBytes:
    stored = storage.stat(original.key)
    if stored is None:
        return _import(original)
    if original.etag and stored.etag != original.etag:
        raise Refused("The file was changed after it had been registered.")
    if stored.size > settings.MAX_PHOTO_BYTES:
        raise Refused(f"The file is larger than {settings.MAX_PHOTO_BYTES} bytes.")
    try:
        return StoredBytes(storage.read(original.key), stored.etag)
    except FileNotFoundError as error:
        raise Refused("The file is not in the storage.") from error


def _import(original: Original) -> StoredBytes:
    """Copies the file on disk that the original is imported from; what its owner has is not stored again."""
    content = read_source(original=original)
    if content is None:
        raise Refused("The file is not in the storage.")
    data = StoredBytes(content, "")
    if (
        Original.objects.filter(owner=original.owner_id, sha256=data.facts["sha256"])
        .exclude(pk=original.pk)
        .exists()
    ):
        return data
    store_file(key=original.key, file=ContentFile(content), content_type=sniff_content_type(content))
    stored = storage.stat(original.key)
    return StoredBytes(content, stored.etag if stored else "")


def _store_rendition(original: Original, file: RenditionFile) -> Rendition:
    key = storage.rendition_key(original.pk, file.kind)
    storage.save(key, file.data, "image/jpeg")
    return Rendition(original=original, kind=file.kind, key=key, width=file.width, height=file.height)


def _face(original: Original, picture: Picture, found: DetectedFace) -> Face:
    """The face in pixels of the original: the engine saw the picture at its working size."""
    scale = picture.width / picture.image.width
    return Face(
        original=original,
        x=round(found.box.x * scale),
        y=round(found.box.y * scale),
        width=max(1, round(found.box.width * scale)),
        height=max(1, round(found.box.height * scale)),
        score=found.score,
        landmarks=[[round(x * scale, 1), round(y * scale, 1)] for x, y in found.landmarks],
        embedding=embedding_bytes(found.embedding),
        engine=get_engine().name,
    )


def _analysis(picture: Picture, renditions: list[Rendition]) -> Analysis:
    return Analysis(
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        hue=overall_colour(picture),
        taken_at=picture.taken_at,
        latitude=picture.latitude,
        longitude=picture.longitude,
        renditions=renditions,
    )
