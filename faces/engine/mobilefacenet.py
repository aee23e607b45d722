"""Describes a face by MobileFaceNet (Chen et al., arXiv:1804.07573), trained on faces aligned as here."""

import numpy as np
from numpy.typing import NDArray

from faces.engine.weight_files import MOBILEFACENET, open_network

Pixels = NDArray[np.uint8]

CHIP = 112  # pixels
SAME_PERSON = 0.95  # Euclidean distance of two embeddings, measured on 1,662 photos
# Where ArcFace (Deng et al., arXiv:1801.07698) puts eyes, nose and the corners of the mouth on a chip.
TEMPLATE = np.array([[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]])
# From the middle of these points to the farthest corner of a chip, in pixels of the chip.
REACH = 92


class MobileFaceNet:
    """The network, with one session for its whole life. It may be called by several threads."""

    def __init__(self) -> None:
        self._session = open_network(MOBILEFACENET)

    def describe(self, chip: Pixels) -> tuple[NDArray[np.float32], float]:
        """Returns the embedding (192,) of length 1, and the face's quality, of an RGB chip (112, 112, 3).

        The quality is the length of the embedding before it is made 1: it is short where the network sees little
        of what makes a face somebody's.
        """
        network_input = ((chip.astype(np.float32) - 127.5) / 128).transpose(2, 0, 1)[None]
        embeddings, raw = self._session.run(["embedding", "raw"], {"t368": network_input})
        return embeddings[0], float(np.linalg.norm(raw[0]))


def cut_chip(picture: Pixels, landmarks: NDArray[np.float64]) -> Pixels:
    """Returns the chip (112, 112, 3) on which the landmarks (5, 2) lie on the template, as well as they can.

    The similarity transform (turn, scale, move) of least squares, in complex numbers. What is outside of the
    picture is black. A large face is made smaller first, because the transform reads only the nearest pixels.
    """
    import cv2

    points, template = landmarks @ (1, 1j), TEMPLATE @ (1, 1j)
    centred = points - points.mean()
    turn = np.vdot(centred, template - template.mean()) / max(np.vdot(centred, centred).real, 1e-9)
    scale = abs(turn)
    if scale < 0.5:
        picture, (left, top) = _surroundings(picture, points.mean(), scale)
        height, width = picture.shape[:2]
        size = max(1, round(2 * scale * width)), max(1, round(2 * scale * height))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        points = (points - complex(left, top) + 0.5 + 0.5j) * (size[0] / width) - (0.5 + 0.5j)
        turn *= width / size[0]
    move = template.mean() - turn * points.mean()
    matrix = np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])
    chip: Pixels = cv2.warpAffine(picture, matrix, (CHIP, CHIP)).astype(np.uint8, copy=False)
    return chip


def _surroundings(picture: Pixels, centre: complex, scale: float) -> tuple[Pixels, tuple[int, int]]:
    """Returns the part of the picture that a chip at this scale can show, and its place."""
    height, width = picture.shape[:2]
    reach = REACH / scale + 2
    left, top = max(0, int(centre.real - reach)), max(0, int(centre.imag - reach))
    right, bottom = min(width, int(centre.real + reach) + 1), min(height, int(centre.imag + reach) + 1)
    if right <= left or bottom <= top:
        return picture, (0, 0)
    return picture[top:bottom, left:right], (left, top)
