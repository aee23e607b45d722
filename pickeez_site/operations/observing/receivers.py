"""Receivers of the signals of the floors below: they turn events into metrics."""

from collections.abc import Mapping

from django.dispatch import receiver

from photos.signals import original_processed
from pickeez_site.operations.observing.metrics import time_stages


@receiver(original_processed)
def on_original_processed(stage_seconds: Mapping[str, float], **_: object) -> None:
    time_stages(stage_seconds)
