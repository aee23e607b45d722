"""A server on real processes, in each of the places where it may live."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import MakePicture
from pickeez_site.tests.services.party import FAKE_ENGINE, Party, gather
from pickeez_site.tests.services.places import Place, place
from pickeez_site.tests.stack import Stack


@pytest.fixture
def broker() -> str:
    """Tests that do not say which broker they are about use Redis."""
    return "redis"


@pytest.fixture
def here(broker: str) -> Iterator[Place]:
    with place(broker) as found:
        yield found


@pytest.fixture
def stack(here: Place, tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path, **FAKE_ENGINE, **here.settings)
    stack.manage("migrate", "--verbosity", "0")
    try:
        stack.start("web", "worker", "scheduler")
        yield stack
        print(stack.logs())  # noqa: T201 - shown when the test fails
    finally:
        stack.stop()


@pytest.fixture
def party(stack: Stack, make_picture: MakePicture) -> Party:
    return gather(stack, make_picture)
