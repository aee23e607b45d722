"""How old a face looks and of which gender: deepface's networks, where an operator has installed their weights.

They are no part of this server's packages, and are never fetched here: put deepface's files into
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
class Looks:
    """How old a face looks, in years, and from 0 to 1 how male."""

    years: float
    maleness: float


def can_tell_looks() -> bool:
    """Whether the weights are installed."""
    folder = Path(settings.DEEPFACE_HOME) / ".deepface" / "weights"
    return all((folder / name).is_file() for name in WEIGHTS)


def looks_of(picture: NDArray[np.uint8], face: Box) -> Looks:
    """How the face on an RGB picture of shape (height, width, 3) looks. Needs `can_tell_looks`."""
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
    return Looks(years=float(found["age"]), maleness=float(found["gender"]["Man"]) / 100)
