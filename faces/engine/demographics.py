"""Estimates age and gender of a face by deepface's networks, where an operator has installed their weights.

The weights do not come with this server and are never downloaded: put deepface's files into
`DEEPFACE_HOME/.deepface/weights/`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from faces.engine.base import Box

# https://github.com/serengil/deepface_models/releases, for deepface on onnxruntime
WEIGHTS = ("age_model_weights.onnx", "gender_model_weights.onnx")


@dataclass(frozen=True)
class DemographicEstimate:
    """The estimated age in years, and the probability (0 to 1) that the face is a man's."""

    years: float
    male_probability: float


def can_estimate_demographics() -> bool:
    """Returns whether the weights are installed."""
    folder = Path(settings.DEEPFACE_HOME) / ".deepface" / "weights"
    return all((folder / name).is_file() for name in WEIGHTS)


def estimate_demographics(picture: NDArray[np.uint8], face: Box) -> DemographicEstimate:
    """Estimates for a face on an RGB picture of shape (height, width, 3). Requires the weights."""
    os.environ["DEEPFACE_HOME"] = str(settings.DEEPFACE_HOME)
    from deepface.modules.demography import analyze

    cut = picture[face.y : face.y + face.height, face.x : face.x + face.width, ::-1]  # deepface reads BGR
    found = analyze(
        np.ascontiguousarray(cut),
        actions=("age", "gender"),
        detector_backend="skip",
        enforce_detection=False,
        align=False,
        silent=True,
    )[0]
    return DemographicEstimate(years=float(found["age"]), male_probability=float(found["gender"]["Man"]) / 100)
