"""What photos show beside faces."""

import numpy as np
from numpy.typing import NDArray

from faces.engine.objects import get_detector
from photos.models import ObjectLabel, Original


def find_labels(*, original: Original, picture: NDArray[np.uint8]) -> list[ObjectLabel]:
    """The labels of an RGB picture of shape (height, width, 3), not saved yet; none without a detector."""
    detector = get_detector()
    found = detector.find_objects(picture) if detector else []
    return [ObjectLabel(original=original, name=thing.name, score=thing.score) for thing in found]
