"""Assigns new faces to the people that are known. A step, where `clustering` regroups all faces.

The distance of a face to a person is the same as in `clustering`: the root of the mean squared Euclidean distance
to the person's faces. Cost for a library of n faces: one pass over it, and a product with the new faces. Pure
numpy.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NOBODY = -1
# The nearest person is clear when the next one is farther by this. Lookalikes and relatives are about as far from
# each other as the cut; two people who are equally far from one face are often the same person, which the full
# clustering finds out.
MARGIN = 0.05


def join_people(
    faces: Floats, photos: Ints, people: Ints, new: Iterable[int], cut: float, person_of: Ints | None = None
) -> dict[int, int]:
    """Returns {row: person} of the faces that joined a person: `new` rows, and others that had no person.

    `faces` has shape (n, d); `photos` and `people` (n,) are the numbers of each face's photo and person: from 0 on
    without gaps, or `NOBODY`. Higher numbers in the answer are new people. A face joins the person who is clearly
    nearest within `cut`. If there is nobody within `cut`, it founds a new person together with the nearest face
    without a person, if that is within `cut`. A person is on a photo once.

    For people with several appearances, `people` numbers the appearances, and `person_of` has the person of each:
    it is enough to be near one of them.
    """
    joining = _Joining(faces, photos, people.copy(), cut, person_of)
    for row in joining.nearest_first(new):
        joining.place(row)
    joining.join_faces_without_person()
    return joining.joined


class _Joining:
    """The faces, and the appearances of people so far: mean of the faces of each, mean of their squared norms."""

    def __init__(self, faces: Floats, photos: Ints, people: Ints, cut: float, person_of: Ints | None) -> None:
        self.faces, self.photos, self.people, self.cut = faces, photos, people, cut
        self.norms = np.einsum("ij,ij->i", faces, faces)
        self.joined: dict[int, int] = {}
        known = np.flatnonzero(people != NOBODY)
        known = known[np.argsort(people[known], kind="stable")]
        counts = np.bincount(people[known])
        starts = np.r_[0, np.cumsum(counts)[:-1]].astype(np.int64)
        self.means: Floats = np.zeros((0, faces.shape[1]), np.float32)
        self.squares: Floats = np.zeros(0, np.float32)
        if len(known):
            sizes = counts.astype(np.float32)
            self.means = (np.add.reduceat(faces[known], starts) / sizes[:, None]).astype(np.float32)
            self.squares = (np.add.reduceat(self.norms[known], starts) / sizes).astype(np.float32)
        self.person_of: Ints = np.arange(len(self.means)) if person_of is None else person_of

    def nearest_first(self, new: Iterable[int]) -> list[int]:
        """Returns the rows, the one that is nearest to a person first."""
        rows = np.array(list(new), np.int64)
        return rows[np.argsort(self._distances(rows).min(axis=1, initial=np.inf), kind="stable")].tolist()

    def place(self, row: int) -> None:
        """Joins the face to its nearest person, or founds a new one with another face; or does neither."""
        if self.people[row] != NOBODY:  # it founded a person together with an earlier one
            return
        near, is_clear = self._near(row)
        if len(near):
            if is_clear:
                self._join(row, int(near[0]))
            return
        others = np.flatnonzero((self.people == NOBODY) & (self.photos != self.photos[row]))
        squared = self.norms[others] + self.norms[row] - 2 * self.faces[others] @ self.faces[row]
        if len(others) and squared.min() < self.cut**2:
            number = len(self.means)
            self.person_of = np.append(self.person_of, self.person_of.max(initial=-1) + 1)
            self.means = np.vstack([self.means, self.faces[row]])
            self.squares = np.append(self.squares, self.norms[row])
            self._join(row, number)
            self._join(int(others[squared.argmin()]), number)

    def join_faces_without_person(self) -> None:
        """Joins faces without a person to the people who have just got new faces, where they are near now."""
        grown = list(dict.fromkeys(self.joined.values()))
        left = np.flatnonzero(self.people == NOBODY)
        if not grown or not len(left):
            return
        squared = self.norms[left, None] + self.squares[grown] - 2 * self.faces[left] @ self.means[grown].T
        nearest = squared.min(axis=1)
        for row in left[np.argsort(nearest)][: np.count_nonzero(nearest < self.cut**2)].tolist():
            near, is_clear = self._near(row)
            if is_clear:
                self._join(row, int(near[0]))

    def _near(self, row: int) -> tuple[Ints, bool]:
        """Returns who is within the cut, each person once, and whether the first is clearly the nearest."""
        distances = self._distances(np.array([row]))[0]
        near = np.flatnonzero(distances < self.cut)
        near = near[np.argsort(distances[near], kind="stable")]
        near = near[np.sort(np.unique(self.person_of[near], return_index=True)[1])]
        return near, len(near) == 1 or (len(near) > 1 and distances[near[1]] - distances[near[0]] >= MARGIN)

    def _distances(self, rows: Ints) -> Floats:
        """Returns the distance of each row to each person; infinite for those who are on its photo already."""
        squared = self.norms[rows, None] + self.squares - 2 * self.faces[rows] @ self.means.T
        distances: Floats = np.sqrt(np.maximum(squared, 0))
        for number, row in enumerate(rows):
            on_photo = self.people[self.photos == self.photos[row]]
            distances[number, np.isin(self.person_of, self.person_of[on_photo[on_photo != NOBODY]])] = np.inf
        return distances

    def _join(self, row: int, person: int) -> None:
        self.people[row] = person
        self.joined[row] = person
        rows = self.people == person
        self.means[person] = self.faces[rows].mean(axis=0)
        self.squares[person] = self.norms[rows].mean()
