"""Web servers on loopback that respond as a test tells them, and a fetcher that may call 127.0.0.1."""

import ipaddress
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypeAlias

import pytest

from core.fetching import Fetched, Fetcher, FetchError, IPAddress

IMAGE = b"\x89PNG and so on"
PNG = ("Content-Type", "image/png")
LOOPBACK = ipaddress.ip_address("127.0.0.1")

# Handles one request of a site.
Responder: TypeAlias = Callable[["Handler"], object]


class Handler(BaseHTTPRequestHandler):
    server: "Site"

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers)))
        self.close_connection = True
        with suppress(OSError):  # the client may have closed the connection
            self.server.answer(self)

    def log_message(self, *args: object) -> None:
        pass


def respond_with(body: bytes = IMAGE, *headers: tuple[str, str], status: int = 200) -> Responder:
    """Returns a responder with this status and body; its headers declare a PNG unless others are given."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers or [PNG]:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirect(location: str, status: int = 302) -> Responder:
    return respond_with(b"", ("Location", location), status=status)


def respond_in_turn(*answers: Responder) -> Responder:
    """Returns a responder that uses the next of the answers for each request."""
    remaining = iter(answers)

    def answer(handler: Handler) -> None:
        next(remaining)(handler)

    return answer


class Site(ThreadingHTTPServer):
    """A web server on loopback whose `answer` a test sets, and whose `requests` it reads."""

    daemon_threads = False  # joined when it closes

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answer: Responder = respond_with()
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def url(self, path: str = "/picture.png", host: str = "pictures.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.server_port}{path}"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        self.thread.join()


class AllPorts:
    def __contains__(self, port: object) -> bool:
        return True


def fetcher(
    *,
    names: dict[str, list[str]] | None = None,
    allow: Callable[[IPAddress], bool] = lambda address: address == LOOPBACK,
    **changes: Any,
) -> Fetcher:
    """Returns a fetcher that may call 127.0.0.1, to which all names resolve that are not in `names`."""

    def resolve(host: str, port: int) -> list[str]:
        return (names or {}).get(host, ["127.0.0.1"])

    return Fetcher(**{"resolve": resolve, "allow": allow, "ports": AllPorts(), **changes})


def get(
    url: str, *, max_bytes: int = 1000, timeout: float = 5, by: Fetcher | None = None, **options: Any
) -> Fetched:
    return (by or fetcher()).fetch(url, max_bytes=max_bytes, timeout=timeout, **options)


def fetch_error(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, **options)
    return caught.value
