import numpy as np
import pytest

from faces.engine import similarity
from faces.engine.similarity import matching_images
from faces.tests.embeddings import synthetic_faces


def by_pairs(faces: np.ndarray, images: np.ndarray, threshold: float) -> list[tuple[int, int, float]]:
    best: dict[tuple[int, int], float] = {}
    for a in range(len(faces)):
        for b in range(a):
            first, second = sorted((int(images[a]), int(images[b])))
            pair = first, second
            if pair[0] != pair[1] and np.linalg.norm(faces[a] - faces[b]) < threshold:
                cosine = faces[a] @ faces[b] / np.linalg.norm(faces[a]) / np.linalg.norm(faces[b])
                best[pair] = max(best.get(pair, -1), float(cosine))
    return sorted((*pair, cosine) for pair, cosine in best.items())


@pytest.mark.parametrize("block", [5, 64, 4096])
def test_the_pairs_are_those_of_a_loop_over_all_pairs(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(similarity, "BLOCK", block)
    faces, _ = synthetic_faces(8, 15, spread=0.03)
    images = np.random.default_rng(1).integers(0, 40, len(faces))
    found = matching_images(faces, images, 0.55, 10_000)
    expected = by_pairs(faces, images, 0.55)
    rows = sorted(zip(found.first.tolist(), found.second.tolist(), found.similarity.tolist(), strict=True))
    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    assert [row[2] for row in rows] == pytest.approx([row[2] for row in expected], abs=1e-5)
    assert (np.diff(found.similarity) <= 0).all()


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_of_many_pairs_only_the_best_are_kept(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(similarity, "BLOCK", 8)
    faces, _ = synthetic_faces(3, 30)
    images = np.arange(len(faces))
    everything, some = (matching_images(faces, images, 0.55, number) for number in (10_000, limit))
    assert some.similarity.tolist() == everything.similarity[:limit].tolist()
    assert some.first.tolist() == everything.first[:limit].tolist()


@pytest.mark.parametrize("count", [0, 1])
def test_without_two_faces_there_is_no_pair(count: int) -> None:
    assert len(matching_images(np.ones((count, 4), np.float32), np.zeros(count, int), 0.5, 10).first) == 0
