"""The interface of decoders, which encode pictures for a family of networks and decode its output."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class UnusableModel(Exception):
    """The file is no detection model of a known family; the argument is the reason."""


@dataclass(frozen=True)
class DetectedObject:
    """An object class that a picture shows, with the highest score of its objects (0 to 1)."""

    name: str
    score: float


class Decoder(Protocol):
    """One family of networks. To add one, write a class of this shape and name it in `detector.DECODERS`.

    `threshold` is the lowest score that counts. `side` is the side of the square input in pixels, if the file does
    not define it.
    """

    threshold: float
    side: int

    def fits(self, output: list[int | str | None]) -> bool:
        """Whether a network whose first output has this shape is of the family; dynamic axes are not numbers."""
        ...

    def encode(self, picture: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
        """Returns the input of shape (1, 3, side, side) for an RGB picture of shape (height, width, 3)."""
        ...

    def scores(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns the highest score of each class, from the first output."""
        ...
