import socket
from collections.abc import Iterator

import pytest

from accounts.tests.messaging.stand_in import StandIn


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A running stand-in, reached without any proxy that the machine may have."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def closed_port_url() -> str:
    """An address of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"
