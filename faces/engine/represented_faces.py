"""Faces by any other of deepface's models and detectors, through its own `represent`."""

from typing import Any

import numpy as np
from django.core.exceptions import ImproperlyConfigured
from numpy.typing import NDArray

from faces.engine.base import Box, DetectedFace, EngineUnavailable

METRIC = "euclidean_l2"  # Euclidean distance of embeddings of length one


class RepresentedFaces:
    """A model and a detector by deepface's names for them; aligned as deepface does, with its own threshold."""

    def __init__(self, model: str, detector: str) -> None:
        from deepface.modules.modeling import AVAILABLE_MODELS
        from deepface.modules.verification import find_threshold

        for setting, task, name in (
            ("FACE_MODEL", "facial_recognition", model),
            ("FACE_DETECTOR", "face_detector", detector),
        ):
            known = AVAILABLE_MODELS[task]
            if name not in known:
                raise ImproperlyConfigured(f"{setting} must be one of {', '.join(known)}.")
        self._model, self._detector = model, detector
        self.name = f"{detector}/deepface-aligned/{model}"
        self.threshold = float(find_threshold(model, METRIC))

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        """Raises `EngineUnavailable` when deepface cannot get the weights."""
        from deepface.modules.exceptions import FaceNotDetected
        from deepface.modules.representation import represent

        try:
            found: Any = represent(
                img_path=np.ascontiguousarray(picture[:, :, ::-1]),  # BGR; an array, for it would fetch a string
                model_name=self._model,
                detector_backend=self._detector,
                enforce_detection=True,
                align=True,
            )
        except FaceNotDetected:
            return []
        except (ImportError, ValueError, OSError) as error:
            raise EngineUnavailable(f"{self.name} is not to be had: see FACE_MODEL and FACE_DETECTOR.") from error
        faces = [_face(one) for one in found]
        return sorted(faces, key=lambda face: -face.box.width * face.box.height)


def _face(found: dict[str, Any]) -> DetectedFace:
    area = found["facial_area"]
    embedding = np.asarray(found["embedding"], np.float32)
    points = [area.get(name) for name in ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")]
    return DetectedFace(
        box=Box(int(area["x"]), int(area["y"]), int(area["w"]), int(area["h"])),
        score=float(found["face_confidence"]),
        embedding=embedding / max(float(np.linalg.norm(embedding)), 1e-12),
        landmarks=[(float(point[0]), float(point[1])) for point in points if point],
    )
