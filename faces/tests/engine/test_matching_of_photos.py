"""Members who have given pictures of somebody else, on real photos: nobody loses one, and each is told apart."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import SHARED
from faces.engine.matching import match_faces
from faces.engine.onnx_engine import LIMITS, OnnxEngine
from photos.images import read_picture

pytestmark = [pytest.mark.real_engine, pytest.mark.timeout(300)]

TOGETHER = ("obama_and_biden.jpg", "two_people.jpg")
Embeddings = list[NDArray[np.float32]]


@pytest.fixture(scope="module")
def faces_of() -> Mapping[str, Embeddings]:
    """{file: embeddings of its recognisable faces, largest first} of the photos of two presidents."""
    photos = SHARED / "photos"
    if not photos.is_dir():
        pytest.skip("the development photos are missing")
    engine = OnnxEngine()
    paths = [
        *photos.glob("obama/*.*"),
        *photos.glob("biden/*.*"),
        *(photos / "together" / name for name in TOGETHER),
    ]

    def look(path: Path) -> Embeddings:
        found = engine.find_faces(read_picture(path.read_bytes()).pixels)
        return [face.embedding for face in found if LIMITS.allow(face)]

    return {f"{path.parent.name}/{path.name}": look(path) for path in sorted(paths)}


def shown(faces_of: Mapping[str, Embeddings], selfies: Mapping[str, list[str]]) -> dict[str, dict[str, float]]:
    """{user: {file: score}} when these files are the users' selfies."""
    rows = [(file, face) for file, faces in faces_of.items() for face in faces]
    references = {user: np.stack([faces_of[file][0] for file in files]) for user, files in selfies.items()}
    matches = match_faces(np.stack([face for _, face in rows]), [file for file, _ in rows], references, LIMITS)
    found: dict[str, dict[str, float]] = {user: {} for user in selfies}
    for (file, user), score in matches.items():
        found[user][file] = score
    return found


def files_of(faces_of: Mapping[str, Embeddings], who: str) -> list[str]:
    return [file for file in faces_of if file.startswith(f"{who}/")]


def test_whoever_gives_whichever_picture_of_him_obama_keeps_all_his_photos(
    faces_of: Mapping[str, Embeddings],
) -> None:
    selfie, *others = files_of(faces_of, "obama")
    alone = set(shown(faces_of, {"obama": [selfie]})["obama"])
    assert alone >= {*files_of(faces_of, "obama"), *(f"together/{name}" for name in TOGETHER)}
    for other in others:
        found = shown(faces_of, {"thief": [other], "obama": [selfie]})
        assert set(found["obama"]) >= alone, other


def test_of_both_only_the_better_reference_is_sure_of_a_photo(faces_of: Mapping[str, Embeddings]) -> None:
    selfie, other, *_ = files_of(faces_of, "obama")
    found = shown(faces_of, {"thief": [other], "obama": [selfie]})
    sure = 1 - LIMITS.sure / (2 * LIMITS.threshold)
    assert found["obama"][selfie] > 0.99
    assert found["thief"][selfie] == pytest.approx(sure)
    assert found["thief"][other] > 0.99
    assert found["obama"][other] == pytest.approx(sure)


def test_biden_who_has_also_given_a_picture_of_obama_is_on_his_own_photos_only(
    faces_of: Mapping[str, Embeddings],
) -> None:
    """The photos of both tell that he is not Obama."""
    obamas, bidens = files_of(faces_of, "obama"), files_of(faces_of, "biden")
    honest = shown(faces_of, {"obama": obamas[:1], "biden": bidens[:1]})
    found = shown(faces_of, {"obama": obamas[:1], "biden": [*bidens[:1], obamas[1]]})
    assert found == honest
    assert not set(found["biden"]) & set(obamas)
