"""Synthetic embeddings: each person is a point, and their faces are near it."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from faces.services import assign_waiting_faces
from faces.services.assignment import require_assignment


def synthetic_faces(
    people: int, faces_each: int, *, spread: float = 0.02, seed: int = 0, dimensions: int = 128
) -> tuple[NDArray, NDArray]:
    """Embeddings (people · faces_each, dimensions) in random order, and the person of each.

    Those of 128 dimensions are about 16 · `spread` apart.
    """
    random = np.random.default_rng(seed)
    centres = random.normal(size=(people, dimensions))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    whose = random.permutation(np.repeat(np.arange(people), faces_each))
    return (centres[whose] + random.normal(size=(len(whose), dimensions)) * spread).astype(np.float32), whose


def bcubed(clusters: NDArray, truth: NDArray) -> tuple[float, float]:
    """Precision and recall (Bagga and Baldwin 1998): of each face's cluster, and of each face's person. -1 is alone."""
    alone = clusters < 0
    together = (clusters[:, None] == clusters) & ~alone[:, None] | np.eye(len(clusters), dtype=bool)
    same = truth[:, None] == truth
    common = (together & same).sum(axis=1)
    return float((common / together.sum(axis=1)).mean()), float((common / same.sum(axis=1)).mean())


def assign_faces_of(original_id: UUID) -> None:
    """Assigns the original's faces to people, as if they had just been found."""
    require_assignment(original_ids=[original_id])
    assign_waiting_faces(original_id=original_id)
