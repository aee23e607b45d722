"""The face engine by deepface, with the models that `FACE_MODEL` and `FACE_DETECTOR` name."""

from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from faces.engine.base import DetectedFace, FaceEngine
from faces.engine.deepface_models import DeepFaceModels
from faces.engine.dlib_engine import DlibEngine
from faces.engine.weights import prepare_weights

DEFAULT = ("Dlib", "dlib")


class DeepFaceEngine:
    """Uses dlib by default, which needs no download, and which we align better than deepface does.

    Raises `ImproperlyConfigured` for a name that deepface does not know, and `EngineUnavailable` when weights or
    libraries are missing.
    """

    def __init__(self) -> None:
        prepare_weights(Path(settings.DEEPFACE_HOME))
        import cv2

        cv2.setNumThreads(1)  # processes use the cores, not threads
        chosen = settings.FACE_MODEL, settings.FACE_DETECTOR
        self._engine: FaceEngine = DlibEngine() if chosen == DEFAULT else DeepFaceModels(*chosen)
        self.name = self._engine.name
        self.threshold = self._engine.threshold

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        return self._engine.find_faces(picture)
