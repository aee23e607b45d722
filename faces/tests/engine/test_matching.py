from collections.abc import Mapping

import numpy as np
import pytest

from faces.engine import Limits, claims
from faces.engine.matching import match_faces

LIMITS = Limits(threshold=0.5, sure=0.4, cluster_cut=0.5)
EXPANDING = Limits(threshold=0.5, sure=0.4, cluster_cut=0.5, expands=True)


def at(*positions: float) -> np.ndarray:
    """Embeddings on a line: their distances are the differences."""
    return np.array([[position, 0] for position in positions], np.float32)


REFERENCES = {"anna": at(0), "berta": at(1)}


def test_a_face_is_the_nearest_of_those_within_the_threshold() -> None:
    assert match_faces(at(0.1, 0.9, 5), ["a", "b", "c"], REFERENCES, LIMITS).keys() == {
        ("a", "anna"),
        ("b", "berta"),
    }


def test_the_threshold_itself_is_too_far() -> None:
    assert match_faces(at(0.5), ["a"], {"anna": at(0)}, LIMITS) == {}


def test_the_score_falls_from_one_to_a_half() -> None:
    scores = match_faces(at(0, 0.25), ["a", "b"], {"anna": at(0)}, LIMITS)
    assert scores == {("a", "anna"): pytest.approx(1), ("b", "anna"): pytest.approx(0.75)}


def test_the_nearest_of_several_references_counts() -> None:
    references = {"anna": at(0, 2), "berta": at(1)}
    assert match_faces(at(2.1), ["a"], references, LIMITS).keys() == {("a", "anna")}


def test_two_faces_of_a_photo_are_not_one_user() -> None:
    found = match_faces(at(0.1, 0.2), ["a", "a"], {"anna": at(0), "berta": at(0.6)}, LIMITS)
    assert found.keys() == {("a", "anna"), ("a", "berta")}
    assert found["a", "anna"] > found["a", "berta"]


def test_a_user_is_on_many_photos() -> None:
    assert match_faces(at(0.1, 0.2), ["a", "b"], REFERENCES, LIMITS).keys() == {("a", "anna"), ("b", "anna")}


