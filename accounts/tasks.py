"""Celery tasks of the accounts, and the one way in which every app hands tasks to the broker."""

import logging
from typing import Any

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from accounts import services

logger = logging.getLogger(__name__)


def send_task(task: Task, *args: Any) -> bool:
    """Hands a task to the broker; False when the broker is away.

    Nothing is lost then: what is left to do stands in the database, and the periodic sweep sends it again.
    """
    try:
        task.apply_async(args)
    except (OperationalError, OSError) as error:
        logger.warning("The broker is away (%s): %s waits for the sweep.", type(error).__name__, task.name)
        return False
    return True


@shared_task
def deliver_messages() -> None:
    services.deliver_messages()
    services.forget_old_codes_and_messages()
