"""What photos show beside faces."""

from collections.abc import Sequence

from django.db import transaction

from photos.models import ObjectLabel, Original
from photos.objects import DetectedObject


@transaction.atomic
def save_object_labels(*, original: Original, found: Sequence[DetectedObject]) -> None:
    """Makes the original's labels be those of the objects that were found."""
    original.object_labels.all().delete()
    ObjectLabel.objects.bulk_create(
        [ObjectLabel(original=original, name=thing.name, score=thing.score) for thing in found]
    )
