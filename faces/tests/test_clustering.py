import tracemalloc

import numpy as np
import pytest

from faces.engine import clustering
from faces.engine.clustering import ALONE, cluster_faces
from faces.tests.embeddings import bcubed, synthetic_faces


def reference(faces: np.ndarray, photos: np.ndarray, cut: float) -> set[frozenset[int]]:
    """The textbook method: merges the two nearest clusters, comparing all pairs of faces, again and again."""
    clusters = [[row] for row in range(len(faces))]
    squared = ((faces[:, None] - faces) ** 2).sum(axis=2)
    while True:
        best = min(
            (
                (squared[np.ix_(a, b)].mean(), i, j)
                for i, a in enumerate(clusters)
                for j, b in enumerate(clusters[:i])
                if not set(photos[a]) & set(photos[b])
            ),
            default=(np.inf, 0, 0),
        )
        if best[0] >= cut**2:
            return {frozenset(cluster) for cluster in clusters if len(cluster) > 1}
        _, i, j = best
        clusters[j] += clusters.pop(i)


def as_sets(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label)) for label in set(labels.tolist()) - {ALONE}}


@pytest.mark.parametrize("seed", range(8))
def test_the_clusters_are_those_of_textbook_average_linkage(seed: int) -> None:
    faces, _ = synthetic_faces(6, 7, spread=0.03 + 0.01 * (seed % 4), seed=seed)
    photos = np.arange(len(faces))
    assert as_sets(cluster_faces(faces, photos, 0.6)) == reference(faces, photos, 0.6)


@pytest.mark.parametrize("seed", range(4))
def test_small_blocks_and_few_neighbours_change_nothing(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    faces, whose = synthetic_faces(5, 30, seed=seed)
    whole = cluster_faces(faces, np.arange(len(faces)), 0.55)
    monkeypatch.setattr(clustering, "ROWS", 7)
    monkeypatch.setattr(clustering, "COLUMNS", 11)
    monkeypatch.setattr(clustering, "NEIGHBOURS", 3)
    monkeypatch.setattr(clustering, "GATHERED", 5)
    pieces = cluster_faces(faces, np.arange(len(faces)), 0.55)
    assert as_sets(pieces) == as_sets(whole) == as_sets(whose)


def test_two_faces_of_one_photo_are_never_one_person() -> None:
    faces, _ = synthetic_faces(1, 12)
    photos = np.repeat(np.arange(6), 2)
    labels = cluster_faces(faces, photos, 0.55)
    for cluster in as_sets(labels):
        assert len({photos[row] for row in cluster}) == len(cluster)
    assert np.bincount(labels).tolist() == [6, 6]


def test_clusters_are_numbered_from_the_largest() -> None:
    faces, whose = synthetic_faces(4, 6)
    kept = np.concatenate([np.flatnonzero(whose == person)[: 6 - person] for person in range(4)])
    assert np.bincount(cluster_faces(faces[kept], kept, 0.55)).tolist() == [6, 5, 4, 3]


def test_faces_near_nobody_stay_alone() -> None:
    faces, _ = synthetic_faces(20, 1)
    assert cluster_faces(faces, np.arange(20), 0.55).tolist() == [ALONE] * 20


@pytest.mark.parametrize("count", [0, 1, 2])
def test_two_faces_or_fewer_are_clustered(count: int) -> None:
    faces = np.ones((count, 128), np.float32)
    assert cluster_faces(faces, np.arange(count), 0.55).tolist() == ([0, 0] if count == 2 else [ALONE] * count)


def test_many_faces_of_one_person_are_one_cluster() -> None:
    faces, _ = synthetic_faces(1, 2000, spread=0.01)
    assert set(cluster_faces(faces, np.arange(2000), 0.55).tolist()) == {0}


def test_memory_grows_with_the_faces_and_not_with_their_pairs() -> None:
    faces, whose = synthetic_faces(40, 150)
    tracemalloc.start()
    labels = cluster_faces(faces, np.arange(len(faces)), 0.55)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bcubed(labels, whose) == (1.0, 1.0)
    assert peak < 0.6 * len(faces) ** 2 * 4  # one matrix of all pairs would be 144 MB


def test_known_faces_of_different_people_are_never_in_one_cluster() -> None:
    faces = np.array([[0.0], [0.1], [0.2], [0.3], [9.0]], np.float32)
    people = np.array([0, -1, -1, 1, 0])
    labels = cluster_faces(faces, np.arange(5), 0.55, people)
    assert labels[0] == labels[1]
    assert labels[2] == labels[3] != labels[0]
    assert labels[4] == ALONE
