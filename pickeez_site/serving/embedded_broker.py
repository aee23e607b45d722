"""The broker of a single machine: messages as files in a folder, for as many processes as there are.

kombu's own writes a message where others already look for it: who reads half of one ends its worker. Here whatever
others may read appears whole.
"""

import contextlib
import fcntl
import logging
import os
import time
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem as kombus
from kombu.utils.json import dumps

filesystem: Any = kombus  # its type stubs lack what is used here

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Messages and the table of queues, each written aside and then moved into place.

    What is overridden are the hooks of kombu's virtual transports, and where its `filesystem` keeps the table.
    """

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        # Names sort by time: first in, first out.
        place = Path(self.data_folder_out) / f"{time.time_ns()}_{uuid4()}.{queue}.msg"
        _write_whole(place, payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Raises `queue.Empty`."""
        try:
            return super()._get(queue)
        except ValueError as error:  # a disk that was full, or a power cut
            logger.warning("A message of the queue %s was broken; the sweep sends it again.", queue)
            raise Empty from error

    def queue_bind(
        self,
        queue: str,
        exchange: str | None = None,
        routing_key: str = "",
        arguments: Any = None,
        **options: Any,
    ) -> None:
        """Writes the binding before it is remembered: a thread that finds it remembered sends at once."""
        meta = self.typeof(exchange).prepare_bind(queue, exchange, routing_key, arguments)
        self._queue_bind(exchange or "amq.direct", *meta)
        super().queue_bind(queue, exchange, routing_key, arguments, **options)

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str) -> None:
        binding = (routing_key or "", pattern or "", queue)
        if binding in self.get_table(exchange):  # which refuses a name that no file may have
            return
        folder = Path(self.control_folder)
        folder.mkdir(exist_ok=True)
        with (folder / "bindings.lock").open("w") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)  # until it is closed
            _write_whole(folder / f"{exchange}.exchange", [binding, *self.get_table(exchange)])


class Transport(filesystem.Transport):
    """Looked at by the worker's event loop.

    Without one, Celery's processes would take their tasks from one queue under one lock, and whichever was killed
    while it waited there would take the lock with it; so each has a pipe of its own.
    """

    Channel = Channel
    implements = filesystem.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        loop.call_repeatedly(self.polling_interval, self._take_all, connection)

    def _take_all(self, connection: Any) -> None:
        """Delivers what there is, as far as the worker has hands free."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.drain_events(connection, timeout=0)


def _write_whole(place: Path, content: Any) -> None:
    """Raises `OSError`."""
    aside = place.with_name(f"{uuid4()}.part")
    try:
        aside.write_text(dumps(content))
        os.replace(aside, place)  # noqa: PTH105 - atomic, also over what is there
    finally:
        aside.unlink(missing_ok=True)
