"""Outgoing HTTP that ends in time, whatever the other side does: names, connections, headers and bodies."""

import socket
import threading
import time
from collections.abc import Callable
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
    """A moment after which the connections watched by it are cut.

    A socket's own timeout begins anew with every byte; a server that drips its answer outlasts any. Use as a
    context manager around the requests.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._timer.cancel()
        with self._lock:
            for watched in self._watched:
                watched.close()
            self._watched.clear()

    def remaining(self) -> float:
        """The seconds that are left, always above zero. Raises `TimeoutError` when none are."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("The time is up.")
        return seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def watch(self, connection: socket.socket) -> None:
        """Cuts the connection when the time is up. Raises `TimeoutError` if it is already."""
        self.remaining()
        with self._lock:
            # A duplicate reaches the same connection after TLS has taken the socket itself over.
            self._watched.append(connection.dup())

    def run(self, call: Callable[[], Result]) -> Result:
        """What `call` returns. It runs in a thread that is left behind when the time is up (`TimeoutError`).

        For what takes no timeout, such as the system's resolver.
        """
        return run_within(self.remaining(), call)

    def _cut(self) -> None:
        with self._lock:
            for watched in self._watched:
                with suppress(OSError):  # closed by the other side meanwhile
                    watched.shutdown(socket.SHUT_RDWR)


def run_within(seconds: float, call: Callable[[], Result]) -> Result:
    """What `call` returns or raises; `TimeoutError` when the time is up, and its thread is left behind."""
    outcome: Future[Result] = Future()
    threading.Thread(target=_settle, args=(outcome, call), daemon=True).start()
    return outcome.result(timeout=seconds)


def _settle(outcome: Future[Result], call: Callable[[], Result]) -> None:
    try:
        outcome.set_result(call())
    except Exception as error:  # noqa: BLE001 - raised again where the outcome is awaited
        outcome.set_exception(error)


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host name, the system's preferred one first.

    Raises `OSError`, and `ValueError` for what cannot be a host name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def connect(addresses: list[str], port: int, *, timeout: float, deadline: Deadline) -> socket.socket:
    """A watched TCP connection to the first of the addresses that takes it; `timeout` in seconds for each.

    Raises the last `OSError`.
    """
    refusal = OSError("The name has no address.")
    for address in addresses:
        try:
            connection = socket.create_connection((address, port), min(timeout, deadline.remaining()))
        except OSError as error:
            refusal = error
            continue
        try:
            deadline.watch(connection)
        except TimeoutError:
            connection.close()
            raise
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    raise refusal


class Dial(Protocol):
    """Makes the TCP connection for a request: host name or address, port, seconds. Raises `OSError`."""

    def __call__(self, host: str, port: int, timeout: float) -> socket.socket: ...


class _Dialling:
    """A urllib3 connection that is made by `dial`. TLS still goes by the host name of the URL."""

    def __init__(self, *args: Any, dial: Dial, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not `self.host`, which lacks the dot that ends a full name.
        self._dial_host = partial(dial, str(kwargs["host"]).strip("[]"))

    def _new_conn(self: Any) -> socket.socket:
        """What urllib3 2 calls for a TCP connection. It offers no other way to one that ends in time."""
        try:
            return self._dial_host(self.port, self.timeout)
        except (OSError, ValueError) as error:
            raise NewConnectionError(self, f"No connection: {error}") from error


class _HTTP(_Dialling, HTTPConnection): ...


class _HTTPS(_Dialling, HTTPSConnection): ...


class DialAdapter(HTTPAdapter):
    """A `requests` adapter whose connections `dial` makes. Each request is sent once, and needs a timeout."""

    def __init__(self, dial: Dial) -> None:
        super().__init__(max_retries=0)
        self._dial = dial

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        kind = _HTTPS if isinstance(pool, HTTPSConnectionPool) else _HTTP
        pool.ConnectionCls = partial(kind, dial=self._dial)  # type: ignore[attr-defined]
        return pool


def read_body(response: requests.Response, *, max_bytes: int, deadline: Deadline) -> bytes | None:
    """The whole decoded body of a streamed response; None when it is longer than `max_bytes`.

    Raises `TimeoutError`, and `requests.RequestException` for a body that breaks off.
    """
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > max_bytes:
            return None
    deadline.remaining()  # a connection that was cut can look like the end of the body
    return bytes(body)
