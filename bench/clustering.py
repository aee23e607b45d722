"""Clustering made-up faces: against scikit-learn's DBSCAN, where it is installed, and the bare matrix product.

`python -m bench.clustering`; `FACES` and `FACES_WITH_DBSCAN` set how many.
"""

import resource
import time

import numpy as np

from bench.sizes import size
from faces.engine.clustering import cluster_faces
from faces.tests.embeddings import bcubed, synthetic_faces

DIMENSIONS = 192  # as the default engine's
AT_MOST, MEGABYTES = 2, 1000


def run() -> None:
    """Prints seconds, ratios and memory, and what they must be at most."""
    _against_product(size("FACES", 100_000, 5_000))  # first: the peak is that of the whole process
    _against_dbscan(size("FACES_WITH_DBSCAN", 20_000, 4_000))


def _cluster(faces: np.ndarray) -> tuple[float, np.ndarray]:
    start = time.process_time()
    labels = cluster_faces(faces, np.arange(len(faces)), 0.55)
    return time.process_time() - start, labels


def _against_dbscan(number: int) -> None:
    faces, whose = synthetic_faces(number // 40, 40)
    seconds, labels = _cluster(faces)
    precision, recall = bcubed(labels[:4000], whose[:4000])
    print(f"clustering, {number} faces: {seconds:.1f} s, BCubed precision {precision:.3f}, recall {recall:.3f}")
    try:
        from sklearn.cluster import DBSCAN  # type: ignore[import-not-found]
    except ImportError:
        print("  scikit-learn is not installed: nothing to compare with")
        return
    start = time.process_time()
    DBSCAN(eps=0.15, min_samples=2, metric="cosine").fit(faces)
    dbscan = time.process_time() - start
    print(f"  DBSCAN {dbscan:.1f} s: {seconds / dbscan:.2f} times its time (at most 1)")


def _against_product(number: int) -> None:
    faces, _ = synthetic_faces(number // 50, 50, spread=0.015, dimensions=DIMENSIONS)
    product = _product(faces)
    seconds, _ = _cluster(faces)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"clustering, {number} faces: {seconds:.1f} s; the bare product {product:.1f} s")
    print(f"  {seconds / product:.2f} times the product (at most {AT_MOST}), peak {peak} MB (at most {MEGABYTES})")


def _product(faces: np.ndarray) -> float:
    """Seconds for the matrix of all dot products, in blocks that are not kept."""
    rows, columns = 512, 4096
    buffer = np.empty((rows, columns), np.float32)
    start = time.process_time()
    for row in range(0, len(faces), rows):
        left = faces[row : row + rows]
        for column in range(0, len(faces), columns):
            right = faces[column : column + columns]
            np.matmul(left, right.T, out=buffer[: len(left), : len(right)])
    return time.process_time() - start


if __name__ == "__main__":
    run()
