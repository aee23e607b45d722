"""Answers that are costly to find are found once for all who ask within a few seconds."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Remembered(Generic[Result]):
    """What `find` returned, for `seconds(result)`; who asks while another is finding gets the last answer."""

    def __init__(self, find: Callable[[], Result], seconds: Callable[[Result], float]) -> None:
        self._find, self._seconds = find, seconds
        self._lock = threading.Lock()
        self._last: tuple[float, Result] | None = None

    def __call__(self) -> Result:
        last = self._last
        if last and (time.monotonic() < last[0] or self._lock.locked()):
            return last[1]
        with self._lock:
            return self._refresh()

    def _refresh(self) -> Result:
        if self._last and time.monotonic() < self._last[0]:  # found while we waited
            return self._last[1]
        result = self._find()
        self._last = (time.monotonic() + self._seconds(result), result)
        return result

    def forget(self) -> None:
        self._last = None
