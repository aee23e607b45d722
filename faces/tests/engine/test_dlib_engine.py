"""The default engine on real faces: two that come with Python packages, and the development photos where they are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faces.engine.deepface import DeepFaceEngine
from faces.engine.matching import match_faces
from photos.images import read_picture
from pickeez_site.operations.demo.pictures import SOURCES, album_pictures, selfie

pytestmark = pytest.mark.real_engine

SELFIES = {
    "obama": "obama/obama.jpg",
    "biden": "biden/biden.jpg",
    "leslie": "leslie/img1.jpg",
    "lacamoire": "lacamoire/img1.jpg",
    "harington": "harington/johnsnow_test1.jpg",
}
TOGETHER = {
    "together/obama_and_biden.jpg": {"obama", "biden"},
    "together/two_people.jpg": {"obama", "biden"},
    "together/kit_with_rose.jpg": {"harington", "leslie"},
    "together/alex_lacamoire1.jpg": {"lacamoire"},
}


@pytest.fixture(scope="module")
def engine() -> DeepFaceEngine:
    return DeepFaceEngine()


def pixels(content: bytes) -> np.ndarray:
    return read_picture(content).pixels


def known(engine: DeepFaceEngine, selfies: dict[str, bytes]) -> dict[str, np.ndarray]:
    """The reference embedding of each person; every selfie must show exactly one face."""
    found = {name: engine.find_faces(pixels(content)) for name, content in selfies.items()}
    assert {name: len(faces) for name, faces in found.items()} == dict.fromkeys(selfies, 1)
    return {name: np.stack([faces[0].embedding]) for name, faces in found.items()}


def who_is_where(
    engine: DeepFaceEngine, references: dict[str, np.ndarray], pictures: dict[str, bytes]
) -> dict[str, set[str]]:
    faces, places = [], []
    for name, content in pictures.items():
        for face in engine.find_faces(pixels(content)):
            faces.append(face.embedding)
            places.append(name)
    shown: dict[str, set[str]] = {name: set() for name in pictures}
    for place, person in match_faces(np.stack(faces), places, references, engine.threshold):
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
    assert (face.embedding.shape, face.embedding.dtype) == ((128,), np.float32)
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


def test_no_false_face_is_found(engine: DeepFaceEngine, shared_photos: Path) -> None:
    content = (shared_photos / "together/obama_and_biden.jpg").read_bytes()
    assert len(engine.find_faces(pixels(content))) == 2
