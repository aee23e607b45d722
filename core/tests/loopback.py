"""A web on loopback: servers that answer as a test says, and a fetcher for which 127.0.0.1 is the internet."""

import ipaddress
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypeAlias

import pytest

from core.fetching import Fetched, Fetcher, IPAddress, NotFetched

IMAGE = b"\x89PNG and so on"
PNG = ("Content-Type", "image/png")
LOOPBACK = ipaddress.ip_address("127.0.0.1")

# What a site does with a request: it writes an answer, or does not.
GiveAnswer: TypeAlias = Callable[["Handler"], object]


class Handler(BaseHTTPRequestHandler):
    server: "Site"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.close_connection = True
        with suppress(OSError):  # the other side may have had enough
            self.server.answer(self)

    def log_message(self, *args: object) -> None:
        pass


def give(body: bytes = IMAGE, *headers: tuple[str, str], status: int = 200) -> GiveAnswer:
    """An answer for the site: status, headers (a PNG's unless others are given) and body."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers or [PNG]:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirect(location: str, status: int = 302) -> GiveAnswer:
    return give(b"", ("Location", location), status=status)


def in_turn(*answers: GiveAnswer) -> GiveAnswer:
    """One of the answers to each request."""
    waiting = iter(answers)

    def answer(handler: Handler) -> None:
        next(waiting)(handler)

    return answer


class Site(ThreadingHTTPServer):
    """A web server on loopback that answers as a test says."""

    daemon_threads = False  # joined when it closes

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: GiveAnswer = give()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def url(self, path: str = "/picture.png", host: str = "pictures.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.server_port}{path}"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()
        self.thread.join()


class Everything:
    def __contains__(self, port: object) -> bool:
        return True


def fetcher(
    *,
    names: dict[str, list[str]] | None = None,
    allow: Callable[[IPAddress], bool] = lambda address: address == LOOPBACK,
    **changes: Any,
) -> Fetcher:
    """Fetches from loopback, which stands for the internet; names resolve to 127.0.0.1 unless `names` says else."""

    def resolve(host: str, port: int) -> list[str]:
        return (names or {}).get(host, ["127.0.0.1"])

    return Fetcher(**{"resolve": resolve, "allow": allow, "ports": Everything(), **changes})


def get(
    url: str, *, max_bytes: int = 1000, timeout: float = 5, by: Fetcher | None = None, **options: Any
) -> Fetched:
    return (by or fetcher()).fetch(url, max_bytes=max_bytes, timeout=timeout, **options)


def refusal(url: str, **options: Any) -> NotFetched:
    with pytest.raises(NotFetched) as caught:
        get(url, **options)
    return caught.value
