"""The one way in which every app hands tasks to the broker."""

import logging
from typing import Any

from amqp.exceptions import AMQPError
from celery import Task
from kombu.exceptions import OperationalError

from core.outages import broker_circuit

logger = logging.getLogger(__name__)


def send_task(task: Task, *args: Any, queue: str | None = None) -> bool:
    """Hands a task to the broker, for its own queue or another; False when the broker is away.

    Nothing is lost then: what is left to do stands in the database, and the periodic sweep sends it again. A
    broker that was just found to be away is not asked for a while: one that hangs would hold up every request.
    RabbitMQ that answers and takes nothing (its virtual host, or the node of a queue, is down) is away as well.
    """
    if broker_circuit.is_open():
        return False
    try:
        task.apply_async(args, queue=queue)  # type: ignore[arg-type]  # None: the task's own
    except (OperationalError, AMQPError, OSError) as error:
        logger.warning("The broker is away (%s): %s waits for the sweep.", type(error).__name__, task.name)
        broker_circuit.trip()
        return False
    return True
