"""Tasks wait for what is away, and a broker that is away is left alone for a while."""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from amqp.exceptions import NotAllowed, NotFound
from celery import Task, current_app
from celery.exceptions import Retry
from django.db import OperationalError
from kombu.exceptions import OperationalError as BrokerAway

from core.enqueueing import send_task
from core.outages import CircuitBreaker, Outage, retry_until_written
from core.tasks import MAX_PAUSE, PatientTask


class Work(PatientTask):
    """Does not come to anything while something is away."""

    name = "tests.work"
    trouble: Exception | None = None
    pauses: list[float]

    def run(self) -> str:
        if self.trouble:
            raise self.trouble
        return "done"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """The task in the hands of a worker; `pauses` are the seconds until each of its retries."""
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


def test_what_must_be_written_is_tried_until_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    answers = iter([OperationalError("gone"), OperationalError("starting"), None])
    monkeypatch.setattr("core.outages.time.sleep", slept.append)

    def write() -> None:
        if error := next(answers):
            raise error

    retry_until_written(write)
    assert slept == [0, 1, 2]


def test_what_cannot_be_written_in_a_quarter_of_a_minute_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("core.outages.time.sleep", slept.append)

    def write() -> None:
        raise OperationalError("gone")

    with pytest.raises(OperationalError, match="gone"):
        retry_until_written(write)
    assert sum(slept) == 15


def test_without_trouble_the_task_just_runs(work: Work) -> None:
    assert work() == "done"
    assert work.pauses == []


@pytest.mark.parametrize("trouble", [Outage(), OperationalError("the database system is shutting down")])
def test_it_is_tried_again_after_a_pause_that_grows_up_to_a_minute(
    work: Work, trouble: OperationalError | Outage
) -> None:
    work.trouble = trouble
    for tries in range(work.max_retries):
        work.request.retries = tries
        with pytest.raises(Retry):
            work()
    limits = [min(2**tries, MAX_PAUSE) for tries in range(work.max_retries)]
    assert all(0 <= pause <= limit for pause, limit in zip(work.pauses, limits, strict=True))
    assert max(work.pauses) > 2


def test_pauses_are_random_so_that_not_all_come_back_at_once(work: Work) -> None:
    work.trouble = Outage()
    work.request.retries = 6
    for _ in range(20):
        with pytest.raises(Retry):
            work()
    assert len(set(work.pauses)) > 5


def test_after_the_last_try_the_sweep_has_it(work: Work) -> None:
    work.trouble = Outage()
    work.request.retries = work.max_retries
    assert work() is None


def test_what_is_wrong_with_the_work_itself_is_not_tried_again(work: Work) -> None:
    work.trouble = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        work()
    assert work.pauses == []


class Sent(Task):
    """Counts how often it is handed to a broker that is away."""

    name = "tests.sent"

    def __init__(self, error: Exception | None = None) -> None:
        self.tries, self.error = 0, error or BrokerAway("refused")

    def apply_async(self, *arguments: Any, **options: Any) -> NoReturn:
        self.tries += 1
        raise self.error


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[[Task], str]:
    """Lets the task be found by its name, which is returned."""

    def named(task: Task) -> str:
        monkeypatch.setattr("core.enqueueing.import_string", {task.name: task}.__getitem__)
        return task.name

    return named


def test_a_broker_that_was_just_away_is_not_asked_again_at_once(named: Callable[[Task], str]) -> None:
    task = Sent()
    assert [send_task(named(task), "id") for _ in range(5)] == [False] * 5
    assert task.tries == 1


@pytest.mark.parametrize(
    "error", [NotAllowed("vhost '/' is down"), NotFound("home node of durable queue 'quick' is down")]
)
def test_a_broker_that_answers_and_takes_nothing_is_away_as_well(
    error: NotAllowed | NotFound, named: Callable[[Task], str]
) -> None:
    assert send_task(named(Sent(error)), "id") is False


def test_what_is_wrong_with_the_message_is_not_the_brokers(named: Callable[[Task], str]) -> None:
    with pytest.raises(ZeroDivisionError):
        send_task(named(Sent(ZeroDivisionError())), "id")


def test_a_pause_ends() -> None:
    circuit = CircuitBreaker(seconds=60)
    assert not circuit.is_open()
    circuit.trip()
    assert circuit.is_open()
    circuit.reset()
    assert not circuit.is_open()
    short = CircuitBreaker(seconds=0)
    short.trip()
    assert not short.is_open()
