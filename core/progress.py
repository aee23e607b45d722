"""Commands that take long: a progress bar on a terminal, and an end between two items when asked to stop."""

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
    """Somebody asked the command to stop; its status is the shell's for that signal: 130 or 143."""

    def __init__(self, number: int) -> None:
        super().__init__("Stopped. What is done is kept; run it again to go on.", returncode=128 + number)


class Progress:
    """Counts what is done. Without a terminal there is no bar."""

    def __init__(self, bar: tqdm) -> None:
        self._bar = bar
        self._asked: int | None = None

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items one by one, each done when the next is asked for. Raises `Stopped`."""
        self.advance(0)
        for item in items:
            yield item
            self.advance()

    def advance(self, number: int = 1) -> None:
        """So many more are done. Raises `Stopped`."""
        self._bar.update(number)
        if self._asked is not None:
            raise Stopped(self._asked)

    def say(self, line: str, write: Callable[[str], object]) -> None:
        """Writes a line without tearing the bar."""
        self._bar.clear()
        write(line)
        self._bar.refresh()

    def stop(self, number: int, _: FrameType | None = None) -> None:
        """The handler of signals; the second one does not wait for the item."""
        if self._asked is not None:
            raise KeyboardInterrupt
        self._asked = number
        with suppress(RuntimeError):  # the signal came in the middle of writing
            self._bar.clear()
            sys.stderr.write("Stopping after this one; a second signal stops at once.\n")


@contextmanager
def progress(*, unit: str, total: int | None = None, scale: bool = False) -> Iterator[Progress]:
    """Shows how far the block is, and lets INT and TERM end it only between two items."""
    with tqdm(total=total, unit=unit, unit_scale=scale, disable=None) as bar:
        shown = Progress(bar)
        # Python takes signals in its main thread only.
        main = threading.current_thread() is threading.main_thread()
        before = {number: signal.signal(number, shown.stop) for number in SIGNALS} if main else {}
        try:
            yield shown
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
