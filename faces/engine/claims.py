"""Who may be on a face: claims of users, by the distance of the face to their references."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PRODUCTS = 1 << 23  # compared at once: bounds the memory, whatever the size of the album


class Claim(NamedTuple):
    """A face that resembles a user."""

    distance: float
    face: int
    user: int


@dataclass(frozen=True)
class References:
    """Faces (k, d) in the order of their users (k,), and how far each is from what the user has given, or 0."""

    faces: Floats
    users: NDArray[np.int64]
    apart: Floats

    @classmethod
    def of(cls, given: Sequence[Floats]) -> "References":
        users = np.repeat(np.arange(len(given)), [len(rows) for rows in given])
        return cls(np.concatenate(given).astype(np.float32), users, np.zeros(len(users), np.float32))

    def with_faces(self, faces: Floats, claims: Sequence[Claim]) -> "References":
        """Returns these references and the claimed faces."""
        users = np.r_[self.users, [claim.user for claim in claims]]
        order = np.argsort(users, kind="stable")
        found = np.concatenate([self.faces, faces[[claim.face for claim in claims]]])
        apart = np.r_[self.apart, np.array([claim.distance for claim in claims], np.float32)]
        return References(found[order], users[order], apart[order])

    def of_user(self, user: int) -> Floats:
        return self.faces[self.users == user]

    def without(self, rows: NDArray[np.bool_]) -> "References":
        """Returns these references without the chosen ones."""
        return References(self.faces[~rows], self.users[~rows], self.apart[~rows])

    def distances(self, faces: Floats) -> Floats:
        """Returns the distance of each face to each user (n, users), as the longest link of the best chain."""
        squares = (faces**2).sum(axis=1)[:, None] + (self.faces**2).sum(axis=1) - 2 * faces @ self.faces.T
        links = np.maximum(np.sqrt(np.maximum(squares, 0)), self.apart)
        nearest: Floats = np.minimum.reduceat(links, np.flatnonzero(np.diff(self.users, prepend=-1)), axis=1)
        return nearest


def find_claims(faces: Floats, references: References, threshold: float) -> list[Claim]:
    """Returns all pairs of a face and a user below the threshold, nearest first."""
    claims: list[Claim] = []
    step = max(1, PRODUCTS // len(references.users))
    for start in range(0, len(faces), step):
        distances = references.distances(faces[start : start + step])
        rows, users = np.nonzero(distances < threshold)
        found = distances[rows, users].tolist(), (rows + start).tolist(), users.tolist()
        claims += [Claim(*claim) for claim in zip(*found, strict=True)]
    return sorted(claims)
