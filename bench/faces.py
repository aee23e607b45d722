"""The face stage against a bare loop of the same dlib calls on the same pictures.

`python -m bench.faces`; `PICTURES` sets how many.
"""

import time

import cv2
import dlib
import numpy as np

from bench.pictures import phone_pictures
from bench.sizes import size
from faces.engine.deepface import DeepFaceEngine
from faces.engine.dlib_engine import DlibEngine
from photos.images import read_picture

AT_MOST = 1.3


def run() -> None:
    """Prints the stage's time as a multiple of the bare loop's, and how much it may be."""
    contents = phone_pictures(size("PICTURES", 6, 1))
    pictures = [read_picture(content).pixels for content in contents]
    engine = DeepFaceEngine()
    dlib_engine = engine._engine
    assert isinstance(dlib_engine, DlibEngine), "the goal is one of the default engine"
    engine.find_faces(pictures[0])
    ours = bare = 0.0
    for picture in pictures * 3:  # in turn, so that other work on the machine slows both
        start = time.perf_counter()
        found = engine.find_faces(picture)
        ours += time.perf_counter() - start
        start = time.perf_counter()
        described = _bare(dlib_engine, picture)
        bare += time.perf_counter() - start
        assert len(found) == len(described) == 1
    each = 1000 * ours / (3 * len(pictures))
    print(f"faces, {len(pictures)} portraits: {each:.0f} ms each")
    print(f"  {ours / bare:.2f} times the bare dlib calls (at most {AT_MOST})")


def _bare(models: DlibEngine, picture: np.ndarray) -> list[np.ndarray]:
    """Detects faces once at 1280 pixels, turns each upright, detects it again, and describes it."""
    scale = 1280 / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(
        np.uint8, copy=False
    )
    described = []
    for found in models._detector.run(small, 0, 0.0)[0]:
        place = dlib.rectangle(
            *(round(side / scale) for side in (found.left(), found.top(), found.right(), found.bottom()))
        )
        landmarks = models._landmarks(picture, place)
        if len(models._detector.run(dlib.get_face_chip(picture, landmarks, 240, 0.75), 0, 0.65)[0]):
            chip = dlib.get_face_chip(picture, landmarks, 150, 0.25)
            described.append(np.asarray(models._network.compute_face_descriptor(chip)))
    return described


if __name__ == "__main__":
    run()
