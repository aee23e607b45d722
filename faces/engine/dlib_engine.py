"""The engine by dlib: its HOG detector, its landmarks, and its network on the chips that it was trained on.

Detector: Dalal and Triggs' histograms of oriented gradients with King's max-margin training (arXiv:1502.00046).
Network: dlib's ResNet of 128 dimensions, trained on its own face chips of 150 pixels with a quarter of padding.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faces.engine.base import Box, DetectedFace, Limits

Pixels = NDArray[np.uint8]

NAME = "dlib-hog/chip-150/resnet-v1"
# On 61 photos of 13 people, 98 % of the pairs of one person are nearer than 0.55, and 0.12 % of all others.
LIMITS = Limits(threshold=0.55, sure=0.50, cluster_cut=0.55)

# The detector sees faces from 80 pixels on. It first searches a picture of at most this longer side …
FIRST_SIDE = 1280
# … and then, unless it found one large face, one of at most this, enlarged at most twice: for groups.
SECOND_SIDE, MAX_ENLARGED = 2560, 2.0
PORTRAIT = 0.1  # of the longer side: with a single face as wide as this there is no group to search for

CHIP_SIZE, CHIP_PADDING = 150, 0.25
# A false detection fails a second one, on the chip that is turned upright by its supposed landmarks. Of 432 true
# faces, 20 more pass at 0.30 than at 0.65, and no false one.
CHECK_SIZE, CHECK_PADDING, CHECK_SCORE = 240, 0.75, 0.30
CHECK_OFF_CENTRE, CHECK_WIDTH = 36, (50, 170)
SAME_FACE = 0.3  # intersection over union


@dataclass(frozen=True)
class Candidate:
    """A detection, in pixels of the picture; its sides may be outside of the picture."""

    score: float
    left: int
    top: int
    right: int
    bottom: int

    def overlap(self, other: "Candidate") -> float:
        """Returns the intersection over union."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        common = max(0, width) * max(0, height)
        return common / (self.area + other.area - common)

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)


class Point(Protocol):
    """dlib.point"""

    x: int
    y: int


class Rectangle(Protocol):
    """dlib.rectangle"""

    def left(self) -> int: ...
    def top(self) -> int: ...
    def right(self) -> int: ...
    def bottom(self) -> int: ...
    def width(self) -> int: ...
    def center(self) -> Point: ...


class Landmarks(Protocol):
    """dlib.full_object_detection"""

    def parts(self) -> Iterable[Point]: ...


class Detector(Protocol):
    """dlib.fhog_object_detector"""

    def run(
        self, picture: Pixels, upsample_num_times: int, adjust_threshold: float
    ) -> tuple[Sequence[Rectangle], Sequence[float], Sequence[int]]: ...


class ShapePredictor(Protocol):
    """dlib.shape_predictor"""

    def __call__(self, picture: Pixels, face: Rectangle) -> Landmarks: ...


class DescriptorNetwork(Protocol):
    """dlib.face_recognition_model_v1"""

    def compute_face_descriptor(self, chip: Pixels) -> Sequence[float]: ...


class DlibEngine:
    """dlib's detector, landmarks and network, as deepface's registry builds them."""

    name = NAME
    limits = LIMITS

    def __init__(self) -> None:
        from deepface.modules.modeling import build_model

        detector = build_model(task="face_detector", model_name="dlib").model
        self._detector: Detector = detector["face_detector"]
        self._landmarks: ShapePredictor = detector["sp"]
        self._network: DescriptorNetwork = build_model(task="facial_recognition", model_name="Dlib").model.model
        self._one_at_a_time = threading.Lock()  # two threads in one detector crash the process

    def find_faces(self, picture: Pixels) -> list[DetectedFace]:
        with self._one_at_a_time:
            faces = [self._describe(picture, *found) for found in self._search(picture)]
        return sorted(faces, key=lambda face: -face.box.width * face.box.height)

    def _search(self, picture: Pixels) -> list[tuple[Candidate, Landmarks]]:
        """Returns the faces with their landmarks."""
        found = list(self._verify(picture, self._detect(picture, FIRST_SIDE, 1.0)))
        longer_side = max(picture.shape[:2])
        if len(found) == 1 and found[0][0].right - found[0][0].left >= PORTRAIT * longer_side:
            return found
        known = [candidate for candidate, _ in found]
        more = [
            candidate
            for candidate in self._detect(picture, SECOND_SIDE, MAX_ENLARGED)
            if all(candidate.overlap(other) < SAME_FACE for other in known)
        ]
        return found + list(self._verify(picture, more))

    def _detect(self, picture: Pixels, side: int, max_scale: float) -> list[Candidate]:
        """Returns the detections on the picture resized to that longer side, without dlib's own upsampling."""
        import cv2

        height, width = picture.shape[:2]
        scale = min(side / max(height, width), max_scale)
        if scale != 1:
            method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            size = max(1, round(width * scale)), max(1, round(height * scale))
            picture = cv2.resize(picture, size, interpolation=method).astype(np.uint8, copy=False)
        rectangles, scores, _ = self._detector.run(picture, 0, 0.0)
        return [
            Candidate(float(score), *(round(side / scale) for side in (r.left(), r.top(), r.right(), r.bottom())))
            for r, score in zip(rectangles, scores, strict=True)
        ]

    def _verify(self, picture: Pixels, candidates: list[Candidate]) -> Iterator[tuple[Candidate, Landmarks]]:
        """Yields the candidates that are detected again when they are turned upright, with their landmarks."""
        import dlib

        for candidate in candidates:
            rectangle = dlib.rectangle(candidate.left, candidate.top, candidate.right, candidate.bottom)
            landmarks = self._landmarks(picture, rectangle)
            upright = dlib.get_face_chip(picture, landmarks, CHECK_SIZE, CHECK_PADDING)
            if any(map(_is_centred, self._detector.run(upright, 0, CHECK_SCORE)[0])):
                yield candidate, landmarks

    def _describe(self, picture: Pixels, candidate: Candidate, landmarks: Landmarks) -> DetectedFace:
        import dlib

        chip = dlib.get_face_chip(picture, landmarks, CHIP_SIZE, CHIP_PADDING)
        return DetectedFace(
            box=_clip_to_picture(candidate, *picture.shape[:2]),
            score=candidate.score,
            embedding=np.asarray(self._network.compute_face_descriptor(chip), np.float32),
            landmarks=[(float(point.x), float(point.y)) for point in landmarks.parts()],
        )


def _is_centred(rectangle: Rectangle) -> bool:
    """Returns whether this is the face that the chip was cut for, and not another one beside it."""
    middle, centre = CHECK_SIZE / 2, rectangle.center()
    off_centre = max(abs(centre.x - middle), abs(centre.y - middle))
    smallest, largest = CHECK_WIDTH
    return off_centre < CHECK_OFF_CENTRE and smallest < rectangle.width() < largest


def _clip_to_picture(candidate: Candidate, height: int, width: int) -> Box:
    left, top = min(max(0, candidate.left), width - 1), min(max(0, candidate.top), height - 1)
    right, bottom = min(candidate.right, width), min(candidate.bottom, height)
    return Box(left, top, max(1, right - left), max(1, bottom - top))
