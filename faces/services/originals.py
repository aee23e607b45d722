"""The second stage of an original: finds faces with their embeddings, and objects."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from albums.services import queue_quietly
from core.timing import StageTimer
from faces.engine import DetectedFace, engine_name, get_engine
from faces.models import Face, FaceSearch, embedding_bytes
from faces.selectors import originals_to_search
from faces.services.assignment import assign_waiting_faces, require_assignment
from faces.services.detected_faces import replace_faces
from faces.services.people import save_embedding_space
from photos.images import Picture, read_picture
from photos.models import Original, Photo
from photos.objects import find_objects
from photos.pipeline import run_stage
from photos.reading import read_original
from photos.services import finish_stage, save_object_labels


def recognise_original(*, original_id: UUID) -> None:
    """Searches an original for faces and objects, once; see `run_stage`. Then assigns its faces to people."""
    run_stage("faces", _find_faces_and_objects, original_id=original_id)
    assign_waiting_faces(original_id=original_id)  # after the stage: its photos do not wait for this


def _find_faces_and_objects(original: Original, token: UUID) -> UUID | None:
    """Returns the original's id; None when another worker has claimed it meanwhile."""
    timer = StageTimer(original.stage_seconds)
    with timer.stage("read"):
        data = read_original(original)
    with timer.stage("decode"):
        picture = read_picture(data.content)
    with timer.stage("faces"):
        faces = [_build_face(original, picture, found) for found in get_engine().find_faces(picture.pixels)]
    with timer.stage("objects"):
        objects = find_objects(picture.pixels)
    with transaction.atomic():
        if not finish_stage(original=original, token=token, stage_seconds=timer.seconds):
            return None
        _save_search(original, faces)
        save_object_labels(original=original, detected=objects)
    return original.pk


def look_again(*, original_id: UUID) -> bool:
    """Searches an original that is ready for faces again, without its other stages; it stays ready meanwhile.

    Its albums are processed again. Returns False when the original is not ready any more, or was searched by this
    engine meanwhile. Raises what reading an original raises, and `UnreadableImage`.
    """
    waiting = originals_to_search(engine_name()).filter(pk=original_id)
    original = waiting.first()
    if original is None:
        return False
    picture = read_picture(read_original(original).content)
    faces = [_build_face(original, picture, found) for found in get_engine().find_faces(picture.pixels)]
    with transaction.atomic():
        Original.objects.select_for_update(no_key=True).filter(pk=original_id).first()
        if not waiting.exists():  # asked when the other process that has just searched it has committed
            return False
        _save_search(original, faces)
        if settings.ALBUM_PROCESSOR == "builtin":
            albums = Photo.objects.alive().filter(original=original).exclude(album=None)
            queue_quietly(album_ids=set(albums.values_list("album", flat=True)))
    return True


def search_again(*, originals: QuerySet[Original]) -> int:
    """Marks these originals as searched by no engine, so that they are looked at again; returns their number."""
    return FaceSearch.objects.filter(original__in=originals).update(engine="")


def _save_search(original: Original, faces: Sequence[Face]) -> None:
    engine = get_engine()
    if faces:
        save_embedding_space(engine=engine.name, limits=engine.limits)
    replace_faces(original=original, found=faces, gate=engine.limits)
    FaceSearch.objects.bulk_create(
        [FaceSearch(original=original, engine=engine.name)],
        update_conflicts=True,
        unique_fields=["original"],
        update_fields=["engine", "at"],
    )
    if faces:
        require_assignment(original_ids=[original.pk])


def _build_face(original: Original, picture: Picture, found: DetectedFace) -> Face:
    """Returns the face, not saved, in pixels of the original: the engine saw the picture at its working size."""
    scale = picture.width / picture.image.width
    return Face(
        original=original,
        x=round(found.box.x * scale),
        y=round(found.box.y * scale),
        width=max(1, round(found.box.width * scale)),
        height=max(1, round(found.box.height * scale)),
        score=found.score,
        quality=found.quality,
        landmarks=[[round(x * scale, 1), round(y * scale, 1)] for x, y in found.landmarks],
        embedding=embedding_bytes(found.embedding),
        engine=get_engine().name,
    )
