"""The engine by CenterFace and MobileFaceNet, whose weights come with this project."""

import numpy as np
from numpy.typing import NDArray

from faces.engine.base import Box, DetectedFace, Limits
from faces.engine.centerface import CenterFace, Detection
from faces.engine.mobilefacenet import SAME_PERSON, MobileFaceNet, cut_chip

NAME = "centerface/arcface-112/mobilefacenet-ms1m"
# Measured on 1,662 photos. Labelled faces have a quality of 70 (median; one in twenty is below 55), blurred people
# in the background 38 to 50.
LIMITS = Limits(threshold=SAME_PERSON, sure=0.90, cluster_cut=0.97, expands=True, min_score=0.5, min_quality=51.0)


class OnnxEngine:
    """CenterFace finds faces, MobileFaceNet describes them, as deepface's registry builds both."""

    name = NAME
    limits = LIMITS

    def __init__(self) -> None:
        from deepface.modules.modeling import build_model

        from faces.engine.deepface_registry import DETECTOR, NETWORK, register_models

        register_models()
        self._detector: CenterFace = build_model(task="face_detector", model_name=DETECTOR).model
        self._network: MobileFaceNet = build_model(task="facial_recognition", model_name=NETWORK).model

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        faces = [self._describe(picture, found) for found in self._detector.detect(picture)]
        return sorted(faces, key=lambda face: -face.box.width * face.box.height)

    def _describe(self, picture: NDArray[np.uint8], found: Detection) -> DetectedFace:
        embedding, quality = self._network.describe(cut_chip(picture, found.landmarks))
        return DetectedFace(
            box=_clip_to_picture(found, *picture.shape[:2]),
            score=found.score,
            embedding=embedding,
            landmarks=[(float(x), float(y)) for x, y in found.landmarks],
            quality=quality,
        )


def _clip_to_picture(found: Detection, height: int, width: int) -> Box:
    left, top, right, bottom = (round(side) for side in found.corners.tolist())
    left, top = min(max(0, left), width - 1), min(max(0, top), height - 1)
    return Box(left, top, max(1, min(right, width) - left), max(1, min(bottom, height) - top))