@pytest.mark.parametrize(
    ("faces", "references"), [(at(), REFERENCES), (at(1), {}), (at(1), {"anna": np.empty((0, 2), np.float32)})]
)
def test_without_faces_or_users_there_is_nothing_to_match(
    faces: np.ndarray, references: dict[str, np.ndarray]
) -> None:
    assert match_faces(faces, [""] * len(faces), references, LIMITS) == {}


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(threshold=2.5, sure=2.4, cluster_cut=2.5, expands=True)
    generator = np.random.default_rng(0)
    faces = generator.normal(size=(300, 8)).astype(np.float32)
    references = {user: generator.normal(size=(3, 8)).astype(np.float32) for user in range(10)}
    places = [number // 3 for number in range(300)]
    whole = match_faces(faces, places, references, limits)
    monkeypatch.setattr(claims, "PRODUCTS", 200)
    assert match_faces(faces, places, references, limits) == pytest.approx(whole)
    assert len(whole) > 50


def test_a_sure_face_of_a_user_finds_their_other_looks_once() -> None:
    """0.35 is surely Anna, and 0.7 resembles it; 1.05 resembles 0.7, which is no reference."""
    faces, photos = at(0.35, 0.7, 1.05), ["a", "b", "c"]
    assert match_faces(faces, photos, {"anna": at(0)}, LIMITS).keys() == {("a", "anna")}
    found = match_faces(faces, photos, {"anna": at(0)}, EXPANDING)
    assert found == {("a", "anna"): pytest.approx(0.65), ("b", "anna"): pytest.approx(0.65)}


def test_a_face_that_is_not_surely_the_users_leads_to_no_other() -> None:
    assert match_faces(at(0.45, 0.6), ["a", "b"], {"anna": at(0)}, EXPANDING).keys() == {("a", "anna")}


def test_a_face_that_is_surely_the_users_is_led_away_by_no_other() -> None:
    """0.39 is nearer to 0.7, which is surely Berta's, than to Anna's own picture."""
    found = match_faces(at(0.39, 0.7), ["a", "b"], {"anna": at(0), "berta": at(1)}, EXPANDING)
    assert found.keys() == {("a", "anna"), ("b", "berta")}


@pytest.mark.parametrize("limits", [LIMITS, EXPANDING])
@pytest.mark.parametrize("first", ["anna", "thief"])
def test_a_selfie_of_somebody_else_takes_no_photo_away(limits: Limits, first: str) -> None:
    """Whoever comes first, and whichever picture of Anna is nearer to the photo."""
    pictures: Mapping[str, np.ndarray] = {"anna": at(0.1), "thief": at(0.2)}
    references = {user: pictures[user] for user in sorted(pictures, reverse=first == "thief")}
    found = match_faces(at(0, 0.15, 0.3), ["a", "b", "c"], references, limits)
    assert {photo for photo, user in found if user == "anna"} == {"a", "b", "c"}


def test_the_same_picture_of_two_users_shows_both() -> None:
    found = match_faces(at(0.1), ["a"], {"anna": at(0), "thief": at(0)}, LIMITS)
    assert found == {("a", "anna"): pytest.approx(0.9), ("a", "thief"): pytest.approx(0.9)}


def test_who_has_given_a_picture_of_somebody_else_is_still_found_by_their_own() -> None:
    found = match_faces(at(0, 3), ["a", "b"], {"anna": at(0.1), "thief": at(0.2, 3.1)}, LIMITS)
    assert {user for photo, user in found if photo == "b"} == {"thief"}
    assert ("a", "anna") in found


def test_two_who_resemble_each_other_but_not_surely_have_each_their_own() -> None:
    found = match_faces(at(0.05, 0.4), ["a", "b"], {"anna": at(0), "sister": at(0.45)}, LIMITS)
    assert found.keys() == {("a", "anna"), ("b", "sister")}


@pytest.mark.parametrize("limits", [LIMITS, EXPANDING])
def test_two_whose_selfies_resemble_each_other_by_chance_have_each_their_own(limits: Limits) -> None:
    """The selfies are surely alike, but the faces that they lead to are not one group: each face is the nearer's."""
    references = {"anna": at(0), "sister": at(0.38)}
    found = match_faces(at(-0.35, -0.3, 0.15, 0.25, 0.68, 0.75), list("abcdef"), references, limits)
    assert {photo for photo, user in found if user == "anna"} == {"a", "b", "c"}
    assert {photo for photo, user in found if user == "sister"} == {"d", "e", "f"}


def test_of_two_who_claim_one_face_only_the_better_reference_is_sure() -> None:
    """So that no push is sent for the other one."""
    sure = 1 - LIMITS.sure / (2 * LIMITS.threshold)
    found = match_faces(at(0.1, 0.2), ["a", "b"], {"anna": at(0.1), "thief": at(0.25)}, LIMITS)
    assert found["a", "anna"] == pytest.approx(1)
    assert found["a", "thief"] == pytest.approx(sure)
    assert found["b", "thief"] == pytest.approx(0.95)
    assert found["b", "anna"] == pytest.approx(sure)


@pytest.mark.parametrize("limits", [LIMITS, EXPANDING])
def test_a_photo_that_shows_both_tells_who_has_given_the_others_picture(limits: Limits) -> None:
    faces, photos = at(0, 3, 0.1, 3.1), ["both", "both", "hers", "his"]
    references = {"anna": at(0.1), "thief": at(0.05, 3.05)}
    found = match_faces(faces, photos, references, limits)
    assert found.keys() == {("both", "anna"), ("hers", "anna"), ("both", "thief"), ("his", "thief")}
    assert found["both", "thief"] > 0.9


def test_a_photo_that_shows_two_others_tells_nothing_about_who_gave_whose_picture() -> None:
    """Both have also given a picture of a third one, who is on the photo beside the human of both."""
    faces, photos = at(0, 3), ["both", "both"]
    found = match_faces(faces, photos, {"anna": at(0.1, 3), "thief": at(0.05, 3.05)}, LIMITS)
    assert {user for _, user in found} == {"anna", "thief"}
