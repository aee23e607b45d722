import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from core.deadlines import Deadline, DialAdapter, connect


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_watched_connection_is_shut_down_at_the_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    with Deadline(0.2) as deadline:
        deadline.watch(ours)
        started = time.monotonic()
        assert ours.recv(1) == b""
    assert 0.1 < time.monotonic() - started < 1


def test_a_connection_stays_open_when_the_work_ends_in_time(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with Deadline(0.1) as deadline:
        deadline.watch(ours)
    time.sleep(0.2)
    theirs.send(b"x")
    assert ours.recv(1) == b"x"


def test_no_connection_is_watched_after_the_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    with Deadline(0) as deadline, pytest.raises(TimeoutError):
        deadline.watch(pair[0])


def test_no_connection_is_opened_after_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Deadline(0) as deadline, pytest.raises(TimeoutError):
        connect(["127.0.0.1"], server.getsockname()[1], timeout=1, deadline=deadline)


def test_a_call_that_takes_too_long_raises_a_timeout() -> None:
    over = threading.Event()
    with Deadline(0.1) as deadline, pytest.raises(TimeoutError):
        deadline.run(over.wait)
    over.set()


def test_a_call_that_ends_in_time_returns_its_result_or_raises_its_error() -> None:
    with Deadline(5) as deadline:
        assert deadline.run(lambda: "result") == "result"
        with pytest.raises(ValueError, match="invalid literal"):
            deadline.run(lambda: int("x"))


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://[::1]:81/", "::1", 81),
        ("http://a.example./", "a.example.", 80),
        ("https://b.example/", "b.example", 443),
    ],
)
def test_urllib3_still_opens_its_connections_by_our_method(url: str, host: str, port: int) -> None:
    """`_DialledConnection` overrides urllib3's private `_new_conn`: if urllib3 renames it, deadlines are lost."""
    dialled: list[tuple[str, int]] = []

    def dial(host: str, port: int, timeout: float) -> socket.socket:
        dialled.append((host, port))
        raise OSError("refused")

    request = requests.Request("GET", url).prepare()
    with pytest.raises(requests.ConnectionError, match="No connection: refused"):
        DialAdapter(dial).send(request, timeout=1)
    assert dialled == [(host, port)]
