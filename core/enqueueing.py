"""Hands tasks to the broker by name, so that a service need not import the task that calls it."""

import logging
import threading

from amqp.exceptions import AMQPError
from celery import Task
from django.db import transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from core.outages import broker_circuit

logger = logging.getLogger(__name__)
Message = tuple[str, ...]  # a task's name and its arguments


class _SentMessages(threading.local):
    """Knows which messages this thread has sent for its last commit.

    Django does not tell which other callbacks wait for a commit, nor that a transaction was rolled back. So every
    callback has a number. The first one that runs after a commit looks up the highest number so far: all callbacks
    that run later with that number or a lower one were registered before the commit, so a message that was sent
    after it need not be sent for them again. Callbacks of transactions that were rolled back never run.
    """

    def __init__(self) -> None:
        self.registered = 0  # the highest number so far
        self.committed = 0  # the highest number of the last commit
        self.messages = set[Message]()  # what was sent for that commit

    def register(self) -> int:
        self.registered += 1
        return self.registered

    def is_first(self, number: int, message: Message) -> bool:
        """Returns whether the message was not sent yet for the commit that the callback belongs to."""
        if number > self.committed:
            self.committed, self.messages = self.registered, set()
        first = message not in self.messages
        self.messages.add(message)
        return first


_sent_messages = _SentMessages()


def enqueue(name: str, *args: str) -> None:
    """Hands the task to the broker when the transaction has committed; at once when there is no transaction.

    The name is the task's path, as in `photos.tasks.make_zip`. A transaction sends the same message only once,
    however often this is called.
    """
    import_string(name)  # a wrong name fails before anything commits
    number = _sent_messages.register()

    def send_once() -> None:
        if _sent_messages.is_first(number, (name, *args)):
            send_task(name, *args)

    transaction.on_commit(send_once)


def send_task(name: str, *args: str, queue: str | None = None) -> bool:
    """Hands a task to the broker at once, for its own queue or another; False when the broker is unreachable.

    Nothing is lost then: the database knows what is left to do, and the periodic sweep sends it again. A broker
    that was just found to be unreachable is not tried for some seconds: one that hangs would delay every request.
    RabbitMQ that answers but accepts nothing (its virtual host, or the node of a queue, is down) counts as
    unreachable.
    """
    task: Task = import_string(name)
    if broker_circuit.is_open():
        return False
    try:
        task.apply_async(args, queue=queue)  # type: ignore[arg-type]  # None: the task's own
    except (OperationalError, AMQPError, OSError) as error:
        logger.warning("The broker is unreachable (%s): %s waits for the sweep.", type(error).__name__, name)
        broker_circuit.trip()
        return False
    return True
