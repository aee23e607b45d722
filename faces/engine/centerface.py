"""Finds faces by CenterFace (Xu et al., arXiv:1911.03599): a network without anchors, with five landmarks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.engine.weight_files import CENTERFACE, open_network

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

STRIDE = 4  # pixels of the input for each cell of the output
FOUND = 0.35  # the least score of a face
SAME_FACE = 0.3  # intersection over union

# The network sees a frame of one of these shapes: the long side, and the short side that a photograph needs or the
# same again for a squarer one. Frames have no other shapes and are not larger, which keeps memory low: with one of
# 1280 by 1280 it is twice as much, and a third of the time goes into getting it from the system.
LONG, SHORT = 640, 480
# The first look fits the whole picture into a frame, the second one into 1200 pixels, of which four frames show
# overlapping parts. In pixels of the first look, it finds all faces of a width of 14 by itself, two thirds of
# 11.5, one fifth of 10; the second look finds all from 7.5 on. So a face of at most SMALL tells that there may be
# more. Faces from LARGE on are better described by the first look; the parts overlap by more than that.
SECOND_LONG = 1200
SMALL, LARGE = 18, 24
# A picture has to be this many times as long as a frame: enlarged, it would tell nothing new.
MORE_DETAIL = 1.2


@dataclass(frozen=True)
class Detection:
    """A face in pixels of the picture: left, top, right, bottom (perhaps outside of it), and landmarks (5, 2).

    The landmarks are (x, y) of both eyes, the nose and both corners of the mouth, each from the viewer's left.
    """

    score: float
    corners: NDArray[np.float64]
    landmarks: NDArray[np.float64]

    @property
    def width(self) -> float:
        return float(self.corners[2] - self.corners[0])

    def moved(self, by: tuple[int, int], stretch: tuple[float, float]) -> "Detection":
        """Returns the face in pixels of a picture of which this one is a part, made smaller."""
        corners = (self.corners.reshape(2, 2) + by) * stretch
        return Detection(self.score, corners.ravel(), (self.landmarks + by) * stretch)

    def is_within(self, left: int, top: int, part: Pixels, whole: Pixels) -> bool:
        """Returns whether the part at that place of the picture shows all of the face that the picture has.

        The network guesses that half a face ends a little before the edge.
        """
        rows, columns = part.shape[:2]
        return (
            (left == 0 or self.corners[0] > STRIDE)
            and (top == 0 or self.corners[1] > STRIDE)
            and (left + columns == whole.shape[1] or self.corners[2] < columns - STRIDE)
            and (top + rows == whole.shape[0] or self.corners[3] < rows - STRIDE)
        )


class CenterFace:
    """The detector, with one session for its whole life. It may be called by several threads."""

    def __init__(self) -> None:
        self._session = open_network(CENTERFACE)

    def detect(self, picture: Pixels) -> list[Detection]:
        """Returns the faces of an RGB picture of shape (height, width, 3), best score first."""
        first = self.look(picture)
        cell = max(picture.shape[:2]) / LONG  # pixels of the picture for a pixel of the first look
        if cell < MORE_DETAIL or all(face.width > SMALL * cell for face in first):
            return first
        large = [face for face in first if face.width >= LARGE * cell]
        small = [face for face in first if face.width < LARGE * cell]
        second = [face for face in self.look_closer(picture) if face.width < LARGE * cell]
        return sorted(_drop_doubles([*large, *second, *small]), key=lambda face: -face.score)

    def look(self, picture: Pixels) -> list[Detection]:
        """Returns the faces that the network sees on the whole picture, best score first."""
        fitted, stretch = _fit(picture, LONG)
        return [face.moved((0, 0), stretch) for face in _drop_doubles(self._search(fitted))]

    def look_closer(self, picture: Pixels) -> list[Detection]:
        """Returns the small faces that it sees on enlarged parts of the picture, best score first."""
        fitted, stretch = _fit(picture, SECOND_LONG)
        height, width = fitted.shape[:2]
        rows, columns = _frame_shape(height, width)
        found = []
        for top in {0, max(0, height - rows)}:
            for left in {0, max(0, width - columns)}:
                part = fitted[top : top + rows, left : left + columns]
                # Another part shows the whole of a face that is cut off.
                inside = [face for face in self._search(part) if face.is_within(left, top, part, fitted)]
                found += [face.moved((left, top), stretch) for face in inside]
        return _drop_doubles(sorted(found, key=lambda face: -face.score))

    def _search(self, picture: Pixels) -> list[Detection]:
        """Returns the faces, some of them several times, in pixels of a picture that fits into a frame."""
        height, width = picture.shape[:2]
        frame = np.zeros((1, 3, *_frame_shape(height, width)), np.float32)
        frame[0, :, :height, :width] = picture.transpose(2, 0, 1)
        heat, log_sizes, offsets, points = self._session.run(["537", "538", "539", "540"], {"input.1": frame})
        return _decode(heat[0, 0], log_sizes[0], offsets[0], points[0])


def _fit(picture: Pixels, longer_side: int) -> tuple[Pixels, tuple[float, float]]:
    """Returns the picture with that longer side, and how many pixels (x, y) of the old one each new pixel is."""
    import cv2

    height, width = picture.shape[:2]
    scale = longer_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(picture, size, interpolation=method).astype(np.uint8, copy=False)
    return fitted, (width / size[0], height / size[1])


def _frame_shape(height: int, width: int) -> tuple[int, int]:
    """Returns the rows and columns of the frames for a picture of this shape, as a whole or in parts."""
    if 4 * min(height, width) > 3 * max(height, width):  # squarer than most photographs
        return LONG, LONG
    return (SHORT, LONG) if width >= height else (LONG, SHORT)


def _decode(heat: Floats, log_sizes: Floats, offsets: Floats, points: Floats) -> list[Detection]:
    """Returns the faces in pixels of the frame, best score first, some of them several times."""
    rows, columns = np.nonzero(heat > FOUND)
    best_first = np.argsort(-heat[rows, columns], kind="stable")
    rows, columns = rows[best_first], columns[best_first]
    sizes = STRIDE * np.exp(log_sizes[:, rows, columns].astype(np.float64))  # (height and width, n)
    centres = STRIDE * (np.stack([rows, columns]) + offsets[:, rows, columns] + 0.5)
    upper_left = centres - sizes / 2
    # Each point is (y, x), as shares of the box.
    shares = points[:, rows, columns].reshape(5, 2, -1)
    landmarks = (upper_left + shares * sizes)[:, ::-1].transpose(2, 0, 1)
    corners = np.concatenate([upper_left[::-1], (upper_left + sizes)[::-1]]).T
    scores = heat[rows, columns].tolist()
    return [Detection(*face) for face in zip(scores, corners, landmarks, strict=True)]


def _drop_doubles(faces: list[Detection]) -> list[Detection]:
    """Returns the faces without those that overlap one before them."""
    kept: list[Detection] = []
    corners = np.empty((len(faces), 4))
    for face in faces:
        if not kept or _overlaps(face.corners, corners[: len(kept)]).max() < SAME_FACE:
            corners[len(kept)] = face.corners
            kept.append(face)
    return kept


def _overlaps(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the intersection over union of the box (4,) with each of the others (n, 4)."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    common = np.maximum(sides, 0).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    overlaps: NDArray[np.float64] = common / ((box[2:] - box[:2]).prod() + areas - common)
    return overlaps
