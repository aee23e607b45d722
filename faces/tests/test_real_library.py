"""Photographs from import to people: processed by the real engine, clustered, compared."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from accounts.models import User
from conftest import SHARED, Person, committing
from core.sweeping import run_sweeps
from faces.library_selectors import find_matches, originals_by_person
from faces.models import Face, FaceAssignment
from faces.services import recluster
from faces.tests.embeddings import bcubed
from photos.image_paths import images_of
from photos.importing import import_paths
from photos.models import Original, Photo
from photos.selectors import labels_of

pytestmark = [pytest.mark.real_engine, pytest.mark.timeout(300)]

TOGETHER = {
    "obama_and_biden.jpg": {"obama", "biden"},
    "two_people.jpg": {"obama", "biden"},
    "kit_with_rose.jpg": {"harington", "leslie"},
    "alex_lacamoire1.jpg": {"lacamoire"},
}
FACES = {"obama": 7, "biden": 4, "lacamoire": 3, "leslie": 3, "harington": 2}


def shown_on(path: str) -> set[str]:
    """Who the photograph shows, by where it lies."""
    folder, name = Path(path).parts[-2:]
    return TOGETHER.get(name, set()) if folder in ("together", "objects") else {folder}


@pytest.fixture
def library(owner: Person, shared_photos: Path, settings: Settings) -> User:
    settings.FACE_ENGINE = "faces.engine.deepface.DeepFaceEngine"
    settings.IMPORT_ROOTS, settings.IMPORT_USERS = [shared_photos], [owner.id]
    if (SHARED / "models/FastestDet.onnx").is_file() and not Path(settings.OBJECT_MODEL).is_file():
        settings.OBJECT_MODEL = SHARED / "models/FastestDet.onnx"
    paths = [str(path) for path in sorted(shared_photos.glob("*/*.*"))]
    with committing():
        import_paths(user=owner.user, paths=paths)
    run_sweeps()
    assert set(Original.objects.values_list("status", flat=True)) == {"ready"}
    return owner.user


def people_by_paths(user: User) -> dict[str, set[str]]:
    """{who: file names} of the people with two or more faces."""
    name_of = {photo.original_id: photo.s3_path for photo in Photo.objects.filter(owner=user)}
    found = {}
    for originals in originals_by_person(user).values():
        paths = {name_of[original] for original in originals}
        if len(paths) > 1:
            (who,) = set.intersection(*(shown_on(path) for path in paths))
            assert who not in found
            found[who] = paths
    return found


def precision_and_recall(library: User) -> tuple[float, float]:
    """BCubed over all faces on photos that show one known person."""
    single = {photo.original_id: shown_on(photo.s3_path) for photo in Photo.objects.filter(owner=library)}
    faces = [face for face in Face.objects.order_by("pk") if len(single[face.original_id]) == 1]
    person_of = dict(FaceAssignment.objects.filter(owner=library).values_list("face_id", "person_id"))
    numbers = {person: number for number, person in enumerate(set(person_of.values()))}
    labels = np.array([numbers[person_of[face.pk]] if face.pk in person_of else -1 for face in faces])
    truth = np.array([next(iter(single[face.original_id])) for face in faces])
    return bcubed(labels, truth)


def test_people_matches_and_objects_are_as_the_photographs_show(library: User, settings: Settings) -> None:
    for step in ("as they came", "clustered", "clustered again"):
        if step != "as they came":
            recluster(owner=library)
        people = people_by_paths(library)
        assert {who: len(paths) for who, paths in people.items()} == FACES, step
        precision, recall = precision_and_recall(library)
        assert precision >= 0.99, step
        assert recall >= 0.95, step
    matched = {frozenset((match.path1, match.path2)) for match in find_matches(library, offset=0, limit=5000)}
    paths = [image.path for image in images_of(library)]
    for pair in matched:
        first, second = pair
        assert shown_on(first) & shown_on(second), pair
    same = {frozenset(pair) for pair in combinations(paths, 2) if shown_on(pair[0]) & shown_on(pair[1])}
    assert len(matched) >= 0.95 * len(same)
    if Path(settings.OBJECT_MODEL).is_file():
        objects = {
            Path(image.path).name: set(labels_of([image.original_id])[image.original_id])
            for image in images_of(library)
        }
        assert "bus" in objects["1.jpg"]
        assert {"person", "baseball bat"} <= objects["0.jpg"]
        assert {"person", "sports ball"} <= objects["3.jpg"]
