"""Our engines on real faces: two that come with Python packages, and the development photos where they are."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from faces.engine.base import DetectedFace
from faces.engine.clustering import cluster_faces
from faces.engine.deepface import DLIB, ONNX, DeepFaceEngine
from faces.engine.matching import match_faces
from faces.tests.development_photos import SELFIES, TOGETHER
from photos.images import read_picture
from pickeez_site.operations.demo.pictures import SOURCES, album_pictures, selfie

pytestmark = pytest.mark.real_engine


@pytest.fixture(scope="module", params=[DLIB, ONNX], ids=lambda names: names[0])
def engine(request: pytest.FixtureRequest) -> Iterator[DeepFaceEngine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "FACE_MODEL", request.param[0])
        patch.setattr(settings, "FACE_DETECTOR", request.param[1])
        yield DeepFaceEngine()


def pixels(content: bytes) -> np.ndarray:
    return read_picture(content).pixels


def recognisable(engine: DeepFaceEngine, content: bytes) -> list[DetectedFace]:
    return [face for face in engine.find_faces(pixels(content)) if engine.limits.allow(face)]


def known(engine: DeepFaceEngine, selfies: dict[str, bytes]) -> dict[str, np.ndarray]:
    """The reference embedding of each person; every selfie must show exactly one face."""
    found = {name: recognisable(engine, content) for name, content in selfies.items()}
    assert {name: len(faces) for name, faces in found.items()} == dict.fromkeys(selfies, 1)
    return {name: np.stack([faces[0].embedding]) for name, faces in found.items()}


def who_is_where(
    engine: DeepFaceEngine, references: dict[str, np.ndarray], pictures: dict[str, bytes]
) -> dict[str, set[str]]:
    faces, places = [], []
    for name, content in pictures.items():
        for face in recognisable(engine, content):
            faces.append(face.embedding)
            places.append(name)
    shown: dict[str, set[str]] = {name: set() for name in pictures}
    for place, person in match_faces(np.stack(faces), places, references, engine.limits):
        shown[place].add(person)
    return shown


def test_two_people_are_found_on_all_their_pictures(engine: DeepFaceEngine) -> None:
    pictures = {name: content for name, content in album_pictures() if name != "broken.jpg"}
    shown = who_is_where(engine, known(engine, {name: selfie(name) for name in SOURCES}), pictures)
    assert shown == {
        name: set(SOURCES) if "together" in name else {person for person in SOURCES if person.lower() in name}
        for name in pictures
    }


def test_a_face_lies_within_the_picture_and_has_its_facts(engine: DeepFaceEngine) -> None:
    picture = pixels(selfie("Grace"))
    (face,) = engine.find_faces(picture)
    height, width = picture.shape[:2]
    assert 0 <= face.box.x < face.box.x + face.box.width <= width
    assert 0 <= face.box.y < face.box.y + face.box.height <= height
    assert (face.embedding.ndim, face.embedding.dtype) == (1, np.float32)
    assert len(face.landmarks) == 5
    assert face.score > 0


def test_a_picture_of_nobody_has_no_face(engine: DeepFaceEngine) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (600, 800, 3), np.uint8)
    for picture in (noise, np.zeros((480, 640, 3), np.uint8), np.full((1, 1, 3), 200, np.uint8)):
        assert engine.find_faces(picture) == []


def test_small_faces_of_a_large_group_are_found(engine: DeepFaceEngine) -> None:
    """Twenty-four people, each 3 % of the picture wide."""
    face = (
        Image.open(_portrait("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"))
        .convert("RGB")
        .crop((70, 0, 470, 430))
    )
    group = Image.new("RGB", (3000, 2000), (90, 120, 90))
    places = [(150 + 460 * column, 150 + 460 * row) for row in range(4) for column in range(6)]
    for place in places:
        group.paste(face.resize((180, 194), Image.Resampling.LANCZOS), place)
    found = engine.find_faces(np.asarray(group))
    assert len(found) == len(places)


def _portrait(package: str, path: str) -> Path:
    from importlib.util import find_spec

    spec = find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / path


def test_everybody_is_found_on_the_development_photos(engine: DeepFaceEngine, shared_photos: Path) -> None:
    files = {str(path.relative_to(shared_photos)): path for path in sorted(shared_photos.glob("*/*.*"))}
    references = known(engine, {name: files[path].read_bytes() for name, path in SELFIES.items()})
    others = {name: path.read_bytes() for name, path in files.items() if name not in SELFIES.values()}
    assert who_is_where(engine, references, others) == {
        name: TOGETHER.get(name, {person for person in SELFIES if name.startswith(f"{person}/")})
        for name in others
    }


def test_the_people_of_the_development_photos_are_whole_and_pure(
    engine: DeepFaceEngine, shared_photos: Path
) -> None:
    """Seven faces of Obama, four of Biden, three of Lacamoire and Leslie, two of Harington; all others are alone."""
    files = sorted(shared_photos.glob("*/*.*"))
    found = [(file, face) for file in files for face in recognisable(engine, file.read_bytes())]
    photos = np.array([files.index(file) for file, _ in found])
    clusters = cluster_faces(np.stack([face.embedding for _, face in found]), photos, engine.limits.cluster_cut)
    members = [
        [file for (file, _), at in zip(found, clusters, strict=True) if at == cluster] for cluster in range(5)
    ]
    assert sorted(map(len, members), reverse=True) == [7, 4, 3, 3, 2]
    assert clusters.max() == 4
    owners = [{file.parent.name for file in of_one} - {"together"} for of_one in members]
    assert sorted(map(sorted, owners)) == [["biden"], ["harington"], ["lacamoire"], ["leslie"], ["obama"]]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_that_lies_on_its_side_or_head_shows_no_wrong_person(
    engine: DeepFaceEngine, quarters: int
) -> None:
    """Its face is not found, or not recognisable, or still nearest to the same person."""
    upright = known(engine, {name: selfie(name) for name in SOURCES})
    for name in SOURCES:
        turned = np.ascontiguousarray(np.rot90(pixels(selfie(name)), quarters))
        for face in filter(engine.limits.allow, engine.find_faces(turned)):
            found = match_faces(np.stack([face.embedding]), [""], upright, engine.limits)
            assert {user for _, user in found} <= {name}
