"""The second stage of an original: finds faces with their embeddings, and objects."""

from uuid import UUID

from django.db import transaction

from core.timing import StageTimer
from faces.engine import DetectedFace, get_engine
from faces.models import Face, embedding_bytes
from faces.services.assignment import assign_waiting_faces, require_assignment
from faces.services.detected_faces import replace_faces
from faces.services.people import save_embedding_space
from photos.images import Picture, read_picture
from photos.models import Original
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
    if faces:
        save_embedding_space(engine=get_engine().name, limits=get_engine().limits)
    with transaction.atomic():
        if not finish_stage(original=original, token=token, stage_seconds=timer.seconds):
            return None
        replace_faces(original=original, found=faces, gate=get_engine().limits)
        save_object_labels(original=original, detected=objects)
        if faces:
            require_assignment(original_ids=[original.pk])
    return original.pk


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
