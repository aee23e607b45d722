"""The interface of face engines. To use another one, write a class of this shape and name it in `FACE_ENGINE`."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class EngineUnavailable(Exception):
    """The engine's weights or libraries are missing; the argument says which."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the picture it was found in, origin at the top left, wholly inside the picture."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class DetectedFace:
    """One face: its place, the detector's score, and its embedding.

    `landmarks` are (x, y) points in pixels of the picture; `embedding` is float32 of shape (d,), comparable by
    Euclidean distance with the embeddings of the same engine `name`.
    """

    box: Box
    score: float
    embedding: NDArray[np.float32]
    landmarks: list[tuple[float, float]] = field(default_factory=list)


class FaceEngine(Protocol):
    """Finds faces and describes them.

    `name` names detector, alignment and network: embeddings of different names are never compared.
    `threshold` is the Euclidean distance below which two embeddings show the same person.
    """

    name: str
    threshold: float

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        """Returns the faces of an RGB picture of shape (height, width, 3), largest first."""
        ...
