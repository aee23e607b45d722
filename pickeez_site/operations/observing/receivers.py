"""What happened on the floors below becomes numbers."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import receiver

from photos.signals import original_processed
from pickeez_site.operations.observing.metrics import time_stages


@receiver(original_processed)
def note_stages(stage_seconds: Mapping[str, float], **_: Any) -> None:
    time_stages(stage_seconds)
