"""How long the stages of a piece of work take."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter


class StageTimer:
    """`seconds` by the stage's name; a stage that is entered again adds up, also to those of a step before."""

    def __init__(self, before: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = dict(before or {})

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + perf_counter() - start, 4)
