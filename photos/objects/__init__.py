"""The object detector of the model that `OBJECT_MODEL` names; each process loads it once, on first use."""

import logging
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from photos.objects.base import DetectedObject, UnusableModel
from photos.objects.detector import ObjectDetector

__all__ = ["DetectedObject", "ObjectDetector", "UnusableModel", "find_objects", "get_detector"]

logger = logging.getLogger(__name__)


def find_objects(picture: NDArray[np.uint8]) -> list[DetectedObject]:
    """Returns the objects on an RGB picture of shape (height, width, 3); an empty list without a model."""
    detector = get_detector()
    return detector.find_objects(picture) if detector else []


def get_detector() -> ObjectDetector | None:
    """Returns the detector; None when there is no usable model."""
    path = Path(settings.OBJECT_MODEL)
    return _load(path) if path.is_file() else None


@lru_cache(maxsize=1)
def _load(path: Path) -> ObjectDetector | None:
    try:
        return ObjectDetector(path)
    except UnusableModel as error:
        logger.warning("No object classes: OBJECT_MODEL cannot be used: %s.", error)
        return None
