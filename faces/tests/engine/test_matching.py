import numpy as np
import pytest

from faces.engine import matching
from faces.engine.matching import match_faces


def at(*positions: float) -> np.ndarray:
    """Embeddings on a line: their distances are the differences."""
    return np.array([[position, 0] for position in positions], np.float32)


REFERENCES = {"anna": at(0), "berta": at(1)}


def test_a_face_is_the_nearest_of_those_within_the_threshold() -> None:
    assert match_faces(at(0.1, 0.9, 5), ["a", "b", "c"], REFERENCES, 0.5).keys() == {("a", "anna"), ("b", "berta")}


def test_the_threshold_itself_is_too_far() -> None:
    assert match_faces(at(0.5), ["a"], {"anna": at(0)}, 0.5) == {}


def test_the_score_falls_from_one_to_a_half() -> None:
    scores = match_faces(at(0, 0.25), ["a", "b"], {"anna": at(0)}, 0.5)
    assert scores == {("a", "anna"): pytest.approx(1), ("b", "anna"): pytest.approx(0.75)}


def test_the_nearest_of_several_references_counts() -> None:
    assert match_faces(at(2.1), ["a"], {"anna": at(0, 2), "berta": at(1)}, 0.5).keys() == {("a", "anna")}


def test_two_faces_of_a_photo_are_not_one_user() -> None:
    found = match_faces(at(0.1, 0.2), ["a", "a"], {"anna": at(0), "berta": at(0.6)}, 0.5)
    assert found.keys() == {("a", "anna"), ("a", "berta")}
    assert found["a", "anna"] > found["a", "berta"]


def test_a_user_is_on_many_photos() -> None:
    assert match_faces(at(0.1, 0.2), ["a", "b"], REFERENCES, 0.5).keys() == {("a", "anna"), ("b", "anna")}


@pytest.mark.parametrize(("faces", "references"), [(at(), REFERENCES), (at(1), {})])
def test_without_faces_or_users_there_is_nothing_to_match(
    faces: np.ndarray, references: dict[str, np.ndarray]
) -> None:
    assert match_faces(faces, [""] * len(faces), references, 0.5) == {}


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    faces = generator.normal(size=(300, 8)).astype(np.float32)
    references = {user: generator.normal(size=(3, 8)).astype(np.float32) for user in range(10)}
    places = [number // 3 for number in range(300)]
    whole = match_faces(faces, places, references, 2.5)
    monkeypatch.setattr(matching, "BLOCK", 7)
    assert match_faces(faces, places, references, 2.5) == pytest.approx(whole)
    assert len(whole) > 50
