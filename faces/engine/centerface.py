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
FIRST_SIDE, SECOND_SIDE = 640, 1280  # of the padded square that the network sees
# A second look at twice the size is for small faces. In pixels of the first square, it finds all faces of a width
# of 14 by itself, two thirds of 11.5, one fifth of 10; the second look finds all from 7 on. So a face of at most
# SMALL tells that there may be more. Faces from LARGE on are better described by the first look.
SMALL, LARGE = 18, 24
# A picture has to have this many times the first square's pixels on a side: enlarged, it would tell nothing new.
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


class CenterFace:
    """The detector, with one session for its whole life. It may be called by several threads."""

    def __init__(self) -> None:
        self._session = open_network(CENTERFACE)

    def detect(self, picture: Pixels) -> list[Detection]:
        """Returns the faces of an RGB picture of shape (height, width, 3), best score first."""
        first = self.look(picture, FIRST_SIDE)
        longer_side = max(picture.shape[:2])
        cell = longer_side / FIRST_SIDE  # pixels of the picture for a pixel of the first square
        if cell < MORE_DETAIL or all(face.width > SMALL * cell for face in first):
            return first
        large = [face for face in first if face.width >= LARGE * cell]
        small = [face for face in first if face.width < LARGE * cell]
        second = [face for face in self.look(picture, SECOND_SIDE) if face.width < 2 * LARGE * cell]
        return sorted(_drop_doubles([*large, *second, *small]), key=lambda face: -face.score)

    def look(self, picture: Pixels, side: int) -> list[Detection]:
        """Returns the faces that the network sees when the picture is fitted into a square of that side."""
        import cv2

        height, width = picture.shape[:2]
        scale = side / max(height, width)
        fitted_size = max(1, round(width * scale)), max(1, round(height * scale))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        fitted = cv2.resize(picture, fitted_size, interpolation=method)
        square = np.zeros((1, 3, side, side), np.float32)
        square[0, :, : fitted_size[1], : fitted_size[0]] = fitted.transpose(2, 0, 1)
        heat, log_sizes, offsets, points = self._session.run(["537", "538", "539", "540"], {"input.1": square})
        found = _decode(heat[0, 0], log_sizes[0], offsets[0], points[0])
        stretch = np.array([width / fitted_size[0], height / fitted_size[1]])
        return _drop_doubles(
            [Detection(face.score, face.corners * np.tile(stretch, 2), face.landmarks * stretch) for face in found]
        )


def _decode(heat: Floats, log_sizes: Floats, offsets: Floats, points: Floats) -> list[Detection]:
    """Returns the faces in pixels of the square, best score first, some of them several times."""
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
