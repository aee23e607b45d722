"""Who new faces are, going by the people that are known: a step, where `clustering` does the whole.

The distance of a face to a person is the same as there: the root of the mean squared Euclidean distance to the
person's faces. Cost for a library of n faces: one pass over it, and a product with the new faces. Pure numpy.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NOBODY = -1
# A face clearly is somebody's who is nearer than the next by this. Lookalikes and relatives are about as far
# from each other as the cut; two people of whom one face is equally far are often one, which the full
# clustering finds out.
MARGIN = 0.05


def join_people(
    faces: Floats, photos: Ints, people: Ints, new: Iterable[int], cut: float, whose: Ints | None = None
) -> dict[int, int]:
    """{row: person} of the faces that have joined somebody, among the `new` rows and those that were nobody's.

    `faces` has shape (n, d); `photos` and `people` (n,) say where each face is and whose: `NOBODY`'s or one of
    the persons numbered from 0 on without gaps. Higher numbers in the answer are new persons. A face joins
    whoever is clearly nearest within `cut`; if nobody is near, it and the nearest face that is nobody's, if
    within `cut`, are a new person. One person is on a photo once.
    Where one person looks in several ways, each way has a number in `people`, and `whose` (one for each number)
    is equal for those of one person: being near one of them is enough.
    """
    joining = _Joining(faces, photos, people.copy(), cut, whose)
    for row in joining.nearest_first(new):
        joining.place(row)
    joining.absorb()
    return joining.joined


class _Joining:
    def __init__(self, faces: Floats, photos: Ints, people: Ints, cut: float, whose: Ints | None) -> None:
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
        self.whose: Ints = np.arange(len(self.means)) if whose is None else whose

    def _measure(self, person: int) -> None:
        rows = self.people == person
        self.means[person] = self.faces[rows].mean(axis=0)
        self.squares[person] = self.norms[rows].mean()

    def _distances(self, rows: Ints) -> Floats:
        """From each row to each person, infinite where the person is on the row's photo already."""
        squared = self.norms[rows, None] + self.squares - 2 * self.faces[rows] @ self.means.T
        distances: Floats = np.sqrt(np.maximum(squared, 0))
        for number, row in enumerate(rows):
            there = self.people[self.photos == self.photos[row]]
            distances[number, np.isin(self.whose, self.whose[there[there != NOBODY]])] = np.inf
        return distances

    def _near(self, row: int) -> tuple[Ints, bool]:
        """Who is within the cut, each person once, and whether the first is clearly the nearest."""
        distances = self._distances(np.array([row]))[0]
        near = np.flatnonzero(distances < self.cut)
        near = near[np.argsort(distances[near], kind="stable")]
        near = near[np.sort(np.unique(self.whose[near], return_index=True)[1])]
        return near, len(near) == 1 or (len(near) > 1 and distances[near[1]] - distances[near[0]] >= MARGIN)

    def nearest_first(self, new: Iterable[int]) -> list[int]:
        rows = np.array(list(new), np.int64)
        return rows[np.argsort(self._distances(rows).min(axis=1, initial=np.inf), kind="stable")].tolist()

    def place(self, row: int) -> None:
        if self.people[row] != NOBODY:  # an earlier one has made a person of both
            return
        near, clear = self._near(row)
        if not len(near):
            self._found_person(row)
        elif clear:
            self._join(row, int(near[0]))

    def _found_person(self, row: int) -> None:
        others = np.flatnonzero((self.people == NOBODY) & (self.photos != self.photos[row]))
        squared = self.norms[others] + self.norms[row] - 2 * self.faces[others] @ self.faces[row]
        if len(others) and squared.min() < self.cut**2:
            number = len(self.means)
            self.whose = np.append(self.whose, self.whose.max(initial=-1) + 1)
            self.means = np.vstack([self.means, self.faces[row]])
            self.squares = np.append(self.squares, self.norms[row])
            self._join(row, number)
            self._join(int(others[squared.argmin()]), number)

    def _join(self, row: int, person: int) -> None:
        self.people[row] = person
        self.joined[row] = person
        self._measure(person)

    def absorb(self) -> None:
        """Faces that were nobody's may be near somebody who has just been seen again."""
        touched = list(dict.fromkeys(self.joined.values()))
        left = np.flatnonzero(self.people == NOBODY)
        if not touched or not len(left):
            return
        squared = self.norms[left, None] + self.squares[touched] - 2 * self.faces[left] @ self.means[touched].T
        nearest = squared.min(axis=1)
        for row in left[np.argsort(nearest)][: np.count_nonzero(nearest < self.cut**2)].tolist():
            near, clear = self._near(row)
            if clear:
                self._join(row, int(near[0]))
