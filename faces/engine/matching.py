"""Who is on which photo: faces against the reference faces of known users."""

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
    """The score, from 0.5 at the threshold to 1 for identical faces, with which each photo shows each user.

    `faces` has shape (n, d), each of the `references` (k, d); distances are Euclidean. A face is at most one
    user, the nearest; a user is at most one face of a photo.
    """
    if not len(faces) or not references:
        return {}
    users = list(references)
    distances = _distances(faces, [references[user] for user in users])
    nearest = distances.argmin(axis=1)
    smallest = distances[np.arange(len(faces)), nearest]
    matches: dict[tuple[PhotoKey, UserKey], float] = {}
    for face in np.flatnonzero(smallest < threshold).tolist():
        pair = photo_of_face[face], users[nearest[face]]
        score = 1 - float(smallest[face]) / (2 * threshold)
        matches[pair] = max(score, matches.get(pair, 0.0))
    return matches


def _distances(faces: NDArray[np.float32], references: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Of shape (n, users): from each face to the nearest reference of each user."""
    stacked = np.concatenate(references).astype(np.float32)
    starts = np.cumsum([0] + [len(rows) for rows in references[:-1]])
    squares = (stacked**2).sum(axis=1)
    blocks = []
    for start in range(0, len(faces), BLOCK):
        block = faces[start : start + BLOCK]
        squared = (block**2).sum(axis=1)[:, None] + squares - 2 * block @ stacked.T
        blocks.append(np.minimum.reduceat(np.sqrt(np.maximum(squared, 0)), starts, axis=1))
    return np.concatenate(blocks)
