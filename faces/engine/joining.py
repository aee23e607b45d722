"""Assigns new faces to the people that are known. A step, where `clustering` regroups all faces.

The distance of a face to a person is the same as in `clustering`: the root of the mean squared Euclidean distance
to the person's faces, which their mean and the mean of their squared norms tell. So only these are needed of each
person, and only of those who are near. Pure numpy.
"""

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# The nearest person is clear when the next one is farther by this. Lookalikes and relatives are about as far from
# each other as the cut; two people who are equally far from one face are often the same person, which the full
# clustering finds out.
MARGIN = 0.05


class Joining:
    """New faces, the faces without a person near them, and the looks of the people near them.

    Photos and people are numbers from 0 on; people who are founded get negative ones. Most people have one look;
    to be near one of several is enough. A person is on a photo once. `joined` is {row of a face: the look that it
    has joined}; the other attributes tell what each look has become.

    A look that is farther than `cut` from all faces, and a face that is farther from all looks that have grown,
    changes nothing: it need not be added.
    """

    def __init__(self, dimensions: int, cut: float) -> None:
        self.cut = cut
        self.faces: Floats = np.empty((0, dimensions), np.float32)
        self.norms: Floats = np.empty(0, np.float32)
        self.photos: Ints = np.empty(0, np.int64)
        self.joined: dict[int, int] = {}
        self.means: Floats = np.empty((0, dimensions), np.float32)
        self.squares: Floats = np.empty(0, np.float32)
        self.counts: Ints = np.empty(0, np.int64)
        self.people: Ints = np.empty(0, np.int64)
        self._on_photo: dict[int, set[int]] = {}

    def add_faces(self, faces: Floats, photos: Iterable[int]) -> None:
        """Adds faces (n, d) without a person, with the photo of each."""
        self.faces = np.vstack([self.faces, faces]).astype(np.float32)
        self.norms = np.einsum("ij,ij->i", self.faces, self.faces)
        self.photos = np.concatenate([self.photos, np.array(list(photos), np.int64)])

    def add_looks(self, means: Floats, squares: Floats, counts: Ints, people: Ints) -> None:
        """Adds looks: the mean (k, d) of each, the mean of the squared norms, the number of faces, the person."""
        self.means = np.vstack([self.means, means]).astype(np.float32)
        self.squares = np.concatenate([self.squares, squares]).astype(np.float32)
        self.counts = np.concatenate([self.counts, counts])
        self.people = np.concatenate([self.people, people])

    def add_people_on_photo(self, photo: int, people: Collection[int]) -> None:
        self._on_photo.setdefault(photo, set()).update(people)

    @property
    def grown(self) -> list[int]:
        """The looks that faces have joined."""
        return list(dict.fromkeys(self.joined.values()))

    def place(self, rows: Iterable[int]) -> None:
        """Places these faces, the one that is nearest to a person first.

        A face joins the person who is clearly nearest within `cut`. If there is nobody within `cut`, it founds a
        new person together with the nearest face without a person, if that is within `cut`.
        """
        new = np.array(list(rows), np.int64)
        nearest = self._distances(new).min(axis=1, initial=np.inf)
        # Beyond the cut it is no matter who is near, and perhaps not known.
        for row in new[np.argsort(np.where(nearest < self.cut, nearest, np.inf), kind="stable")].tolist():
            if row not in self.joined:  # or else it founded a person together with an earlier one
                self._place(row)

    def _place(self, row: int) -> None:
        near, is_clear = self._near(row)
        if len(near):
            if is_clear:
                self._join(row, int(near[0]))
            return
        others = self._without_person()
        others = others[self.photos[others] != self.photos[row]]
        squared = self.norms[others] + self.norms[row] - 2 * self.faces[others] @ self.faces[row]
        if len(others) and squared.min() < self.cut**2:
            founded = np.minimum(self.people.min(initial=0, keepdims=True), 0) - 1
            self.add_looks(self.faces[[row]], self.norms[[row]], np.zeros(1, np.int64), founded)
            number = len(self.means) - 1
            self._join(row, number)
            self._join(int(others[squared.argmin()]), number)

    def join_faces_without_person(self) -> None:
        """Joins faces without a person to the people who have just got new faces, where they are near now."""
        grown, left = self.grown, self._without_person()
        if not grown or not len(left):
            return
        squared = self.norms[left, None] + self.squares[grown] - 2 * self.faces[left] @ self.means[grown].T
        nearest = squared.min(axis=1)
        for row in left[np.argsort(nearest, kind="stable")][: np.count_nonzero(nearest < self.cut**2)].tolist():
            near, is_clear = self._near(row)
            if is_clear:
                self._join(row, int(near[0]))

    def _without_person(self) -> Ints:
        without = np.ones(len(self.faces), np.bool_)
        without[list(self.joined)] = False
        return np.flatnonzero(without)

    def _near(self, row: int) -> tuple[Ints, bool]:
        """Returns who is within the cut, each person once, and whether the first is clearly the nearest."""
        distances = self._distances(np.array([row]))[0]
        near = np.flatnonzero(distances < self.cut)
        near = near[np.argsort(distances[near], kind="stable")]
        near = near[np.sort(np.unique(self.people[near], return_index=True)[1])]
        return near, len(near) == 1 or (len(near) > 1 and distances[near[1]] - distances[near[0]] >= MARGIN)

    def _distances(self, rows: Ints) -> Floats:
        """Returns the distance of each row to each look; infinite for people who are on its photo already."""
        squared = self.norms[rows, None] + self.squares - 2 * self.faces[rows] @ self.means.T
        distances: Floats = np.sqrt(np.maximum(squared, 0))
        for number, photo in enumerate(self.photos[rows].tolist()):
            if present := self._on_photo.get(photo):
                distances[number, np.isin(self.people, list(present))] = np.inf
        return distances

    def _join(self, row: int, look: int) -> None:
        self.joined[row] = look
        self.add_people_on_photo(int(self.photos[row]), [int(self.people[look])])
        self.counts[look] += 1
        share = 1 / self.counts[look]
        self.means[look] += share * (self.faces[row] - self.means[look])
        self.squares[look] += share * (self.norms[row] - self.squares[look])
