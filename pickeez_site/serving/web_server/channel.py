"""A client's connection: it must go on at a least rate, and ends so that the client can read the last answer."""

import socket
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from math import inf
from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from pickeez_site.serving.web_server.limits import (
    DISCARD_SECONDS,
    LINGER_BYTES,
    LINGER_SECONDS,
    WINDOW_SECONDS,
)
from pickeez_site.serving.web_server.parser import Options, Parser
from pickeez_site.serving.web_server.refusals import ErrorTask

MAX_SENT_AT_ONCE = 128 * 1024

Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]


class Task(WSGITask):
    """Runs the application for one request."""

    def start(self) -> None:
        super().start()
        if self.request.unread:
            self.set_close_on_finish()

    def execute(self) -> None:
        start = time.thread_time()
        super().execute()
        self.channel.server.task_dispatcher.small.note(self.request, time.thread_time() - start)

    def finish(self) -> None:
        """The answer to HEAD has no body, and so no last chunk."""
        if self.request.command == "HEAD":
            self.write(b"")
            self.chunked_response = False
        super().finish()


def without_bodies_for_head(application: Application) -> Application:
    """The application, whose answers to HEAD are heads only. waitress would send what the application returns."""

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if close := getattr(body, "close", None):
            close()
        return ()

    return answer


class Channel(HTTPChannel):
    """One connection. The loop calls `check` every second."""

    task_class = Task
    error_task_class = ErrorTask
    parser_class = Parser
    adj: Options
    request: Parser | None
    requests: list[Parser]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sendbuf_len: int = min(self.sendbuf_len, MAX_SENT_AT_ONCE)  # read anew for each sending
        self._bytes_sent = self._lingered = 0
        self._closes_after_answer = False
        self._lingers = False
        limits = self.adj.limits
        self._seconds_of = {
            "idle": limits.idle_seconds,
            "head": limits.head_seconds,
            "discarding": DISCARD_SECONDS,
            "work": inf,
            "lingering": LINGER_SECONDS,
        }
        self._phase, self._phase_start = "idle", time.monotonic()
        self._request_start: float | None = None
        self._window_start, self._window_bytes = self._phase_start, 0
        self.server.connections.opened(self.addr[0])
        self._is_counted = True

    def check(self, now: float) -> None:
        """Ends what takes too long: heads, bodies, readers, idle connections."""
        phase, progress = self._look()
        request_start = self.request.started if self.request else None
        if (phase, request_start) != (self._phase, self._request_start):
            self._phase, self._phase_start, self._request_start = phase, now, request_start
            self._window_start, self._window_bytes = now, progress
        if phase in ("body", "answer"):
            self._check_rate(now, progress)
        elif now - self._phase_start > self._seconds_of[phase]:
            self._end()

    def _check_rate(self, now: float, progress: int) -> None:
        if now - self._window_start < WINDOW_SECONDS:
            return
        if progress - self._window_bytes < self.adj.limits.bytes_per_second * WINDOW_SECONDS:
            self._end()
        self._window_start, self._window_bytes = now, progress

    def _end(self) -> None:
        """Answers 408 if a request is coming, or, when its body is refused anyway, has the application say so."""
        if self._phase not in ("head", "body", "discarding"):
            self.handle_close()
            return
        with self.requests_lock:
            request, self.request = self.request, None
            if request is None:
                return
            if request.body_rcv is not None and request.body_rcv.is_refused:
                request.body_rcv.give_up()
            else:
                request.refuse(HTTPStatus.REQUEST_TIMEOUT)
            self.requests.append(request)
            if len(self.requests) == 1:
                self.server.add_task(self)

    @property
    def is_busy(self) -> bool:
        """Whether a request is being received, worked on, or answered."""
        return self._look()[0] in ("body", "discarding", "work", "answer")

    def _look(self) -> tuple[str, int]:
        """What the connection is doing, and how many bytes of that are done."""
        request = self.request
        if self._lingers:
            return "lingering", 0
        if self.total_outbufs_len:
            return "answer", self._bytes_sent
        if self.requests:
            return "work", 0
        if request is None:
            return "idle", 0
        if request.body_rcv is None:
            return "head", 0
        return ("discarding" if request.body_rcv.is_refused else "body"), len(request.body_rcv)

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close=do_close)
        self._bytes_sent += sent
        return sent

    def write_soon(self, data: bytes | ReadOnlyFileBasedBuffer) -> int:
        """Hands over what is to be sent, in pieces, so that of a long answer most goes to a file at once."""
        if not isinstance(data, bytes) or len(data) <= MAX_SENT_AT_ONCE:
            return int(super().write_soon(data))
        starts = range(0, len(data), MAX_SENT_AT_ONCE)
        return sum(super(Channel, self).write_soon(data[start : start + MAX_SENT_AT_ONCE]) for start in starts)

    def readable(self) -> bool:
        return self._lingers or bool(super().readable())

    def writable(self) -> bool:
        return not self._lingers and bool(super().writable())

    def handle_read(self) -> None:
        if not self._lingers:
            super().handle_read()
            return
        self._lingered += len(self.recv(self.adj.recv_bytes))
        if self._lingered > LINGER_BYTES and self.connected:
            self.handle_close()

    def handle_write(self) -> None:
        self._closes_after_answer = self.close_when_flushed
        super().handle_write()
        self._closes_after_answer = False

    def handle_close(self) -> None:
        if self._closes_after_answer and not self.total_outbufs_len and self._linger():
            return
        super().handle_close()
        if self._is_counted:
            self._is_counted = False
            self.server.connections.closed(self.addr[0])
        if self.request is not None:
            self.request.close()

    def _linger(self) -> bool:
        """Ends our side of the connection, and waits a little for the client to end theirs."""
        self._closes_after_answer = False
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        self.will_close = False
        self._lingers = True
        return True
