import socket
from collections.abc import Iterator

import pytest

from accounts.tests.messaging.stand_in import StandIn


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A running gateway, reached without the proxies of the machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def closed_port_url() -> str:
    """A URL on this machine where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"
