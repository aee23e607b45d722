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
from faces.engine.weight_files import CENTERFACE, MOBILEFACENET

# (FACE_MODEL, FACE_DETECTOR) of the engines that need no download, and whose faces we align, not deepface.
DLIB, ONNX = ("Dlib", "dlib"), ("MobileFaceNet", "centerface")
OWN_ENGINES: dict[tuple[str, str], type[DlibEngine] | type[OnnxEngine]] = {DLIB: DlibEngine, ONNX: OnnxEngine}


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
        chosen = settings.FACE_MODEL, settings.FACE_DETECTOR
        own = OWN_ENGINES.get(chosen)
        self._engine: FaceEngine = own() if own else DeepFaceModels(*chosen)
        self.name = self._engine.name
        self.limits = self._engine.limits

    @staticmethod
    def configured_name() -> str:
        """Returns the name of the engine that the settings choose, without its libraries and weights."""
        chosen = settings.FACE_MODEL, settings.FACE_DETECTOR
        return OWN_ENGINES[chosen].name if chosen in OWN_ENGINES else deepface_name(*chosen)

    @staticmethod
    def required_weights() -> list[str]:
        """Returns those of this project's files of weights that the models of the settings need."""
        file_of = {ONNX[0]: MOBILEFACENET, ONNX[1]: CENTERFACE}
        return [file_of[name] for name in (settings.FACE_DETECTOR, settings.FACE_MODEL) if name in file_of]

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        return self._engine.find_faces(picture)
