"""Finds images that show the same face, by products of blocks of embeddings. The block bounds the memory.

Pure numpy: the web process imports this.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BLOCK = 2048  # faces on each side of a product: 16 MB


@dataclass(frozen=True)
class ImagePairs:
    """Pairs of images (`first` < `second`), most similar first: by the cosine of their most similar faces."""

    first: Ints
    second: Ints
    similarity: Floats


def matching_images(faces: Floats, images: Ints, threshold: float, limit: int) -> ImagePairs:
    """Returns the `limit` most similar pairs of images that share a face.

    `faces` has shape (n, d), `images` (n,) is the number of each face's image. Two faces match when their
    Euclidean distance is below `threshold`. Cost: half of one n x n matrix product. Memory: a block, and some
    multiples of `limit`.
    """
    norms = np.linalg.norm(faces, axis=1)
    number_of_images = int(images.max(initial=-1)) + 1
    best = _MostSimilar(limit)
    # With two more columns, the sign of a product shows whether two faces match: see `half_gap`.
    ones = np.ones((len(faces), 1), np.float32)
    half = (norms**2 / 2)[:, None]
    left = np.hstack([faces, ones, threshold**2 / 2 - half]).astype(np.float32)
    right = np.hstack([faces, -half, ones]).astype(np.float32)
    for start in range(0, len(faces), BLOCK):
        for other in range(start, len(faces), BLOCK):
            product = left[start : start + BLOCK] @ right[other : other + BLOCK].T
            row, column = np.divmod(np.flatnonzero(product > 0), product.shape[1])
            a, b = row + start, column + other
            low, high = np.minimum(images[a], images[b]), np.maximum(images[a], images[b])
            # A product is the dot product of the two faces, minus this.
            half_gap = (norms[a] ** 2 + norms[b] ** 2 - threshold**2) / 2
            cosine = (product[row, column] + half_gap) / (norms[a] * norms[b])
            apart = low != high
            best.add((low * number_of_images + high)[apart], cosine[apart].astype(np.float32))
    keys, similarity = best.result()
    first, second = np.divmod(keys, max(number_of_images, 1))
    return ImagePairs(first, second, np.clip(similarity, -1, 1))


class _MostSimilar:
    """The most similar keys so far, each with its best similarity."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keys: list[Ints] = []
        self._similarity: list[Floats] = []
        self._size = 0

    def add(self, keys: Ints, similarity: Floats) -> None:
        if not len(keys):
            return
        self._keys.append(keys)
        self._similarity.append(similarity)
        self._size += len(keys)
        if self._size > 4 * self._limit + BLOCK * BLOCK:
            keys, similarity = self.result()
            self._keys, self._similarity, self._size = [keys], [similarity], len(keys)

    def result(self) -> tuple[Ints, Floats]:
        if not self._keys:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        keys, similarity = np.concatenate(self._keys), np.concatenate(self._similarity)
        order = np.lexsort((-similarity, keys))
        keys, similarity = keys[order], similarity[order]
        _, once = np.unique(keys, return_index=True)
        keys, similarity = keys[once], similarity[once]
        order = np.lexsort((keys, -similarity))[: self._limit]
        return keys[order], similarity[order]
