"""Fixtures: a server with real processes, in each kind of deployment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import MakePicture
from pickeez_site.tests.services.deployments import Deployment, deploy
from pickeez_site.tests.services.shared_album import FAKE_ENGINE, SharedAlbum, create_shared_album
from pickeez_site.tests.stack import Stack


@pytest.fixture
def broker() -> str:
    """The broker of the test; Redis unless it is parametrized."""
    return "redis"


@pytest.fixture
def deployment(broker: str) -> Iterator[Deployment]:
    with deploy(broker) as deployed:
        yield deployed


@pytest.fixture
def stack(deployment: Deployment, tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path, **FAKE_ENGINE, **deployment.settings)
    stack.migrate()
    try:
        stack.start("web", "worker", "scheduler")
        yield stack
        print(stack.logs())  # noqa: T201 - shown when the test fails
    finally:
        stack.stop()


@pytest.fixture
def shared_album(stack: Stack, make_picture: MakePicture) -> SharedAlbum:
    return create_shared_album(stack, make_picture)
