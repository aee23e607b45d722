"""What a decoder is: how a picture goes into one family of detection networks, and how classes come out."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class UnusableModel(Exception):
    """The file is no detection model of a known family; the argument says why."""


@dataclass(frozen=True)
class DetectedObject:
    """That a picture shows something of a class, and how sure the detector is of the surest (0 to 1)."""

    name: str
    score: float


class Decoder(Protocol):
    """One family of networks. To add one, write a class of this shape and name it in `detector.DECODERS`.

    `threshold` is the confidence that suits the family; `side` the length of the square input it was exported for
    unless the file says so.
    """

    threshold: float
    side: int

    def fits(self, output: list[int | str | None]) -> bool:
        """Whether a network with a first output of this shape is of the family; dynamic axes are no numbers."""
        ...

    def encode(self, picture: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
        """The input of shape (1, 3, side, side) for an RGB picture of shape (height, width, 3)."""
        ...

    def scores(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of each class the score of its surest object, from the first output."""
        ...
