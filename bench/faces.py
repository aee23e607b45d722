"""The face stage against a bare loop of the same sessions on the same pictures, and against the dlib engine.

`python -m bench.faces`; `PICTURES` sets how many portraits. One picture is a group of twelve small faces.
"""

import time
from collections.abc import Callable

import cv2
import numpy as np
from django.test.utils import override_settings
from PIL import Image

from bench.pictures import phone_pictures
from bench.sizes import size
from faces.engine.base import FaceEngine
from faces.engine.centerface import LONG, SHORT
from faces.engine.deepface import DLIB, ONNX, DeepFaceEngine
from faces.engine.mobilefacenet import CHIP
from faces.engine.onnx_engine import OnnxEngine
from photos.images import read_picture

BARE_AT_MOST, DLIB_AT_MOST = 1.15, 0.5
ROUNDS = 3
GROUP = 12


def run() -> None:
    """Prints the stage's time as a multiple of the bare loop's and of the dlib engine's, and what it may be."""
    portraits = [read_picture(content).pixels for content in phone_pictures(size("PICTURES", 6, 1))]
    engine, dlib = _engine(*ONNX), _engine(*DLIB)
    assert isinstance(engine, OnnxEngine), "the bare loop is one of its sessions"
    _compare(f"{len(portraits)} portraits", engine, dlib, portraits, faces=1, frames=1)
    _compare("one group", engine, dlib, [_group(portraits[0])], faces=GROUP, frames=5)


def _compare(
    name: str, engine: OnnxEngine, dlib: FaceEngine, pictures: list[np.ndarray], *, faces: int, frames: int
) -> None:
    def find(picture: np.ndarray) -> None:
        found = len(engine.find_faces(picture))
        assert found == faces, f"{found} faces instead of {faces}"

    calls = find, lambda picture: _bare(engine, picture, faces, frames), dlib.find_faces
    ours, bare, other = (0.0, 0.0, 0.0)
    for picture in pictures:
        # In turn, and the best of each, so that other work on the machine disturbs little.
        rounds = [[_seconds(call, picture) for call in calls] for _ in range(ROUNDS)]
        best = [min(column) for column in zip(*rounds, strict=True)]
        ours, bare, other = ours + best[0], bare + best[1], other + best[2]
    print(f"faces, {name}: {1000 * ours / len(pictures):.0f} ms each")
    print(f"  {ours / bare:.2f} times the bare sessions (at most {BARE_AT_MOST})")
    print(f"  {ours / other:.2f} times the dlib engine (at most {DLIB_AT_MOST})", flush=True)


def _engine(model: str, detector: str) -> FaceEngine:
    with override_settings(FACE_MODEL=model, FACE_DETECTOR=detector):
        return DeepFaceEngine()._engine


def _seconds(call: Callable[[np.ndarray], object], picture: np.ndarray) -> float:
    start = time.process_time()
    call(picture)
    return time.process_time() - start


def _bare(engine: OnnxEngine, picture: np.ndarray, faces: int, frames: int) -> None:
    """Runs the sessions on what they need, without finding out where the faces are."""
    scale = LONG / max(picture.shape[:2])
    for _ in range(frames):
        fitted = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        frame = np.zeros((1, 3, SHORT, LONG), np.float32)
        frame[0, :, : fitted.shape[0], : fitted.shape[1]] = fitted.transpose(2, 0, 1)
        engine._detector._session.run(None, {"input.1": frame})
    for _ in range(faces):
        chip = cv2.warpAffine(picture, np.eye(2, 3), (CHIP, CHIP)).astype(np.float32)
        engine._network._session.run(None, {"t368": ((chip - 127.5) / 128).transpose(2, 0, 1)[None]})


def _group(portrait: np.ndarray) -> np.ndarray:
    """Twelve people, each face 2 % of the picture wide."""
    person = Image.fromarray(portrait[300:1125, 600:1350]).resize((110, 121), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", (2016, 1512), (120, 140, 110))
    for number in range(GROUP):
        picture.paste(person, (150 + 450 * (number % 4), 150 + 450 * (number // 4)))
    return np.asarray(picture)


if __name__ == "__main__":
    run()
