"""Which images show the same face: products of blocks against a loop over pairs, over the same made-up faces.

`python -m bench.match`; `FACES` sets how many. The loop is timed over a part of the pairs and extrapolated.
"""

import time

import numpy as np

from bench.sizes import size
from faces.engine.similarity import matching_images
from faces.tests.embeddings import synthetic_faces

LOOPED_PAIRS, LOOPED_COSINE = 200_000, 0.85
AT_LEAST = 500


def run() -> None:
    """Prints how many times faster than the loop it is, and how often it must be."""
    number = size("FACES", 10_000, 1_000)
    faces, _ = synthetic_faces(number // 10, 10)
    images = np.arange(len(faces))
    matching_images(faces[:100], images[:100], 0.55, 5000)  # work that is done once per process
    start = time.perf_counter()
    found = matching_images(faces, images, 0.55, 5000)
    blocks = time.perf_counter() - start
    loop = _loop(faces) / LOOPED_PAIRS * len(faces) * (len(faces) - 1) / 2
    print(f"match, {number} faces, {len(found.first)} pairs told: {blocks:.2f} s; a loop over pairs {loop:.0f} s")
    print(f"  {loop / blocks:.0f} times faster (at least {AT_LEAST})")


def _loop(faces: np.ndarray) -> float:
    """Seconds for the cosines of `LOOPED_PAIRS` pairs, one after the other, as one would write it with numpy."""
    start, seen, matches = time.perf_counter(), 0, []
    for a in range(len(faces)):
        for b in range(a):
            cosine = np.dot(faces[a], faces[b]) / (np.linalg.norm(faces[a]) * np.linalg.norm(faces[b]))
            if cosine > LOOPED_COSINE:
                matches.append((a, b, float(cosine)))
            seen += 1
            if seen == LOOPED_PAIRS:
                return time.perf_counter() - start
    return time.perf_counter() - start


if __name__ == "__main__":
    run()
