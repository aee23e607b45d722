"""Faces by dlib: found by its HOG detector, aligned and described as its network was trained.

Detector: Dalal and Triggs' histograms of oriented gradients with King's max-margin training (arXiv:1502.00046).
Network: dlib's ResNet of 128 dimensions, trained on its own face chips of 150 pixels with a quarter of padding.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.engine.base import Box, DetectedFace

NAME = "dlib-hog/chip-150/resnet-v1"
# On 61 photos of 13 people, 98 % of the pairs of one person are nearer, and 0.12 % of all others.
THRESHOLD = 0.55

# The detector sees faces from 80 pixels on. The first look is on a picture of at most this longer side …
FIRST_SIDE = 1280
# … and, unless one large face was found, the second on one of at most this, enlarged at most twice: for groups.
SECOND_SIDE, MAX_ENLARGED = 2560, 2.0
PORTRAIT = 0.1  # of the longer side: a single face as wide as this leaves no group to look for

CHIP_SIZE, CHIP_PADDING = 150, 0.25
# Whatever is no face does not look like one when it is turned upright by its supposed landmarks. Measured there on
# 38 pictures: true faces scored 0.8 and more, all others 0.5 and less (in the picture itself 0.3 and up to 0.8).
CHECK_SIZE, CHECK_PADDING, CHECK_SCORE = 240, 0.75, 0.65
CHECK_OFF_CENTRE, CHECK_WIDTH = 36, (50, 170)
SAME_FACE = 0.3  # intersection over union


@dataclass(frozen=True)
class Candidate:
    """Where the detector sees a face, in pixels of the picture; the sides may be outside of it."""

    score: float
    left: int
    top: int
    right: int
    bottom: int

    def overlap(self, other: "Candidate") -> float:
        """Intersection over union."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        common = max(0, width) * max(0, height)
        return common / (self.area + other.area - common)

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)


class DlibFaces:
    """dlib's detector, landmarks and network, as deepface's registry builds them."""

    name = NAME
    threshold = THRESHOLD

    def __init__(self) -> None:
        from deepface.modules.modeling import build_model

        detector = build_model(task="face_detector", model_name="dlib").model
        self._detector: Any = detector["face_detector"]
        self._landmarks: Any = detector["sp"]
        self._network: Any = build_model(task="facial_recognition", model_name="Dlib").model.model
        self._one_at_a_time = threading.Lock()  # two threads in one detector crash the process

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        with self._one_at_a_time:
            faces = [self._describe(picture, *found) for found in self._search(picture)]
        return sorted(faces, key=lambda face: -face.box.width * face.box.height)

    def _search(self, picture: NDArray[np.uint8]) -> list[tuple[Candidate, Any]]:
        """The faces with their landmarks."""
        found = list(self._checked(picture, self._detect(picture, FIRST_SIDE, 1.0)))
        longer_side = max(picture.shape[:2])
        if len(found) == 1 and found[0][0].right - found[0][0].left >= PORTRAIT * longer_side:
            return found
        known = [candidate for candidate, _ in found]
        more = [
            candidate
            for candidate in self._detect(picture, SECOND_SIDE, MAX_ENLARGED)
            if all(candidate.overlap(other) < SAME_FACE for other in known)
        ]
        return found + list(self._checked(picture, more))

    def _detect(self, picture: NDArray[np.uint8], side: int, max_scale: float) -> list[Candidate]:
        """What the detector finds at that longer side, without its own upsampling."""
        import cv2

        height, width = picture.shape[:2]
        scale = min(side / max(height, width), max_scale)
        if scale != 1:
            method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            size = max(1, round(width * scale)), max(1, round(height * scale))
            resized = cv2.resize(picture, size, interpolation=method)
        else:
            resized = picture
        rectangles, scores, _ = self._detector.run(resized, 0, 0.0)
        return [
            Candidate(float(score), *(round(side / scale) for side in (r.left(), r.top(), r.right(), r.bottom())))
            for r, score in zip(rectangles, scores, strict=True)
        ]

    def _checked(self, picture: NDArray[np.uint8], candidates: list[Candidate]) -> Iterator[tuple[Candidate, Any]]:
        """Those that still look like faces when they are turned upright, with their landmarks."""
        import dlib

        for candidate in candidates:
            rectangle = dlib.rectangle(candidate.left, candidate.top, candidate.right, candidate.bottom)
            landmarks = self._landmarks(picture, rectangle)
            upright = dlib.get_face_chip(picture, landmarks, CHECK_SIZE, CHECK_PADDING)
            if any(map(_in_the_middle, self._detector.run(upright, 0, CHECK_SCORE)[0])):
                yield candidate, landmarks

    def _describe(self, picture: NDArray[np.uint8], candidate: Candidate, landmarks: Any) -> DetectedFace:
        import dlib

        chip = dlib.get_face_chip(picture, landmarks, CHIP_SIZE, CHIP_PADDING)
        return DetectedFace(
            box=_clipped(candidate, *picture.shape[:2]),
            score=candidate.score,
            embedding=np.asarray(self._network.compute_face_descriptor(chip), np.float32),
            landmarks=[(float(point.x), float(point.y)) for point in landmarks.parts()],
        )


def _in_the_middle(rectangle: Any) -> bool:
    """Whether this is the face that the chip was cut for, and not another one beside it."""
    middle, centre = CHECK_SIZE / 2, rectangle.center()
    off_centre = max(abs(centre.x - middle), abs(centre.y - middle))
    smallest, largest = CHECK_WIDTH
    return off_centre < CHECK_OFF_CENTRE and smallest < rectangle.width() < largest


def _clipped(candidate: Candidate, height: int, width: int) -> Box:
    left, top = min(max(0, candidate.left), width - 1), min(max(0, candidate.top), height - 1)
    right, bottom = min(candidate.right, width), min(candidate.bottom, height)
    return Box(left, top, max(1, right - left), max(1, bottom - top))
