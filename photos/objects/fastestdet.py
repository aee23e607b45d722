"""Decoder of FastestDet (github.com/dog-qiuqiu/FastestDet): a grid of cells, each with one object."""

import numpy as np
from numpy.typing import NDArray

BOX = 5  # objectness and four numbers of a box come before the classes


class FastestDetDecoder:
    """Output (1, 5 + classes, rows, columns); its authors define the score as objectness^0.6 · class^0.4."""

    threshold = 0.5
    side = 352

    def fits(self, output: list[int | str | None]) -> bool:
        return len(output) == 4

    def encode(self, picture: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
        """Stretches the picture to a square, in BGR from 0 to 1."""
        import cv2

        resized = cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR)
        return resized[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)

    def scores(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        objectness, classes = output[0, 0], output[0, BOX:]
        best: NDArray[np.float32] = (objectness**0.6 * classes**0.4).max(axis=(1, 2))
        return best
