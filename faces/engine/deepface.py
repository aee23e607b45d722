"""The face engine by deepface, with the models that `FACE_MODEL` and `FACE_DETECTOR` name."""

from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from faces.engine.base import DetectedFace, FaceEngine
from faces.engine.deepface_home import link_dlib_weights, prepare_home
from faces.engine.deepface_models import DeepFaceModels, deepface_name
from faces.engine.dlib_engine import DlibEngine
from faces.engine.onnx_engine import OnnxEngine

# (FACE_MODEL, FACE_DETECTOR) of the engines that need no download, and whose faces we align, not deepface.
DLIB, ONNX = ("Dlib", "dlib"), ("MobileFaceNet", "centerface")


class DeepFaceEngine:
    """Uses the models as deepface's registry builds them.

    Raises `ImproperlyConfigured` for a name that deepface does not know, and `EngineUnavailable` when weights or
    libraries are missing.
    """

    def __init__(self) -> None:
        home = Path(settings.DEEPFACE_HOME)
        prepare_home(home)
        if DLIB[0] == settings.FACE_MODEL or DLIB[1] == settings.FACE_DETECTOR:
            link_dlib_weights(home)
        import cv2

        cv2.setNumThreads(1)  # processes use the cores, not threads
        self._engine = _build(settings.FACE_MODEL, settings.FACE_DETECTOR)
        self.name = self._engine.name
        self.limits = self._engine.limits

    @staticmethod
    def configured_name() -> str:
        """Returns the name of the engine that the settings choose, without its libraries and weights."""
        known = {DLIB: DlibEngine.name, ONNX: OnnxEngine.name}
        chosen = settings.FACE_MODEL, settings.FACE_DETECTOR
        return known.get(chosen) or deepface_name(*chosen)

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        return self._engine.find_faces(picture)


def _build(model: str, detector: str) -> FaceEngine:
    if (model, detector) == ONNX:
        return OnnxEngine()
    if (model, detector) == DLIB:
        return DlibEngine()
    return DeepFaceModels(model, detector)
