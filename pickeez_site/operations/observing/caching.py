"""A cache for one result that is costly to get and is asked for often."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class CachedResult(Generic[Result]):
    """Calls `compute` and keeps its result for `seconds(result)`.

    A caller gets the last result while another thread computes the next one.
    """

    def __init__(self, compute: Callable[[], Result], seconds: Callable[[Result], float]) -> None:
        self._compute, self._seconds = compute, seconds
        self._lock = threading.Lock()
        self._last: tuple[float, Result] | None = None

    def __call__(self) -> Result:
        last = self._last
        if last and (time.monotonic() < last[0] or self._lock.locked()):
            return last[1]
        with self._lock:
            if self._last and time.monotonic() < self._last[0]:  # computed while we waited
                return self._last[1]
            result = self._compute()
            self._last = (time.monotonic() + self._seconds(result), result)
            return result

    def clear(self) -> None:
        self._last = None
