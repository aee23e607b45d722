"""The broker of a single machine: it keeps messages as files in a folder, for any number of processes.

kombu's own transport writes a message into the folder that other processes read. A worker that reads half a
message ends. Here every file is written aside and then moved into place, so that others only see whole files.
"""

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty
from typing import Any, Protocol
from uuid import uuid4

from kombu import Connection
from kombu.transport import filesystem as kombu_filesystem
from kombu.utils.json import dumps

filesystem: Any = kombu_filesystem  # its type stubs lack what is used here

logger = logging.getLogger(__name__)


class EventLoop(Protocol):
    """The part of the worker's event loop that is used here."""

    def call_repeatedly(self, delay: float, callback: Callable[..., None], *args: object) -> object: ...


class Channel(filesystem.Channel):
    """Writes messages and the table of queues atomically.

    It overrides the hooks of kombu's virtual transports, and the place where `filesystem` keeps the table.
    """

    def _put(self, queue: str, payload: Mapping[str, object], **_: object) -> None:
        # Names sort by time: first in, first out.
        path = Path(self.data_folder_out) / f"{time.time_ns()}_{uuid4()}.{queue}.msg"
        _write_atomically(path, payload)

    def _get(self, queue: str, timeout: float | None = None) -> object:
        """The next message of the queue. Raises `queue.Empty`."""
        try:
            return super()._get(queue)
        except ValueError as error:  # the disk was full, or the power failed
            logger.warning("A message of the queue %s was unreadable; the sweep sends it again.", queue)
            raise Empty from error

    def queue_bind(
        self,
        queue: str,
        exchange: str | None = None,
        routing_key: str = "",
        arguments: Mapping[str, object] | None = None,
        **options: object,
    ) -> None:
        """Writes the binding before kombu caches it: a thread that finds it cached sends a message at once."""
        meta = self.typeof(exchange).prepare_bind(queue, exchange, routing_key, arguments)
        self._queue_bind(exchange or "amq.direct", *meta)
        super().queue_bind(queue, exchange, routing_key, arguments, **options)

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str) -> None:
        binding = (routing_key or "", pattern or "", queue)
        if binding in self.get_table(exchange):  # raises for a name that is not allowed as a file name
            return
        folder = Path(self.control_folder)
        folder.mkdir(exist_ok=True)
        with (folder / "bindings.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
            _write_atomically(folder / f"{exchange}.exchange", [binding, *self.get_table(exchange)])


class Transport(filesystem.Transport):
    """Makes the worker's event loop poll for messages.

    Without an event loop, Celery's processes take their tasks from one pipe under one lock. A process that is
    killed while it waits there keeps the lock for ever. With one, each process has its own pipe.
    """

    Channel = Channel
    implements = filesystem.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Connection, loop: EventLoop) -> None:
        loop.call_repeatedly(self.polling_interval, self._deliver_all, connection)

    def _deliver_all(self, connection: Connection) -> None:
        """Delivers all messages that the worker has a free process for."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.drain_events(connection, timeout=0)


def _write_atomically(path: Path, content: object) -> None:
    """Writes a temporary file and renames it. Raises `OSError`."""
    aside = path.with_name(f"{uuid4()}.part")
    try:
        aside.write_text(dumps(content))
        os.replace(aside, path)  # noqa: PTH105 - atomic, also when the path exists
    finally:
        aside.unlink(missing_ok=True)
