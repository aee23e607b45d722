"""Faces by any other model and detector that deepface knows, through its function `represent`."""

from typing import NotRequired, TypedDict

import numpy as np
from django.core.exceptions import ImproperlyConfigured
from numpy.typing import NDArray

from faces.engine.base import Box, DetectedFace, EngineUnavailable, Limits

METRIC = "euclidean_l2"  # Euclidean distance of embeddings of length one
SURE = 0.9  # of the threshold: deepface tells nothing more
Point = tuple[float, float]


class FacialArea(TypedDict):
    x: int
    y: int
    w: int
    h: int
    # The landmarks that the detector finds; the others are missing, or None.
    left_eye: NotRequired[Point | None]
    right_eye: NotRequired[Point | None]
    nose: NotRequired[Point | None]
    mouth_left: NotRequired[Point | None]
    mouth_right: NotRequired[Point | None]


class Representation(TypedDict):
    """A face as deepface's `represent` returns it."""

    embedding: list[float]
    facial_area: FacialArea
    face_confidence: float


def deepface_name(model: str, detector: str) -> str:
    return f"{detector}/deepface-aligned/{model}"


class DeepFaceModels:
    """A model and a detector by deepface's names, with deepface's alignment and threshold."""

    def __init__(self, model: str, detector: str) -> None:
        from deepface.modules.modeling import AVAILABLE_MODELS
        from deepface.modules.verification import find_threshold

        from faces.engine.deepface_registry import register_models

        register_models()
        for setting, task, name in (
            ("FACE_MODEL", "facial_recognition", model),
            ("FACE_DETECTOR", "face_detector", detector),
        ):
            known = AVAILABLE_MODELS[task]
            if name not in known:
                raise ImproperlyConfigured(f"{setting} must be one of {', '.join(known)}.")
        self._model, self._detector = model, detector
        self.name = deepface_name(model, detector)
        threshold = float(find_threshold(model, METRIC))
        self.limits = Limits(threshold, sure=SURE * threshold, cluster_cut=threshold)

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        """Raises `EngineUnavailable` when deepface cannot get the weights."""
        from deepface.modules.exceptions import FaceNotDetected
        from deepface.modules.representation import represent

        try:
            found: list[Representation] = represent(
                img_path=np.ascontiguousarray(picture[:, :, ::-1]),  # BGR; a string would be downloaded
                model_name=self._model,
                detector_backend=self._detector,
                enforce_detection=True,
                align=True,
            )
        except FaceNotDetected:
            return []
        except (ImportError, ValueError, OSError) as error:
            raise EngineUnavailable(f"{self.name} is not available: see FACE_MODEL and FACE_DETECTOR.") from error
        faces = [_to_detected_face(face) for face in found]
        return sorted(faces, key=lambda face: -face.box.width * face.box.height)


def _to_detected_face(found: Representation) -> DetectedFace:
    area = found["facial_area"]
    embedding = np.asarray(found["embedding"], np.float32)
    points = [
        *(area.get("left_eye"), area.get("right_eye"), area.get("nose")),
        *(area.get("mouth_left"), area.get("mouth_right")),
    ]
    return DetectedFace(
        box=Box(int(area["x"]), int(area["y"]), int(area["w"]), int(area["h"])),
        score=float(found["face_confidence"]),
        embedding=embedding / max(float(np.linalg.norm(embedding)), 1e-12),
        landmarks=[(float(point[0]), float(point[1])) for point in points if point],
    )
