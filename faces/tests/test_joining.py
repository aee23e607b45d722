import numpy as np

from faces.engine.joining import Joining
from faces.tests.embeddings import bcubed, synthetic_faces

NOBODY = -1


def join_people(
    faces: np.ndarray,
    photos: np.ndarray,
    looks: np.ndarray,
    new: list[int],
    cut: float,
    people: np.ndarray | None = None,
) -> dict[int, int]:
    """Returns {row: look} of the faces that join a look; `looks` is the number of each face's look, or `NOBODY`."""
    known = [np.flatnonzero(looks == number) for number in range(looks.max(initial=-1) + 1)]
    nobody = np.flatnonzero(looks == NOBODY)
    joining = Joining(faces.shape[1], cut)
    joining.add_faces(faces[nobody], photos[nobody].tolist())
    if known:
        means = np.stack([faces[rows].mean(axis=0) for rows in known])
        squares = np.array([(faces[rows] ** 2).sum(axis=1).mean() for rows in known])
        counts = np.array([len(rows) for rows in known])
        joining.add_looks(means, squares, counts, np.arange(len(known)) if people is None else people)
    for look, rows in enumerate(known):
        for row in rows:
            joining.add_people_on_photo(int(photos[row]), [int(joining.people[look])])
    joining.place(np.searchsorted(nobody, new))
    joining.join_faces_without_person()
    return {int(nobody[row]): look for row, look in joining.joined.items()}


def points(*values: float) -> np.ndarray:
    return np.array([[value, 0] for value in values], np.float32)


def join(
    values: list[float], photos: list[int], people: list[int], new: list[int], cut: float = 0.5
) -> dict[int, int]:
    return join_people(points(*values), np.array(photos), np.array(people), new, cut)


def test_a_face_joins_the_nearest_person() -> None:
    assert join([0, 0.1, 2, 0.2], [0, 1, 2, 3], [0, 0, 1, NOBODY], [3]) == {3: 0}


def test_a_face_that_is_near_nobody_joins_nobody() -> None:
    assert join([0, 0.1, 5], [0, 1, 2], [0, 0, NOBODY], [2]) == {}


def test_a_face_between_two_people_joins_nobody() -> None:
    assert join([0, 0.6, 0.31], [0, 1, 2], [0, 1, NOBODY], [2]) == {}
    assert join([0, 0.6, 0.2], [0, 1, 2], [0, 1, NOBODY], [2]) == {2: 0}


def test_two_similar_faces_are_a_new_person() -> None:
    assert join([0, 5, 5.1], [0, 1, 2], [0, NOBODY, NOBODY], [2]) == {1: 1, 2: 1}
    assert join([5, 5.1], [0, 1], [NOBODY, NOBODY], [1]) == {0: 0, 1: 0}


def test_two_faces_of_one_photo_are_two_people() -> None:
    assert join([5, 5.1], [0, 0], [NOBODY, NOBODY], [0, 1]) == {}
    assert join([0, 0.1, 0.05], [0, 1, 1], [0, NOBODY, NOBODY], [1, 2]) == {2: 0}
    assert join([0, 0.1], [0, 0], [0, NOBODY], [1]) == {}


def test_faces_without_a_person_join_a_person_who_gets_new_faces() -> None:
    # The second is too far from the first alone, and near enough to both others on the mean.
    values, photos = [0, 0.55, 0.4], [0, 1, 2]
    assert join(values, photos, [NOBODY] * 3, [2]) == {2: 0, 1: 0, 0: 0}


def test_nothing_joins_in_an_empty_library() -> None:
    assert join_people(np.empty((0, 128), np.float32), np.empty(0, int), np.empty(0, int), [], 0.5) == {}


def test_joining_faces_one_by_one_finds_the_right_people() -> None:
    faces, whose = synthetic_faces(12, 6)
    people = np.full(len(faces), NOBODY)
    for row in range(len(faces)):
        for joined, person in join_people(
            faces[: row + 1], np.arange(row + 1), people[: row + 1], [row], 0.55
        ).items():
            people[joined] = person
    assert bcubed(people, whose) == (1.0, 1.0)


def test_a_face_joins_a_person_by_one_of_their_appearances() -> None:
    places = np.array([[0.0], [5.0], [5.1], [0.6]], np.float32)
    looks, photos, whose = np.array([0, 1, NOBODY, 2]), np.arange(4), np.array([0, 0, 1])
    assert join_people(places, photos, looks, [2], 0.5, whose) == {2: 1}


def test_two_appearances_of_one_person_do_not_compete_and_are_on_a_photo_once() -> None:
    places = np.array([[0.0], [0.6], [0.3]], np.float32)
    looks, whose = np.array([0, 1, NOBODY]), np.array([0, 0])
    assert join_people(places, np.arange(3), looks, [2], 0.5, whose).keys() == {2}
    assert join_people(places, np.array([7, 1, 7]), looks, [2], 0.5, whose) == {}
