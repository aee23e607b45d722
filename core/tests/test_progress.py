"""Long commands stop between two items on a signal, and at once on a second one."""

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


def test_without_a_terminal_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(unit=" items", total=3) as bar:
        assert list(bar.track("abc")) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def work_through(work: Callable[[int], None]) -> None:
    with progress(unit=" items") as bar:
        for item in bar.track(range(5)):
            work(item)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_command_after_the_current_item(number: Signals, status: int) -> None:
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


def test_a_second_signal_stops_the_command_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    def work(_: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("It went on.")

    with pytest.raises(KeyboardInterrupt):
        work_through(work)
    assert "a second signal stops at once" in capsys.readouterr().err


def fail(bar: Progress) -> None:
    assert signal.getsignal(signal.SIGTERM) == bar.handle_signal
    raise ZeroDivisionError


def test_the_previous_signal_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError), progress(unit=" items") as bar:
        fail(bar)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_progress_works_in_another_thread_without_signals() -> None:
    seen: list[int] = []

    def work() -> None:
        with progress(unit=" items") as bar:
            seen.extend(bar.track([1, 2]))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [1, 2]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("7d", 604800), ("0s", 0)])
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7 d", "7w", "1.5h", "999999d", "\u0667d", "7d\n"])
def test_an_invalid_duration_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not like 90s"):
        duration(text)
