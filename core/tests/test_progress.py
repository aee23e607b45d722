"""Commands that take long: they end between two items when asked to, and a second time at once."""

import argparse
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from signal import Signals

import pytest
from django.core.management import CommandError

from core.arguments import duration
from core.progress import Progress, Stopped, progress


def test_the_items_pass_and_nothing_is_written_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(unit=" items", total=3) as bar:
        assert list(bar.over("abc")) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def work_through(work: Callable[[int], None]) -> None:
    with progress(unit=" items") as bar:
        for item in bar.over(range(5)):
            work(item)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_after_the_item(number: Signals, status: int) -> None:
    done: list[int] = []

    def work(item: int) -> None:
        if item == 2:
            os.kill(os.getpid(), number)
        done.append(item)

    with pytest.raises(Stopped) as stopped:
        work_through(work)
    assert done == [0, 1, 2]
    assert isinstance(stopped.value, CommandError)
    assert stopped.value.returncode == status


def test_a_second_signal_does_not_wait_for_the_item(capsys: pytest.CaptureFixture[str]) -> None:
    def work(_: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("It went on.")

    with pytest.raises(KeyboardInterrupt):
        work_through(work)
    assert "a second signal stops at once" in capsys.readouterr().err


def fail(bar: Progress) -> None:
    assert signal.getsignal(signal.SIGTERM) == bar.stop
    raise ZeroDivisionError


def test_the_handlers_of_before_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError), progress(unit=" items") as bar:
        fail(bar)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_in_another_thread_there_are_no_signals_and_it_works() -> None:
    seen: list[int] = []

    def work() -> None:
        with progress(unit=" items") as bar:
            seen.extend(bar.over([1, 2]))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [1, 2]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("7d", 604800), ("0s", 0)])
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7 d", "7w", "1.5h", "999999d", "\u0667d", "7d\n"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not like 90s"):
        duration(text)
