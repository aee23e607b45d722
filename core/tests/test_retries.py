"""Tasks are retried after outages, and an unreachable broker is not tried for some seconds."""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from amqp.exceptions import NotAllowed, NotFound
from celery import Task, current_app
from celery.exceptions import Retry
from django.db import OperationalError
from kombu.exceptions import OperationalError as BrokerUnreachable

from core.enqueueing import send_task
from core.outages import CircuitBreaker, Outage, retry_until_written
from core.tasks import MAX_PAUSE_SECONDS, RetryingTask


class Work(RetryingTask):
    """A task that fails with the error `trouble` while that is set."""

    name = "tests.work"
    trouble: Exception | None = None
    pauses: list[float]

    def run(self) -> str:
        if self.trouble:
            raise self.trouble
        return "done"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """The task as a worker runs it; `pauses` are the seconds before each of its retries."""
    task = current_app.register_task(Work())
    task.pauses = []

    def retry(exc: OperationalError | Outage, countdown: int) -> None:
        if task.request.retries >= task.max_retries:
            raise exc
        task.pauses.append(countdown)
        raise Retry("again", exc)

    monkeypatch.setattr(task, "retry", retry)
    task.push_request(called_directly=False, is_eager=False, retries=0)
    yield task
    task.pop_request()
    current_app.tasks.unregister(task.name)


def test_a_write_is_retried_until_it_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    answers = iter([OperationalError("gone"), OperationalError("starting"), None])
    monkeypatch.setattr("core.outages.time.sleep", slept.append)

    def write() -> None:
        if error := next(answers):
            raise error

    retry_until_written(write)
    assert slept == [0, 1, 2]


def test_a_write_that_fails_for_15_seconds_raises_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("core.outages.time.sleep", slept.append)

    def write() -> None:
        raise OperationalError("gone")

    with pytest.raises(OperationalError, match="gone"):
        retry_until_written(write)
    assert sum(slept) == 15


def test_a_task_runs_when_there_is_no_outage(work: Work) -> None:
    assert work() == "done"
    assert work.pauses == []


@pytest.mark.parametrize("trouble", [Outage(), OperationalError("the database system is shutting down")])
def test_a_task_is_retried_after_a_pause_that_grows_up_to_a_minute(
    work: Work, trouble: OperationalError | Outage
) -> None:
    work.trouble = trouble
    for tries in range(work.max_retries):
        work.request.retries = tries
        with pytest.raises(Retry):
            work()
    limits = [min(2**tries, MAX_PAUSE_SECONDS) for tries in range(work.max_retries)]
    assert all(0 <= pause <= limit for pause, limit in zip(work.pauses, limits, strict=True))
    assert max(work.pauses) > 2


def test_pauses_are_random_so_that_tasks_do_not_all_come_back_at_once(work: Work) -> None:
    work.trouble = Outage()
    work.request.retries = 6
    for _ in range(20):
        with pytest.raises(Retry):
            work()
    assert len(set(work.pauses)) > 5


def test_after_the_last_try_the_task_is_left_to_the_sweep(work: Work) -> None:
    work.trouble = Outage()
    work.request.retries = work.max_retries
    assert work() is None


def test_an_error_of_the_work_itself_is_not_retried(work: Work) -> None:
    work.trouble = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        work()
    assert work.pauses == []


class Sent(Task):
    """Counts how often it is handed to a broker that is unreachable."""

    name = "tests.sent"

    def __init__(self, error: Exception | None = None) -> None:
        self.tries, self.error = 0, error or BrokerUnreachable("refused")

    def apply_async(self, *arguments: Any, **options: Any) -> NoReturn:
        self.tries += 1
        raise self.error


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[[Task], str]:
    """Registers a task by its name, which it returns."""

    def register(task: Task) -> str:
        monkeypatch.setattr("core.enqueueing.import_string", {task.name: task}.__getitem__)
        return task.name

    return register


def test_a_broker_that_was_just_unreachable_is_not_tried_again(register: Callable[[Task], str]) -> None:
    task = Sent()
    assert [send_task(register(task), "id") for _ in range(5)] == [False] * 5
    assert task.tries == 1


@pytest.mark.parametrize(
    "error", [NotAllowed("vhost '/' is down"), NotFound("home node of durable queue 'quick' is down")]
)
def test_a_broker_that_answers_but_accepts_nothing_is_unreachable(
    error: NotAllowed | NotFound, register: Callable[[Task], str]
) -> None:
    assert send_task(register(Sent(error)), "id") is False


def test_an_error_of_the_message_is_raised(register: Callable[[Task], str]) -> None:
    with pytest.raises(ZeroDivisionError):
        send_task(register(Sent(ZeroDivisionError())), "id")


def test_a_circuit_breaker_closes_again() -> None:
    circuit = CircuitBreaker(seconds=60)
    assert not circuit.is_open()
    circuit.trip()
    assert circuit.is_open()
    circuit.reset()
    assert not circuit.is_open()
    short = CircuitBreaker(seconds=0)
    short.trip()
    assert not short.is_open()
