"""The interface of indexes of looks. Another one, by pgvector for example, is a class of this shape."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from faces.models import Look

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Queries:
    """What is searched for: `means` of shape (n, d) and `squares` (n,), the mean squared norms.

    Of single faces, these are the embeddings and their squared norms. The squared distance to a look is
    squares[i] + look.square - 2 means[i] · look.mean: its mean over all pairs of faces.
    """

    means: Floats
    squares: Floats

    @classmethod
    def of_faces(cls, embeddings: Floats) -> "Queries":
        return cls(embeddings, np.einsum("ij,ij->i", embeddings, embeddings))


class LookIndex(Protocol):
    """The looks of libraries. The rows of `Look` are the truth: what an index keeps beside them can be made anew.

    `add` and `remove` are called inside a transaction that holds the library's lock.
    """

    def add(self, looks: Sequence[Look], *, version: int) -> None:
        """Saves looks of one owner and engine, new ones and changed ones, as of that library version."""
        ...

    def remove(self, look_ids: Collection[int], *, version: int) -> None:
        """Removes looks of one owner and engine."""
        ...

    def near(self, owner_id: UUID, engine: str, queries: Queries, within: float) -> list[Look]:
        """Returns the looks that are nearer than `within` (root mean square distance) to one of the queries.

        It sees what was committed before. Costs at most one pass over the library's looks, in bounded memory.
        """
        ...

    def forget(self, owner_id: UUID) -> None:
        """Drops what it keeps of this library beside the rows."""
        ...
