"""The base classes of Celery tasks, and the task of the sweep."""

import logging
from typing import Any

import celery
from celery import shared_task
from celery.exceptions import Reject
from celery.signals import worker_ready
from celery.utils.time import get_exponential_backoff_interval
from django.conf import settings

from core.faults import OutOfMemory
from core.outages import TRANSIENT_ERRORS
from core.sweeping import run_sweeps

logger = logging.getLogger(__name__)
MAX_PAUSE = 60  # seconds


class Task(celery.Task):
    """What every task is made of: one that lacks memory fails alone, and does not end the worker."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.run(*args, **kwargs)
        except MemoryError as error:
            raise OutOfMemory(f"{self.name} lacks memory.") from error


class PatientTask(Task):
    """A task that waits for storage and database to come back: after 1, 2, 4 … 60 seconds, at random up to that.

    At random, so that what failed together does not come back together. After the last try, or when the broker is
    away as well, the sweep sends it again.
    """

    max_retries = 8

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except TRANSIENT_ERRORS as error:
            logger.warning("%s waits: %s", self.name, type(error).__name__)
            return self._again(error)

    def _again(self, error: Exception) -> None:
        if self.request.is_eager or self.request.called_directly:
            return
        pause = get_exponential_backoff_interval(1, self.request.retries, MAX_PAUSE, full_jitter=True)
        try:
            raise self.retry(exc=error, countdown=pause)
        except (Reject, *TRANSIENT_ERRORS):  # the last try's own error, or no broker
            logger.warning("%s is left to the sweep.", self.name)


class LongTask(PatientTask):
    """A task that may take minutes."""

    time_limit = settings.LONG_TASK_SECONDS
    soft_time_limit = time_limit - 60


@shared_task
def sweep() -> None:
    run_sweeps()


@worker_ready.connect
def sweep_everything(**_: object) -> None:
    """A worker that starts may follow one that died with messages in its hands."""
    run_sweeps(everything=True)
