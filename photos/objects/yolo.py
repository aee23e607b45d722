"""Decoders of YOLOv8 and YOLO11 as Ultralytics exports them to ONNX, with and without built-in NMS."""

import numpy as np
from numpy.typing import NDArray

BOX = 4
GREY = 114


def letterbox(picture: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """Fits the picture into a grey square without distortion: RGB from 0 to 1 of shape (1, 3, side, side)."""
    import cv2

    height, width = picture.shape[:2]
    scale = side / max(height, width)
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    square = np.full((side, side, 3), GREY, np.uint8)
    top, left = (side - new_height) // 2, (side - new_width) // 2
    square[top : top + new_height, left : left + new_width] = cv2.resize(
        picture, (new_width, new_height), interpolation=cv2.INTER_LINEAR
    )
    return square[None].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)


class YoloDecoder:
    """Output (1, 4 + classes, candidates): for each candidate a box and the scores of the classes."""

    threshold = 0.25
    side = 640

    def fits(self, output: list[int | str | None]) -> bool:
        return len(output) == 3 and output[2] != YoloEndToEndDecoder.columns

    def encode(self, picture: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
        return letterbox(picture, side)

    def scores(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        best: NDArray[np.float32] = output[0, BOX:].max(axis=1, initial=0)
        return best


class YoloEndToEndDecoder:
    """Output (1, detections, 6), exported with `nms=True`: for each object a box, its score and its class."""

    threshold = 0.25
    side = 640
    columns = 6

    def fits(self, output: list[int | str | None]) -> bool:
        return len(output) == 3 and output[2] == self.columns

    def encode(self, picture: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
        return letterbox(picture, side)

    def scores(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        score, numbers = output[0, :, 4], output[0, :, 5].astype(np.int64)
        best = np.zeros(numbers.max(initial=0) + 1, np.float32)
        np.maximum.at(best, numbers, score)
        return best
