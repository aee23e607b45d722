import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from photos.management.commands import fetch_models
from photos.objects.models import FASTESTDET

CONTENT = b"a model" * 1000
HANGING = "/hanging.onnx"


class Handler(BaseHTTPRequestHandler):
    """Serves the files in `files`, and records the requested paths in `requested`."""

    files: dict[str, bytes] = {}
    requested: list[str] = []
    released = threading.Event()

    def do_GET(self) -> None:
        self.requested.append(self.path)
        if self.path == HANGING:
            self.released.wait(30)
        content = self.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


@pytest.fixture
def server() -> Iterator[tuple[type[Handler], str]]:
    """The class that answers, whose `files` and `requested` are empty, and the URL of a model."""
    Handler.files, Handler.requested, Handler.released = {}, [], threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield Handler, f"http://127.0.0.1:{running.server_port}/model.onnx"
        Handler.released.set()
        running.shutdown()


@pytest.fixture
def target(
    server: tuple[type[Handler], str], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    model = replace(FASTESTDET, url=server[1], sha256=hashlib.sha256(CONTENT).hexdigest(), size=len(CONTENT))
    monkeypatch.setattr(fetch_models, "FASTESTDET", model)
    settings.DATA_DIR = tmp_path
    settings.OBJECT_MODEL = tmp_path / "models" / model.name
    return settings.OBJECT_MODEL


def fetch(*arguments: str) -> str:
    out = StringIO()
    call_command("fetch_models", *arguments, stdout=out)
    return out.getvalue()


def test_the_model_is_fetched_once(server: tuple[type[Handler], str], target: Path) -> None:
    server[0].files = {"/model.onnx": CONTENT}
    assert "fetched" in fetch()
    assert target.read_bytes() == CONTENT
    assert "already" in fetch()
    assert len(server[0].requested) == 1


def test_a_file_that_was_damaged_is_fetched_again(server: tuple[type[Handler], str], target: Path) -> None:
    server[0].files = {"/model.onnx": CONTENT}
    target.parent.mkdir()
    target.write_bytes(b"damaged")
    assert "fetched" in fetch()
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("content", [b"", b"another", CONTENT + b"more", b"b" + CONTENT[1:]])
def test_another_file_than_expected_is_not_kept(
    server: tuple[type[Handler], str], target: Path, content: bytes
) -> None:
    server[0].files = {"/model.onnx": content}
    with pytest.raises(CommandError, match="not the file"):
        fetch()
    assert list(target.parent.iterdir()) == []


def test_the_error_names_a_server_that_is_unreachable_or_lacks_the_file(
    server: tuple[type[Handler], str], target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server[0].files = {}
    with pytest.raises(CommandError, match="cannot be reached"):
        fetch()
    monkeypatch.setattr(fetch_models, "FASTESTDET", replace(fetch_models.FASTESTDET, url="http://127.0.0.1:1/"))
    with pytest.raises(CommandError, match="cannot be reached"):
        fetch()


def test_the_command_mentions_another_model_in_the_setting(
    server: tuple[type[Handler], str], target: Path, settings: Settings, tmp_path: Path
) -> None:
    server[0].files = {"/model.onnx": CONTENT}
    settings.OBJECT_MODEL = tmp_path / "own.onnx"
    assert "another file" in fetch()
    assert not settings.OBJECT_MODEL.exists()


def test_another_server_may_have_it(
    server: tuple[type[Handler], str], target: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server[0].files = {"/mirror.onnx": CONTENT}
    settings.OBJECT_MODEL_URL = server[1].replace("model.onnx", "mirror.onnx")
    assert "fetched" in fetch()
    assert target.read_bytes() == CONTENT


def test_a_start_fetches_a_missing_model_and_says_so_in_one_line(
    server: tuple[type[Handler], str], target: Path
) -> None:
    server[0].files = {"/model.onnx": CONTENT}
    assert fetch("--at-start") == "The object model has been fetched: photos get object classes.\n"
    assert target.read_bytes() == CONTENT
    assert fetch("--at-start") == "", "the next start finds it"
    assert len(server[0].requested) == 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/model.onnx", "cannot be reached (ConnectionError)"),
        ("http://no.such.host.invalid/model.onnx", "cannot be reached (ConnectionError)"),
        ("{server}/refused.onnx", "cannot be reached (HTTPError)"),
        ("{server}/another.onnx", "is not the file that was expected"),
        (f"{{server}}{HANGING}", "no answer within 0.5 s"),
    ],
)
def test_a_start_without_a_network_waits_not_long_and_fails_nothing(
    server: tuple[type[Handler], str],
    target: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    reason: str,
) -> None:
    server[0].files = {"/another.onnx": b"another"}
    settings.OBJECT_MODEL_URL = url.format(server=server[1].removesuffix("/model.onnx"))
    monkeypatch.setattr(fetch_models, "START_SECONDS", 0.5)
    start = time.monotonic()
    said = fetch("--at-start")
    assert time.monotonic() - start < 3
    assert said.count("\n") == 1
    assert said.startswith("Photos get no object classes yet (")
    assert reason in said
    assert "fetch_models" in said
    assert list(target.parent.iterdir()) == []


def test_a_start_waits_at_most_five_seconds() -> None:
    assert fetch_models.START_SECONDS <= 5


def test_a_start_fetches_nothing_where_another_model_is_set_or_the_file_is_there(
    server: tuple[type[Handler], str], target: Path, settings: Settings, tmp_path: Path
) -> None:
    target.parent.mkdir()
    target.write_bytes(b"an operator's own")
    assert fetch("--at-start") == ""
    settings.OBJECT_MODEL = tmp_path / "own.onnx"
    target.unlink()
    assert fetch("--at-start") == ""
    assert (server[0].requested, target.exists()) == ([], False)


def test_a_folder_that_cannot_be_written_is_told(
    server: tuple[type[Handler], str], target: Path, settings: Settings
) -> None:
    server[0].files = {"/model.onnx": CONTENT}
    target.parent.write_bytes(b"a file in the place of the folder")
    assert "cannot be written" in fetch("--at-start")
