"""The face engine on deepface: its models as `FACE_MODEL` and `FACE_DETECTOR` name them."""

from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from faces.engine.base import DetectedFace, FaceEngine
from faces.engine.dlib_faces import DlibFaces
from faces.engine.represented_faces import RepresentedFaces
from faces.engine.weights import prepare_weights

DEFAULT = ("Dlib", "dlib")


class DeepFaceEngine:
    """By default dlib, which needs no download and is aligned better than by deepface itself.

    Raises `ImproperlyConfigured` for a name that deepface does not know, and `EngineUnavailable` when weights or
    libraries are missing.
    """

    def __init__(self) -> None:
        prepare_weights(Path(settings.DEEPFACE_HOME))
        import cv2

        cv2.setNumThreads(1)  # processes use the cores, not threads
        chosen = settings.FACE_MODEL, settings.FACE_DETECTOR
        self._faces: FaceEngine = DlibFaces() if chosen == DEFAULT else RepresentedFaces(*chosen)
        self.name = self._faces.name
        self.threshold = self._faces.threshold

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        return self._faces.find_faces(picture)
