"""The object detector that `OBJECT_MODEL` names, loaded once per process and on first use."""

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
    """The objects on an RGB picture of shape (height, width, 3); none without a detector."""
    detector = get_detector()
    return detector.find_objects(picture) if detector else []


def get_detector() -> ObjectDetector | None:
    path = Path(settings.OBJECT_MODEL)
    return _load(path) if path.is_file() else None


@lru_cache(maxsize=1)
def _load(path: Path) -> ObjectDetector | None:
    try:
        return ObjectDetector(path)
    except UnusableModel as error:
        logger.warning("No object classes: OBJECT_MODEL cannot be used: %s.", error)
        return None
