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
    Euclidean distance with the embeddings of the same engine `name`. `quality` tells how much of a face the
    network saw, on a scale of the engine's own; None where the engine cannot tell.
    """

    box: Box
    score: float
    embedding: NDArray[np.float32]
    landmarks: list[tuple[float, float]] = field(default_factory=list)
    quality: float | None = None


@dataclass(frozen=True)
class Limits:
    """Where an engine draws its lines. Distances are Euclidean, between two of its embeddings.

    `threshold`: two faces that are nearer show the same person.
    `sure`: two faces that are nearer do so without doubt. Only these cause a push, and teach a user's other looks.
    `cluster_cut`: groups of faces are one person up to this distance (root mean square over their pairs).
    `expands`: whether a face that is surely a user's becomes one more reference of theirs.
    `min_score`, `min_quality`: a face below either is shown, but nobody is recognised by it; None for no line.
    """

    threshold: float
    sure: float
    cluster_cut: float
    expands: bool = False
    min_score: float | None = None
    min_quality: float | None = None

    def allow(self, face: DetectedFace) -> bool:
        """Returns whether people are recognised by this face."""
        good_score = self.min_score is None or face.score >= self.min_score
        return good_score and (
            self.min_quality is None or face.quality is None or face.quality >= self.min_quality
        )


class FaceEngine(Protocol):
    """Finds faces and describes them.

    `name`, of the class too, names detector, alignment and network: embeddings of different names are never
    compared. A class whose name depends on settings has a static method `configured_name` instead. One that needs
    files of `weights/` tells their names by a static method `required_weights`: they are checked at the start.
    """

    name: str
    limits: Limits

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        """Returns the faces of an RGB picture of shape (height, width, 3), largest first."""
        ...
