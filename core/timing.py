"""Measures how long the stages of a piece of work take."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter


class StageTimer:
    """Collects the `seconds` of each stage by its name.

    The time of a stage that runs several times is added up, also to the time that it took `before`.
    """

    def __init__(self, before: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = dict(before or {})

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + perf_counter() - start, 4)
