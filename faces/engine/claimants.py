"""Users who have given pictures of one human: one of them has given somebody else's picture.

Resemblance of two pictures is not enough to say so: among many members, and among relatives and children, some
pictures of different people resemble each other by chance. It is asked of all faces that the pictures lead to.
"""

from collections.abc import Collection, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from faces.engine.base import Limits
from faces.engine.claims import Floats, References, find_claims

Pair = tuple[int, int]  # of users


def users_of_one_human(faces: Floats, known: References, limits: Limits) -> set[Pair]:
    """Returns the pairs of users, each in both orders and each user with itself, who have given one human.

    Some references of both surely resemble each other, and all faces that these surely lead to are one group by
    the rule of the clustering: their root mean squared distance is below the cut. A face counts for the nearer
    user.
    """
    near = {(int(known.users[row]), user) for _, row, user in find_claims(known.faces, known, limits.sure)}
    pairs = {(user, user) for user in known.users.tolist()}
    for first, second in near:
        if first < second:
            one, two = _common(known, first, second, limits), _common(known, second, first, limits)
            if not (len(one) and len(two)):
                continue  # by rounding: the distance is that of the limit
            to_one, to_two = _distances(faces, one), _distances(faces, two)
            ones = np.concatenate([one, faces[(to_one < limits.sure) & (to_one <= to_two)]])
            twos = np.concatenate([two, faces[(to_two < limits.sure) & (to_two <= to_one)]])
            if _mean_square_distance(ones, twos) < limits.cluster_cut**2:
                pairs |= {(first, second), (second, first)}
    return pairs


def _common(known: References, user: int, other: int, limits: Limits) -> Floats:
    """Returns the references of the user that surely resemble one of the other user's."""
    mine = known.of_user(user)
    return mine[_distances(mine, known.of_user(other)) < limits.sure]


def _mean_square_distance(first: Floats, second: Floats) -> float:
    squares = (first**2).sum(axis=1).mean() + (second**2).sum(axis=1).mean()
    return float(squares - 2 * first.mean(axis=0) @ second.mean(axis=0))


def drop_foreign_references(
    faces: Floats, photo_of_face: Sequence[Hashable], known: References, alike: Collection[Pair], limits: Limits
) -> References:
    """Returns the references without pictures of somebody else, where a photo tells whose they are.

    It shows a face that is surely another user's, whom a user's picture resembles, and beside it a face that is
    surely the user's by another picture of theirs, which does not resemble the other user. Nobody is on a photo
    twice, so the user is the second one. Where this holds the other way round, too, it tells nothing.
    """
    foreign = np.zeros(len(known.users), np.bool_)
    for first, second in alike:
        if first < second:
            found = [
                _pictures_of_another(faces, photo_of_face, known, user, other, limits)
                for user, other in ((first, second), (second, first))
            ]
            if not all(len(rows) for rows in found):
                foreign[np.concatenate(found)] = True
    return known.without(foreign)


def _pictures_of_another(
    faces: Floats, photo_of_face: Sequence[Hashable], known: References, user: int, other: int, limits: Limits
) -> NDArray[np.int64]:
    """Returns the rows of the user's pictures of the other one; none where no photo shows both."""
    rows = np.flatnonzero(known.users == user)
    to_other = _distances(known.faces[rows], known.of_user(other))
    given, own = rows[to_other < limits.sure], rows[to_other >= limits.threshold]
    if not len(own):
        return rows[:0]
    theirs = np.flatnonzero(_distances(faces, known.of_user(other)) < limits.sure).tolist()
    photos_with = {photo_of_face[face] for face in theirs}
    mine = np.flatnonzero(_distances(faces, known.faces[own]) < limits.sure).tolist()
    shows_both = any(photo_of_face[face] in photos_with and face not in theirs for face in mine)
    return given if shows_both else rows[:0]


def _distances(faces: Floats, references: Floats) -> Floats:
    """Returns the distance of each face (n,) to the nearest reference."""
    squares = (faces**2).sum(axis=1)[:, None] + (references**2).sum(axis=1) - 2 * faces @ references.T
    nearest: Floats = np.sqrt(np.maximum(squares, 0)).min(axis=1)
    return nearest
