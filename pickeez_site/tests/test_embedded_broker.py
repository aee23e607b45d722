"""The broker in a folder, with many writers and readers at once."""

import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem
from kombu.transport.virtual import BrokerState

from pickeez_site.celery import app
from pickeez_site.serving.embedded_broker import Transport

MESSAGES = 300


@pytest.fixture
def connect(tmp_path: Path) -> Callable[[], Connection]:
    class OwnTransport(Transport):
        global_state = BrokerState()  # what a process remembers of queues

    def connect() -> Connection:
        options = {
            "data_folder_in": str(tmp_path / "messages"),
            "data_folder_out": str(tmp_path / "messages"),
            "control_folder": str(tmp_path / "control"),
            "polling_interval": 0.01,
        }
        return Connection("filesystem://localhost", transport=OwnTransport, transport_options=options)

    (tmp_path / "messages").mkdir()
    (tmp_path / "control").mkdir()
    return connect


def test_the_server_uses_it() -> None:
    assert app.connection_for_write().transport_cls == "pickeez_site.serving.embedded_broker:Transport"


def test_everything_arrives_once_and_whole_among_many_writers_and_readers(
    connect: Callable[[], Connection],
) -> None:
    def write(writer: int) -> None:
        with connect() as connection, connection.SimpleQueue("work") as queue:
            for number in range(MESSAGES):
                queue.put({"from": writer, "number": number, "long": "x" * 20_000})

    def read(_: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        with connect() as connection, connection.SimpleQueue("work", no_ack=True) as queue:
            while True:
                try:
                    body = queue.get(timeout=3).payload
                except Empty:
                    return found
                assert len(body["long"]) == 20_000
                found.append((body["from"], body["number"]))

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read, number) for number in range(3)]
        list(pool.map(write, range(3)))
        arrived = [message for reader in readers for message in reader.result()]
    assert sorted(arrived) == [(writer, number) for writer in range(3) for number in range(MESSAGES)]


def test_first_in_is_first_out(connect: Callable[[], Connection]) -> None:
    with connect() as connection, connection.SimpleQueue("work", no_ack=True) as queue:
        for number in range(50):
            queue.put(number)
        assert [queue.get(timeout=10).payload for _ in range(50)] == list(range(50))


def test_a_broken_message_is_dropped_and_the_next_one_read(
    connect: Callable[[], Connection], tmp_path: Path
) -> None:
    with connect() as connection, connection.SimpleQueue("work", no_ack=True) as queue:
        (tmp_path / "messages" / "0_broken.work.msg").write_text('{"body": ')
        queue.put("whole")
        assert queue.get(timeout=10).payload == "whole"


def test_many_that_start_at_once_find_all_queues(connect: Callable[[], Connection]) -> None:
    def declare(number: int) -> None:
        with connect() as connection, connection.SimpleQueue(f"queue-{number % 4}") as queue:
            queue.put(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(declare, range(64)))
    with connect() as connection:
        waiting = 0
        for number in range(4):
            with connection.SimpleQueue(f"queue-{number}") as queue:
                waiting += queue.qsize()
    assert waiting == 64


@pytest.mark.parametrize(
    ("hook", "parameters"),
    [
        ("_put", ["self", "queue", "payload"]),
        ("_get", ["self", "queue"]),
        ("_queue_bind", ["self", "exchange", "routing_key", "pattern", "queue"]),
    ],
)
def test_kombu_still_has_the_hooks_that_are_overridden(hook: str, parameters: list[str]) -> None:
    signature = inspect.signature(getattr(filesystem.Channel, hook))
    assert [name for name, given in signature.parameters.items() if given.kind != given.VAR_KEYWORD] == parameters


def test_kombu_still_reads_the_table_of_queues_where_it_is_written(connect: Callable[[], Connection]) -> None:
    with connect() as connection:
        channel: Any = connection.channel()
        channel._queue_bind("tasks", "quick", "", "quick")
        assert [tuple(row) for row in channel.get_table("tasks")] == [("quick", "", "quick")]
        assert [path.name for path in channel.control_folder.glob("*.exchange")] == ["tasks.exchange"]
