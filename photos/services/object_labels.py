"""The labels of the objects that an original shows."""

from collections.abc import Sequence

from django.db import transaction

from photos.models import ObjectLabel, Original
from photos.objects import DetectedObject


@transaction.atomic
def save_object_labels(*, original: Original, detected: Sequence[DetectedObject]) -> None:
    """Replaces the original's labels by those of the detected objects."""
    original.object_labels.all().delete()
    ObjectLabel.objects.bulk_create(
        [ObjectLabel(original=original, name=item.name, score=item.score) for item in detected]
    )
