"""Headers on their way through the server as it is shipped: raw bytes in, answers out."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
CONFIG = ROOT / "pickeez_site/serving/gunicorn.conf.py"
PATH = "/v1/users/scanned-images-by-device-id/d/Shop"
ECHO = """
import json
def application(environ, start_response):
    body = json.dumps({name: value for name, value in environ.items() if name.startswith("HTTP_")}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
"""
pytestmark = pytest.mark.stack


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    return {**kept, "DATA_DIR": str(folder), "HOST": "127.0.0.1", **more}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[int]:
    """The shipped web server on a port of its own."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", str(CONFIG), "--no-control-socket", *arguments]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(folder, PORT=str(port)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(15)


def wait_for(port: int, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server has stopped"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not answer")


def ask(port: int, *headers: str, method: str = "GET", path: str = PATH) -> tuple[int, dict]:
    """Status and body of the answer to exactly these bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall("\r\n".join(lines).encode())
        head, _, body = client.makefile("rb").read().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def manage(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """A server on an empty database, and a key of its only app."""
    folder = tmp_path_factory.mktemp("data")
    manage(folder, "migrate", "--verbosity", "0")
    key = manage(folder, "create_api_key", "--owner", "Acme/Ltd", "--app", "Shop").split()[-1]
    with served(folder) as port:
        yield port, key


def test_the_header_with_an_underscore_reaches_the_view(shipped: tuple[int, str]) -> None:
    port, key = shipped
    for name in ("api_key", "API_KEY", "Api_Key", "X-Api-Key"):
        assert ask(port, f"{name}: {key}") == (404, {"error": "Not found."})
    assert ask(port, f"api_key: {key[:-1]}")[0] == ask(port)[0] == 401


def test_another_header_with_an_underscore_does_not(shipped: tuple[int, str]) -> None:
    port, key = shipped
    for name in ("x_api_key", "X-Api_Key", "api-key_", "_api_key"):
        assert ask(port, f"{name}: {key}")[0] == 401
    assert ask(port, f"X-Api-Key: {key}", f"x_api_key: {key[:-1]}")[0] == 404


def test_values_that_the_server_joins_with_a_comma_are_refused(shipped: tuple[int, str]) -> None:
    port, key = shipped
    for pair in [("api_key: {}", "api_key: {}"), ("api_key: {}", "api-key: x"), ("api-key: x", "api_key: {}")]:
        assert ask(port, *(header.format(key) for header in pair)) == (401, {"error": "Invalid API key."})
    assert ask(port, f"api_key: {key},{key}")[0] == 401


def test_slashes_in_both_ids_of_a_path_are_told_apart(shipped: tuple[int, str]) -> None:
    port, key = shipped
    route = "/v1/users/delete-user-data-by-owner-id"
    assert ask(port, f"api_key: {key}", method="DELETE", path=f"{route}/a%2Fb/Acme%2FLtd")[0] == 200
    assert ask(port, f"api_key: {key}", method="DELETE", path=f"{route}/a%2FAcme/Ltd")[0] == 403


def test_api_key_is_the_only_header_with_an_underscore_that_comes_in(tmp_path: Path) -> None:
    (tmp_path / "echo.py").write_text(ECHO)
    sent = [
        "api_key",
        "x_forwarded_for",
        "x_forwarded_proto",
        "remote_user",
        "x_api_key",
        "api_key_",
        "content_length_x",
    ]
    with served(tmp_path, f"--pythonpath={tmp_path}", "echo:application") as port:
        status, headers = ask(port, *(f"{name}: smuggled" for name in sent), "X-Plain: kept")
    assert status == 200
    assert set(headers) == {"HTTP_HOST", "HTTP_CONNECTION", "HTTP_API_KEY", "HTTP_X_PLAIN"}
