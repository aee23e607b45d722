"""The base classes of Celery tasks, and the task of the sweep."""

import logging

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
MAX_PAUSE_SECONDS = 60


class Task(celery.Task):
    """The base of every task: when it runs out of memory, it fails alone and does not end the worker."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        try:
            return self.run(*args, **kwargs)
        except MemoryError as error:
            raise OutOfMemory(f"{self.name} lacks memory.") from error


class RetryingTask(Task):
    """A task that runs again when the storage or the database was unreachable.

    It waits at most 1, 2, 4 … 60 seconds. The exact pause is random, so that tasks that failed together do not
    come back together. After the last try, or when the broker is unreachable too, the sweep sends the task again.
    """

    max_retries = 8

    def __call__(self, *args: object, **kwargs: object) -> object:
        try:
            return super().__call__(*args, **kwargs)
        except TRANSIENT_ERRORS as error:
            logger.warning("%s waits: %s", self.name, type(error).__name__)
            if not (self.request.is_eager or self.request.called_directly):
                self._retry_later(error)
            return None

    def _retry_later(self, error: Exception) -> None:
        pause = get_exponential_backoff_interval(1, self.request.retries, MAX_PAUSE_SECONDS, full_jitter=True)
        try:
            raise self.retry(exc=error, countdown=pause)
        except (Reject, *TRANSIENT_ERRORS):  # after the last try, its own error; without a broker, `Reject`
            logger.warning("%s is left to the sweep.", self.name)


class LongTask(RetryingTask):
    """A task that may take minutes."""

    time_limit = settings.LONG_TASK_SECONDS
    soft_time_limit = time_limit - 60


@shared_task
def sweep() -> None:
    run_sweeps()


@worker_ready.connect
def sweep_everything(**_: object) -> None:
    """Sends all unfinished work when a worker starts: the worker before may have died with messages unfinished."""
    run_sweeps(everything=True)
