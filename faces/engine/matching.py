"""Decides who is on which photo, by comparing faces with the reference faces of known users."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

PhotoKey = TypeVar("PhotoKey", bound=Hashable)
UserKey = TypeVar("UserKey", bound=Hashable)
BLOCK = 4096  # faces compared at once: bounds the memory, whatever the size of the album


def match_faces(
    faces: NDArray[np.float32],
    photo_of_face: Sequence[PhotoKey],
    references: Mapping[UserKey, NDArray[np.float32]],
    threshold: float,
) -> dict[tuple[PhotoKey, UserKey], float]:
    """Returns the score, 0.5 at the threshold to 1 for identical faces, with which each photo shows each user.

    `faces` has shape (n, d), each of the `references` (k, d); distances are Euclidean. The nearest pairs are
    taken first: a face is at most one user, and a user is at most one face of a photo.
    """
    users = list(references)
    taken: set[int] = set()
    matches: dict[tuple[PhotoKey, UserKey], float] = {}
    for distance, face, column in _pairs_below_threshold(faces, [references[user] for user in users], threshold):
        pair = photo_of_face[face], users[column]
        if face not in taken and pair not in matches:
            taken.add(face)
            matches[pair] = 1 - distance / (2 * threshold)
    return matches


def _pairs_below_threshold(
    faces: NDArray[np.float32], references: list[NDArray[np.float32]], threshold: float
) -> list[tuple[float, int, int]]:
    """Returns (distance, face, user) of all pairs below the threshold, nearest first."""
    if not len(faces) or not references:
        return []
    stacked = np.concatenate(references).astype(np.float32)
    starts = np.cumsum([0] + [len(rows) for rows in references[:-1]])
    lengths = (stacked**2).sum(axis=1)
    pairs: list[tuple[float, int, int]] = []
    for start in range(0, len(faces), BLOCK):
        block = faces[start : start + BLOCK]
        squares = (block**2).sum(axis=1)[:, None] + lengths - 2 * block @ stacked.T
        distances = np.minimum.reduceat(np.sqrt(np.maximum(squares, 0)), starts, axis=1)
        rows, columns = np.nonzero(distances < threshold)
        pairs += zip(distances[rows, columns].tolist(), (rows + start).tolist(), columns.tolist(), strict=True)
    return sorted(pairs)
