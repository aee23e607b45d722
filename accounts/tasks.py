"""Celery tasks of the accounts, and the one way in which every app hands tasks to the broker."""

import logging
from typing import Any

from amqp.exceptions import AMQPError
from celery import Task, shared_task
from celery.exceptions import Reject
from celery.utils.time import get_exponential_backoff_interval
from django.conf import settings
from kombu.exceptions import OperationalError

from accounts import services
from accounts.outages import PASSING, broker

logger = logging.getLogger(__name__)
MAX_PAUSE = 60  # seconds


class PatientTask(Task):
    """A task that waits for storage and database to come back: after 1, 2, 4 … 60 seconds, at random up to that.

    At random, so that what failed together does not come back together. After the last try, or when the broker is
    away as well, the sweep sends it again.
    """

    max_retries = 8

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.run(*args, **kwargs)
        except PASSING as error:
            logger.warning("%s waits: %s", self.name, type(error).__name__)
            return self._again(error)

    def _again(self, error: Exception) -> None:
        if self.request.is_eager or self.request.called_directly:
            return
        pause = get_exponential_backoff_interval(1, self.request.retries, MAX_PAUSE, full_jitter=True)
        try:
            raise self.retry(exc=error, countdown=pause)
        except (Reject, *PASSING):  # the last try's own error, or no broker
            logger.warning("%s is left to the sweep.", self.name)


class LongTask(PatientTask):
    """A task that may take minutes."""

    time_limit = settings.LONG_TASK_SECONDS
    soft_time_limit = time_limit - 60


def send_task(task: Task, *args: Any, queue: str | None = None) -> bool:
    """Hands a task to the broker, for its own queue or another; False when the broker is away.

    Nothing is lost then: what is left to do stands in the database, and the periodic sweep sends it again. A
    broker that was just found to be away is not asked for a while: one that hangs would hold up every request.
    RabbitMQ that answers and takes nothing (its virtual host, or the node of a queue, is down) is away as well.
    """
    if broker.is_away():
        return False
    try:
        task.apply_async(args, queue=queue)  # type: ignore[arg-type]  # None: the task's own
    except (OperationalError, AMQPError, OSError) as error:
        logger.warning("The broker is away (%s): %s waits for the sweep.", type(error).__name__, task.name)
        broker.note_away()
        return False
    return True


@shared_task
def deliver_messages() -> None:
    services.deliver_messages()
    services.forget_old_codes_and_messages()
