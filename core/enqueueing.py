"""How every app hands tasks to the broker: by name, so that a service need not import the task that calls it."""

import logging
import threading
from functools import partial

from amqp.exceptions import AMQPError
from celery import Task
from django.db import transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from core.outages import broker_circuit

logger = logging.getLogger(__name__)
Message = tuple[str, ...]  # a task's name and its arguments


class _Sent(threading.local):
    """Which messages this thread's last commit has sent.

    Django tells nobody what else waits for a commit, nor that a transaction was rolled back. So every callback has
    a number. The first one that runs after a commit looks up the highest number so far: all callbacks that run
    later with that number or a lower one were registered before the commit, so a message that was sent after it
    will do for them. Callbacks of transactions that were rolled back never run.
    """

    def __init__(self) -> None:
        self.registered = 0  # the highest number so far
        self.committed = 0  # the highest number of the last commit
        self.messages = set[Message]()  # what was sent for that commit

    def register(self) -> int:
        self.registered += 1
        return self.registered

    def is_first(self, number: int, message: Message) -> bool:
        """Whether the message has not been sent yet for the commit that the callback belongs to."""
        if number > self.committed:
            self.committed, self.messages = self.registered, set()
        first = message not in self.messages
        self.messages.add(message)
        return first


_sent = _Sent()


def enqueue(name: str, *args: str) -> None:
    """Hands the task of this name to the broker when the transaction has committed; without one, at once.

    The name is the task's path, as in `photos.tasks.make_zip`. The same message is sent once for a transaction,
    however often it is asked for.
    """
    import_string(name)  # a wrong name is found before anything commits
    transaction.on_commit(partial(_send_once, _sent.register(), name, *args))


def _send_once(number: int, name: str, *args: str) -> None:
    if _sent.is_first(number, (name, *args)):
        send_task(name, *args)


def send_task(name: str, *args: str, queue: str | None = None) -> bool:
    """Hands a task to the broker at once, for its own queue or another; False when the broker is unreachable.

    Nothing is lost then: what is left to do stands in the database, and the periodic sweep sends it again. A
    broker that was just found to be unreachable is not asked for a while: one that hangs would hold up every
    request. RabbitMQ that answers and takes nothing (its virtual host, or the node of a queue, is down) counts as
    unreachable.
    """
    task: Task = import_string(name)
    if broker_circuit.is_open():
        return False
    try:
        task.apply_async(args, queue=queue)  # type: ignore[arg-type]  # None: the task's own
    except (OperationalError, AMQPError, OSError) as error:
        logger.warning("The broker is away (%s): %s waits for the sweep.", type(error).__name__, name)
        broker_circuit.trip()
        return False
    return True
