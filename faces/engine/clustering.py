"""Clusters faces by person: average linkage, where two faces of one photo are never the same person.

Method: agglomerative clustering by the mean squared Euclidean distance between the faces of two clusters, cut
at the square of a distance. All pairs of clusters that are each other's nearest are merged at once (reciprocal
nearest neighbours: Bruynooghe 1977; in parallel: Sumengen et al. 2021, arXiv:2105.11653), which gives the same
clusters as merging the nearest pair again and again, because average linkage is reducible.

Cost for n faces of d dimensions: one blocked n x n matrix product, and sorting at most `NEIGHBOURS` n pairs
some twenty times. Memory: n (d + 2) floats for a few copies of the faces, some 100 bytes for each pair kept,
and one block. Pure numpy: the web process may import this.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

ALONE = -1
UNKNOWN = -1
# Pairs kept for each face at first; faces with more are searched again once their clusters have grown.
NEIGHBOURS = 24
ROWS, COLUMNS = 512, 4096  # of a block: 8 MB of products
GATHERED = 1 << 16  # pairs whose distance is computed at once


def cluster_faces(faces: Floats, photos: Ints, cut: float, people: Ints | None = None) -> Ints:
    """Returns the cluster of each face, from 0 on, largest first; `ALONE` for a face that is near no other.

    `faces` has shape (n, d), `photos` (n,) is the number of each face's photo; `cut` is a Euclidean distance.
    `people` (n,) is the number of each face's known person, from 0 on, or `UNKNOWN`: known faces of different
    people are in different clusters, those of one person in one or several.
    """
    if people is None:
        people = np.full(len(faces), UNKNOWN)
    clusters = _Clusters(
        np.ascontiguousarray(faces, np.float32), np.asarray(photos, np.int64), float(cut) ** 2, people
    )
    rows = np.arange(len(faces))
    while len(rows):
        pairs, crowded = near_pairs(clusters.means, clusters.squares, clusters.cut, rows)
        merged = clusters.agglomerate(pairs)
        rows = np.unique(clusters.compact()[crowded]) if merged else rows[:0]
    cluster_of = clusters.cluster_of
    sizes = np.bincount(cluster_of)
    largest_first = np.argsort(-sizes, kind="stable")
    rank = np.empty_like(largest_first)
    rank[largest_first] = np.arange(len(largest_first))
    return np.where(sizes[cluster_of] > 1, rank[cluster_of], ALONE)


@dataclass
class Pairs:
    """Pairs (`first`, `second`) of rows, with `first` < `second`, each once, and their squared distances."""

    first: Ints
    second: Ints
    distance: Floats

    def select(self, selected: NDArray[np.bool_]) -> "Pairs":
        return Pairs(self.first[selected], self.second[selected], self.distance[selected])


def near_pairs(means: Floats, squares: Floats, cut: float, rows: Ints) -> tuple[Pairs, Ints]:
    """Returns pairs of a row with its nearest others, at squared distances below `cut`, and the rows with more
    such pairs.

    The squared distance of i and j is squares[i] + squares[j] - 2 means[i] · means[j]: for single faces the
    Euclidean one, for clusters (with the mean of their faces' squared norms) its mean over their pairs of
    faces.
    """
    # With two more columns, a product is positive for a pair below the cut, and larger for a nearer pair.
    ones = np.ones((len(means), 1), np.float32)
    right = np.hstack([means, -squares[:, None] / 2, ones])
    left = np.hstack([means, ones, (cut - squares[:, None]) / 2]).astype(np.float32)
    buffer = np.empty(ROWS * COLUMNS, np.float32)
    found, crowded = [], []
    for start in range(0, len(rows), ROWS):
        block = rows[start : start + ROWS]
        near, many = _nearest_in_block(left[block], right, block, buffer)
        found.append(near)
        crowded.append(many)
    first, second, nearness = (np.concatenate(parts) for parts in zip(*found, strict=True))
    low, high = np.minimum(first, second), np.maximum(first, second)
    _, once = np.unique(low * len(means) + high, return_index=True)
    distance = np.maximum(cut - 2 * nearness[once], 0)
    return Pairs(low[once], high[once], distance.astype(np.float32)), np.concatenate(crowded)


def _nearest_in_block(
    left: Floats, right: Floats, block: Ints, buffer: Floats
) -> tuple[tuple[Ints, Ints, Floats], Ints]:
    """Returns (row, other, nearness) of the nearest others of each row of the block, and the rows with more."""
    nearest = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    # The least nearness that counts; once a row has all its neighbours, that of the last one.
    floor = np.zeros((len(block), 1), np.float32)
    for start in range(0, len(right), COLUMNS):
        columns = right[start : start + COLUMNS]
        product = buffer[: len(left) * len(columns)].reshape(len(left), len(columns))
        np.matmul(left, columns.T, out=product)
        found = np.flatnonzero(product > floor)
        if not len(found):
            continue
        row, column = np.divmod(found, len(columns))
        others = column + start != block[row]
        row, other, nearness = row[others], column[others] + start, product.ravel()[found[others]]
        both = (np.concatenate([a, b]) for a, b in zip(nearest, (row, other, nearness), strict=True))
        nearest, full = _select_nearest(*both)
        floor[nearest[0][full], 0] = nearest[2][full]
    row, other, nearness = nearest
    return (block[row], other, nearness), block[floor[:, 0] > 0]


def _select_nearest(row: Ints, other: Ints, nearness: Floats) -> tuple[tuple[Ints, Ints, Floats], Ints]:
    """Returns the `NEIGHBOURS` nearest of each row, and the positions of the last one of each full row."""
    order = np.lexsort((-nearness, row))
    row, other, nearness = row[order], other[order], nearness[order]
    starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
    rank = np.arange(len(row)) - np.repeat(starts, np.diff(np.r_[starts, len(row)]))
    first = rank < NEIGHBOURS
    return (row[first], other[first], nearness[first]), np.flatnonzero(rank[first] == NEIGHBOURS - 1)


class _Clusters:
    """The clusters so far: of each, the means of its faces and of their squared norms, its photos, its person."""

    def __init__(self, faces: Floats, photos: Ints, cut: float, people: Ints) -> None:
        self.cut = cut
        self.people = people.copy()
        self.cluster_of: Ints = np.arange(len(faces))
        self.means = faces.copy()
        self.squares = np.einsum("ij,ij->i", faces, faces)
        self.counts = np.ones(len(faces), np.float32)
        self.photos: list[set[int]] = [{photo} for photo in photos.tolist()]

    def agglomerate(self, pairs: Pairs) -> bool:
        """Merges pairs of clusters until none is near enough; returns False when there was nothing to merge."""
        alias: Ints = np.arange(len(self.means))
        merged = False
        while len(pairs.first):
            best = np.full(len(self.means), np.inf, np.float32)
            np.minimum.at(best, pairs.first, pairs.distance)
            np.minimum.at(best, pairs.second, pairs.distance)
            mutual = (pairs.distance == best[pairs.first]) & (pairs.distance == best[pairs.second])
            accepted, refused = self._select_merges(pairs, np.flatnonzero(mutual))
            if len(accepted):
                merged = True
                self._merge(pairs.first[accepted], pairs.second[accepted], alias)
            pairs = self._update_pairs(pairs, refused, alias)
        while not np.array_equal(alias, shorter := alias[alias]):  # follow merges of merges to their end
            alias = shorter
        self.cluster_of = alias[self.cluster_of]
        return merged

    def _select_merges(self, pairs: Pairs, candidates: Ints) -> tuple[Ints, Ints]:
        """Returns which of the candidates merge now, and which must never merge."""
        used: set[int] = set()
        accepted, refused = [], []
        for candidate in candidates.tolist():
            a, b = int(pairs.first[candidate]), int(pairs.second[candidate])
            if a in used or b in used:
                continue
            known_people = {int(self.people[a]), int(self.people[b])} - {UNKNOWN}
            if len(known_people) < 2 and self.photos[a].isdisjoint(self.photos[b]):
                used.update((a, b))
                accepted.append(candidate)
            else:
                refused.append(candidate)
        return np.array(accepted, np.int64), np.array(refused, np.int64)

    def _merge(self, into: Ints, away: Ints, alias: Ints) -> None:
        weight = self.counts[away] / (self.counts[into] + self.counts[away])
        self.means[into] += weight[:, None] * (self.means[away] - self.means[into])
        self.squares[into] += weight * (self.squares[away] - self.squares[into])
        self.counts[into] += self.counts[away]
        self.people[into] = np.maximum(self.people[into], self.people[away])
        alias[away] = into
        for a, b in zip(into.tolist(), away.tolist(), strict=True):
            small, large = sorted((self.photos[a], self.photos[b]), key=len)
            large |= small
            self.photos[a], self.photos[b] = large, set()

    def _update_pairs(self, pairs: Pairs, refused: Ints, alias: Ints) -> Pairs:
        """Returns the pairs of the clusters after merging, with new distances where a cluster has grown."""
        allowed = np.ones(len(pairs.first), bool)
        allowed[refused] = False
        pairs = pairs.select(allowed)
        first, second = alias[pairs.first], alias[pairs.second]
        low, high = np.minimum(first, second), np.maximum(first, second)
        _, once = np.unique(low * len(alias) + high, return_index=True)
        once = once[low[once] != high[once]]
        updated = Pairs(low[once], high[once], pairs.distance[once])
        grown = np.zeros(len(alias), bool)
        grown[alias[alias != np.arange(len(alias))]] = True
        stale = np.flatnonzero(grown[updated.first] | grown[updated.second])
        for start in range(0, len(stale), GATHERED):
            part = stale[start : start + GATHERED]
            a, b = updated.first[part], updated.second[part]
            products = np.einsum("ij,ij->i", self.means[a], self.means[b])
            updated.distance[part] = np.maximum(self.squares[a] + self.squares[b] - 2 * products, 0)
        return updated.select(updated.distance < self.cut)

    def compact(self) -> Ints:
        """Renumbers the clusters from 0 on without gaps; returns the new number of each old cluster."""
        alive, numbered = np.unique(self.cluster_of, return_inverse=True)
        renumbered = np.full(len(self.means), ALONE)
        renumbered[alive] = np.arange(len(alive))
        self.cluster_of = numbered
        self.means, self.squares, self.counts = self.means[alive], self.squares[alive], self.counts[alive]
        self.people = self.people[alive]
        self.photos = [self.photos[cluster] for cluster in alive.tolist()]
        return renumbered
