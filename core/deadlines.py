"""Outgoing HTTP with a deadline for everything: resolving names, connecting, headers and bodies."""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, Self, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

Result = TypeVar("Result")
CHUNK_BYTES = 64 * 1024


class Deadline:
    """A moment at which the watched connections are shut down. A context manager around the requests.

    A socket's own timeout starts again with every byte, so a server that sends slowly outlasts any of them.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

    def remaining(self) -> float:
        """Returns the seconds that are left, always above zero. Raises `TimeoutError` when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("The time is up.")
        return seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def watch(self, connection: socket.socket) -> None:
        """Shuts the connection down at the deadline. Raises `TimeoutError` when that has passed."""
        self.remaining()
        with self._lock:
            # TLS takes over the socket itself; a duplicate still reaches the same connection.
            self._watched.append(connection.dup())

    def run(self, call: Callable[[], Result]) -> Result:
        """Runs `call` in a thread until the deadline, as `run_with_timeout` does."""
        return run_with_timeout(self.remaining(), call)

    def _shut_down(self) -> None:
        with self._lock:
            for connection in self._watched:
                with suppress(OSError):  # closed by the other side meanwhile
                    connection.shutdown(socket.SHUT_RDWR)


def run_with_timeout(seconds: float, call: Callable[[], Result]) -> Result:
    """Runs `call` in a thread and returns or raises what it does. For calls without a timeout of their own.

    Raises `TimeoutError` when the time is up, and leaves the thread running: Python cannot stop it.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:  # noqa: BLE001 - raised again by `future.result`
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(timeout=seconds)


def resolve(host: str, port: int) -> list[str]:
    """Returns the IP addresses of a host name, the system's preferred one first.

    Raises `OSError`, and `ValueError` for text that cannot be a host name.
    """
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in infos))


def connect(addresses: list[str], port: int, *, timeout: float, deadline: Deadline) -> socket.socket:
    """Opens a watched TCP connection to the first of the addresses that accepts one.

    `timeout` is in seconds, for each address. Raises the `OSError` of the last one.
    """
    failure = OSError("The name has no address.")
    for address in addresses:
        try:
            connection = socket.create_connection((address, port), min(timeout, deadline.remaining()))
        except OSError as error:
            failure = error
            continue
        try:
            deadline.watch(connection)
        except TimeoutError:
            connection.close()
            raise
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    raise failure


class Dial(Protocol):
    """Opens the TCP connection for a request, to a name or an address, within seconds. Raises `OSError`."""

    def __call__(self, host: str, port: int, timeout: float) -> socket.socket: ...


class _DialledConnection:
    """A urllib3 connection that `dial` opens. TLS still checks the host name of the URL."""

    def __init__(self, *args: object, dial: Dial, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Not `self.host`, which lacks the dot at the end of a fully qualified name.
        self._dial_host = partial(dial, str(kwargs["host"]).strip("[]"))

    def _new_conn(self: Any) -> socket.socket:
        """Overrides the method by which urllib3 2 opens its TCP connection. There is no public way to do so."""
        try:
            return self._dial_host(self.port, self.timeout)
        except (OSError, ValueError) as error:
            raise NewConnectionError(self, f"No connection: {error}") from error


class _HTTP(_DialledConnection, HTTPConnection): ...


class _HTTPS(_DialledConnection, HTTPSConnection): ...


class DialAdapter(HTTPAdapter):
    """A `requests` adapter whose connections `dial` opens. It sends each request once, and needs a timeout."""

    def __init__(self, dial: Dial) -> None:
        super().__init__(max_retries=0)
        self._dial = dial

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        kind = _HTTPS if isinstance(pool, HTTPSConnectionPool) else _HTTP
        pool.ConnectionCls = partial(kind, dial=self._dial)  # type: ignore[attr-defined]
        return pool


def read_body(response: requests.Response, *, max_bytes: int, deadline: Deadline) -> bytes | None:
    """Returns the whole decoded body of a streamed response; None when it is longer than `max_bytes`.

    Raises `TimeoutError`, and `requests.RequestException` for an incomplete body.
    """
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > max_bytes:
            return None
    deadline.remaining()  # a connection that was shut down can look like the end of the body
    return bytes(body)
