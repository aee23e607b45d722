"""Our models in deepface's registry, under names that `FACE_DETECTOR` and `FACE_MODEL` take like its own.

`centerface` replaces deepface's client of that name, which downloads the same weights and loads them anew for each
picture. `MobileFaceNet` is new there. This module is imported by `register_models`, the classes by the registry.
"""

import numpy as np
from deepface.config.threshold import thresholds
from deepface.models.Detector import Detector, FacialAreaRegion
from deepface.models.FacialRecognition import FacialRecognition
from deepface.modules.modeling import ANY, AVAILABLE_MODELS
from numpy.typing import NDArray

from faces.engine.centerface import CenterFace
from faces.engine.mobilefacenet import CHIP, SAME_PERSON, MobileFaceNet

DETECTOR, NETWORK = "centerface", "MobileFaceNet"


def register_models() -> None:
    """Puts both models into deepface's tables; doing so again changes nothing."""
    AVAILABLE_MODELS["face_detector"][DETECTOR] = {ANY: f"{__name__}.{CenterFaceClient.__name__}"}
    AVAILABLE_MODELS["facial_recognition"][NETWORK] = {ANY: f"{__name__}.{MobileFaceNetClient.__name__}"}
    # Of embeddings of length one, the squared distance is twice the cosine distance.
    thresholds[NETWORK] = {
        "cosine": SAME_PERSON**2 / 2,
        "euclidean": SAME_PERSON,
        "euclidean_l2": SAME_PERSON,
    }


class CenterFaceClient(Detector):
    """CenterFace as deepface calls a detector."""

    def __init__(self) -> None:
        self.model = CenterFace()

    def detect_faces(self, img: NDArray[np.uint8]) -> list[FacialAreaRegion]:
        """Takes a BGR picture. deepface's left eye is the person's, which is on the viewer's right."""
        regions = []
        for face in self.model.detect(np.ascontiguousarray(img[:, :, ::-1])):
            left, top, right, bottom = (round(side) for side in face.corners.tolist())
            points = [(round(x), round(y)) for x, y in face.landmarks.tolist()]
            region = FacialAreaRegion(
                x=max(0, left),
                y=max(0, top),
                w=right - max(0, left),
                h=bottom - max(0, top),
                right_eye=points[0],
                left_eye=points[1],
                nose=points[2],
                mouth_right=points[3],
                mouth_left=points[4],
                confidence=face.score,
            )
            regions.append(region)
        return regions


class MobileFaceNetClient(FacialRecognition):
    """MobileFaceNet as deepface calls a network."""

    def __init__(self) -> None:
        self.model = MobileFaceNet()
        self.model_name = NETWORK
        self.input_shape = (CHIP, CHIP)
        self.output_shape = 192

    def forward(self, img: NDArray[np.float32]) -> list[float] | list[list[float]]:
        """Takes BGR chips of shape (n, 112, 112, 3), 0 to 1; returns one embedding, or a list of them."""
        chips = np.rint(img[..., ::-1] * 255).clip(0, 255).astype(np.uint8)
        embeddings = [self.model.describe(chip)[0].tolist() for chip in chips.reshape(-1, CHIP, CHIP, 3)]
        return embeddings[0] if len(embeddings) == 1 else embeddings
