"""A web on loopback: servers that answer as a test says, and a fetcher for which 127.0.0.1 is the internet."""

import ipaddress
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.fetching import Fetcher, NotFetched

IMAGE = b"\x89PNG and so on"
PNG = ("Content-Type", "image/png")
LOOPBACK = ipaddress.ip_address("127.0.0.1")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        self.close_connection = True
        with suppress(OSError):  # the other side may have had enough
            self.server.answer(self)

    def log_message(self, *args):
        pass


def give(body=IMAGE, *headers, status=200):
    """An answer for the site: status, headers (a PNG's unless others are given) and body."""

    def answer(handler):
        handler.send_response(status)
        for name, value in headers or [PNG]:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirect(location, status=302):
    return give(b"", ("Location", location), status=status)


def in_turn(*answers):
    """One of the answers to each request."""
    waiting = iter(answers)

    def answer(handler):
        next(waiting)(handler)

    return answer


class Site(ThreadingHTTPServer):
    """A web server on loopback that answers as a test says."""

    daemon_threads = False  # joined when it closes

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.answer, self.over = [], give(), threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def url(self, path="/picture.png", host="pictures.test", scheme="http"):
        return f"{scheme}://{host}:{self.server_port}{path}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc_info):
        self.over.set()
        self.shutdown()
        self.server_close()
        self.thread.join()


class Everything:
    def __contains__(self, port):
        return True


def fetcher(*, names=None, allow=lambda address: address == LOOPBACK, **changes):
    """Fetches from loopback, which stands for the internet; names resolve to 127.0.0.1 unless `names` says else."""

    def resolve(host, port):
        return (names or {}).get(host, ["127.0.0.1"])

    return Fetcher(**{"resolve": resolve, "allow": allow, "ports": Everything(), **changes})


def get(url, *, max_bytes=1000, timeout=5, by=None, **options):
    return (by or fetcher()).fetch(url, max_bytes=max_bytes, timeout=timeout, **options)


def refusal(url, **options):
    with pytest.raises(NotFetched) as caught:
        get(url, **options)
    return caught.value
