"""The object detector that `OBJECT_MODEL` names, loaded once per process and on first use."""

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from faces.engine.objects.base import DetectedObject, UnusableModel
from faces.engine.objects.detector import ObjectDetector

__all__ = ["DetectedObject", "ObjectDetector", "UnusableModel", "get_detector"]

logger = logging.getLogger(__name__)


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
