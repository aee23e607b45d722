"""The task that derives profiles every night. It may run twice; the next night does what it missed."""

import logging
from uuid import UUID

from celery import shared_task

from core.enqueueing import send_task
from photos.storage import StorageUnavailable
from profiles import services
from profiles.selectors import consenting_devices

logger = logging.getLogger(__name__)
DEVICES_PER_TASK = 200  # so that no task takes long, and a lost one costs little


@shared_task
def derive_profiles(after: str | None = None) -> None:
    """Derives the profiles of the next devices whose users consent, and enqueues itself for the rest."""
    devices = consenting_devices(UUID(after) if after else None)
    batch = list(devices.values_list("pk", flat=True)[:DEVICES_PER_TASK])
    for device_id in batch:
        try:
            services.derive_profile(device_id=device_id)
        except StorageUnavailable:
            logger.warning("The storage is unreachable: the profile of device %s waits.", device_id)
    if len(batch) == DEVICES_PER_TASK:
        send_task("profiles.tasks.derive_profiles", str(batch[-1]))
