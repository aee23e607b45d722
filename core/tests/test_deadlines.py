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


def test_a_watched_connection_is_cut_when_the_time_is_up(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    with Deadline(0.2) as deadline:
        deadline.watch(ours)
        started = time.monotonic()
        assert ours.recv(1) == b""
    assert 0.1 < time.monotonic() - started < 1


def test_a_connection_is_left_alone_when_all_went_well(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with Deadline(0.1) as deadline:
        deadline.watch(ours)
    time.sleep(0.2)
    theirs.send(b"x")
    assert ours.recv(1) == b"x"


def test_no_connection_is_taken_when_the_time_is_up(pair: tuple[socket.socket, socket.socket]) -> None:
    with Deadline(0) as deadline, pytest.raises(TimeoutError):
        deadline.watch(pair[0])


def test_no_connection_is_made_when_the_time_is_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Deadline(0) as deadline, pytest.raises(TimeoutError):
        connect(["127.0.0.1"], server.getsockname()[1], timeout=1, deadline=deadline)


def test_what_takes_no_timeout_is_left_behind() -> None:
    over = threading.Event()
    with Deadline(0.1) as deadline, pytest.raises(TimeoutError):
        deadline.run(over.wait)
    over.set()


def test_what_ends_in_time_gives_its_result_or_its_error() -> None:
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
def test_urllib3_still_has_its_connections_made_by_us(url: str, host: str, port: int) -> None:
    """`_Dialling` overrides `_new_conn`, which is urllib3's own: when it is called otherwise, deadlines are lost."""
    dialled: list[tuple[str, int]] = []

    def dial(host: str, port: int, timeout: float) -> socket.socket:
        dialled.append((host, port))
        raise OSError("refused")

    request = requests.Request("GET", url).prepare()
    with pytest.raises(requests.ConnectionError, match="No connection: refused"):
        DialAdapter(dial).send(request, timeout=1)
    assert dialled == [(host, port)]
