"""Long commands: a progress bar on a terminal, and a clean stop between two items on SIGINT or SIGTERM."""

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TypeVar

from django.core.management.base import CommandError
from tqdm import tqdm

SIGNALS = (signal.SIGINT, signal.SIGTERM)

Item = TypeVar("Item")


class Stopped(CommandError):
    """A signal stopped the command; its exit status is the shell's for that signal: 130 or 143."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(
            "Finished items are saved; run the command again to continue.", returncode=128 + signal_number
        )


class Progress:
    """Counts the finished items and shows them in a bar, if there is a terminal."""

    def __init__(self, bar: tqdm) -> None:
        self._bar = bar
        self._signal: int | None = None

    def track(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yields the items one by one; each counts as finished when the next is requested. Raises `Stopped`."""
        self.advance(0)
        for item in items:
            yield item
            self.advance()

    def advance(self, number: int = 1) -> None:
        """Counts so many more items as finished. Raises `Stopped` when a signal has come."""
        self._bar.update(number)
        if self._signal is not None:
            raise Stopped(self._signal)

    def write_line(self, line: str, write: Callable[[str], object]) -> None:
        """Writes a line above the bar."""
        self._bar.clear()
        write(line)
        self._bar.refresh()

    def handle_signal(self, number: int, _: FrameType | None = None) -> None:
        """Stops after the current item; a second signal stops at once."""
        if self._signal is not None:
            raise KeyboardInterrupt
        self._signal = number
        with suppress(RuntimeError):  # the signal came in the middle of writing
            self._bar.clear()
            sys.stderr.write("Stopping after this one; a second signal stops at once.\n")


@contextmanager
def progress(*, unit: str, total: int | None = None, scale: bool = False) -> Iterator[Progress]:
    """Shows the progress of the block, and lets SIGINT and SIGTERM end it only between two items."""
    with tqdm(total=total, unit=unit, unit_scale=scale, disable=None) as bar:
        shown = Progress(bar)
        # Python allows signal handlers in its main thread only.
        is_main = threading.current_thread() is threading.main_thread()
        previous = {number: signal.signal(number, shown.handle_signal) for number in SIGNALS} if is_main else {}
        try:
            yield shown
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
