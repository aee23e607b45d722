"""The server as it is shipped, in two processes, under clients that send and read slowly, and too many connections.

`python -m pickeez_site.tests.slow_clients 40 120` does it at full size.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import pytest
import requests

from pickeez_site.tests.services.shared_album import wait_until
from pickeez_site.tests.slow_clients import Targets, Waits, held, idle_connections, kinds, memory_of_web, prepare
from pickeez_site.tests.stack import Stack

pytestmark = pytest.mark.stack
EACH, PER_ADDRESS = 12, 150


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("server")
    settings = {"WEB_PROCESSES": "2", "WEB_CONNECTIONS_PER_ADDRESS": str(PER_ADDRESS)}
    with Stack(folder, **settings).running("web") as stack:
        yield stack


@pytest.fixture(scope="module")
def targets(stack: Stack) -> Targets:
    return prepare(stack)


def test_others_are_served_while_many_are_slow(stack: Stack, targets: Targets) -> None:
    waits = Waits()
    for _ in range(6):  # both processes have seen the small album
        waits.measure(targets, targets.small)
    waits.seconds.clear()
    clients = [make() for name, make in kinds(targets).items() for _ in range(EACH) if name != "readers of JSON"]
    clients += [kinds(targets)["readers of JSON"]() for _ in range(4)]
    with held(clients, targets.port):
        waits.measure_for(6, targets)
    (probe, worst_probe), (album, worst_album) = waits.median_and_worst().values()
    assert probe < 0.5
    assert worst_probe < 2  # twice what two quiet cores take: other tests run beside this one
    assert album < 1
    assert worst_album < 4


def test_idle_connections_cost_little(stack: Stack, targets: Targets) -> None:
    before = sum(memory_of_web(stack))
    with idle_connections(targets.port, PER_ADDRESS - 10):
        assert (sum(memory_of_web(stack)) - before) / (PER_ADDRESS - 10) < 0.05  # MB


def open_connections(stack: Stack) -> int:
    """How many connections the web processes have not closed yet: those of a test before may still be open."""
    processes = [psutil.Process(pid) for pid in stack.children("web")]
    return sum(bool(one.raddr) for process in processes for one in process.net_connections(kind="tcp"))


def test_an_address_has_its_connections_over_both_processes(stack: Stack, targets: Targets) -> None:
    wait_until(lambda: open_connections(stack) == 0, what="closing the connections of the test before")
    with ExitStack() as clients:
        refused = 0
        for _ in range(PER_ADDRESS + 30):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", targets.port), timeout=10))
            client.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                refused += client.recv(100).startswith(b"HTTP/1.1 503 ")
            except ConnectionResetError:
                refused += 1
        assert refused == 30
    wait_until(lambda: open_connections(stack) == 0, what="closing the connections of this test")
    with requests.get(f"http://127.0.0.1:{targets.port}/ping", timeout=10) as answer:
        assert answer.ok
