import numpy as np

from faces.engine.joining import NOBODY, join_people
from faces.tests.embeddings import bcubed, cloud


def points(*values: float) -> np.ndarray:
    return np.array([[value, 0] for value in values], np.float32)


def join(
    values: list[float], photos: list[int], people: list[int], new: list[int], cut: float = 0.5
) -> dict[int, int]:
    return join_people(points(*values), np.array(photos), np.array(people), new, cut)


def test_a_face_joins_the_nearest_person() -> None:
    assert join([0, 0.1, 2, 0.2], [0, 1, 2, 3], [0, 0, 1, NOBODY], [3]) == {3: 0}


def test_a_face_that_is_near_nobody_is_left_alone() -> None:
    assert join([0, 0.1, 5], [0, 1, 2], [0, 0, NOBODY], [2]) == {}


def test_a_face_between_two_people_is_left_alone() -> None:
    assert join([0, 0.6, 0.31], [0, 1, 2], [0, 1, NOBODY], [2]) == {}
    assert join([0, 0.6, 0.2], [0, 1, 2], [0, 1, NOBODY], [2]) == {2: 0}


def test_two_faces_alike_are_a_new_person() -> None:
    assert join([0, 5, 5.1], [0, 1, 2], [0, NOBODY, NOBODY], [2]) == {1: 1, 2: 1}
    assert join([5, 5.1], [0, 1], [NOBODY, NOBODY], [1]) == {0: 0, 1: 0}


def test_two_faces_of_one_photo_are_two_people() -> None:
    assert join([5, 5.1], [0, 0], [NOBODY, NOBODY], [0, 1]) == {}
    assert join([0, 0.1, 0.05], [0, 1, 1], [0, NOBODY, NOBODY], [1, 2]) == {2: 0}
    assert join([0, 0.1], [0, 0], [0, NOBODY], [1]) == {}


def test_faces_that_were_nobodys_join_a_person_who_is_seen_again() -> None:
    # The second is too far from the first alone, and near enough to both others on the mean.
    values, photos = [0, 0.55, 0.4], [0, 1, 2]
    assert join(values, photos, [NOBODY] * 3, [2]) == {2: 0, 1: 0, 0: 0}


def test_of_an_empty_library_nothing_is_asked() -> None:
    assert join_people(np.empty((0, 128), np.float32), np.empty(0, int), np.empty(0, int), [], 0.5) == {}


def test_one_after_the_other_they_come_to_the_same_as_all_at_once() -> None:
    faces, whose = cloud(12, 6)
    people = np.full(len(faces), NOBODY)
    for row in range(len(faces)):
        for joined, person in join_people(
            faces[: row + 1], np.arange(row + 1), people[: row + 1], [row], 0.55
        ).items():
            people[joined] = person
    assert bcubed(people, whose) == (1.0, 1.0)


def test_a_face_joins_somebody_by_one_of_their_looks() -> None:
    places = np.array([[0.0], [5.0], [5.1], [0.6]], np.float32)
    looks, photos, whose = np.array([0, 1, NOBODY, 2]), np.arange(4), np.array([0, 0, 1])
    assert join_people(places, photos, looks, [2], 0.5, whose) == {2: 1}


def test_two_looks_of_one_person_are_no_doubt_and_one_of_them_is_on_a_photo_once() -> None:
    places = np.array([[0.0], [0.6], [0.3]], np.float32)
    looks, whose = np.array([0, 1, NOBODY]), np.array([0, 0])
    assert join_people(places, np.arange(3), looks, [2], 0.5, whose).keys() == {2}
    assert join_people(places, np.array([7, 1, 7]), looks, [2], 0.5, whose) == {}
