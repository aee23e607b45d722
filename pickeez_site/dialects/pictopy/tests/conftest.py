import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Caller, committing, picture


class Gallery:
    """A desktop gallery: JSON in, the envelopes out."""

    def __init__(self, caller: Caller, **headers: str) -> None:
        self.caller, self.headers = caller, headers

    def get(self, path: str, /, **query):
        return self.caller.get(path, query, headers=self.headers)

    def send(self, method: str, path: str, /, **body):
        send = getattr(self.caller.client, method)
        with committing():
            return send(path, body, content_type="application/json", headers=self.headers)

    def post(self, path: str, /, **body):
        return self.send("post", path, **body)

    def put(self, path: str, /, **body):
        return self.send("put", path, **body)

    def delete(self, path: str, /, **body):
        return self.send("delete", path, **body)

    def data(self, path: str, /, **query):
        """What a GET answers, which must succeed."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    @property
    def images(self) -> list[str]:
        return self.data("/images/all-images")["image_files"]


@pytest.fixture
def root(settings, tmp_path: Path) -> Path:
    """The one directory whose files may be imported."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    settings.IMPORT_ROOTS = [folder]
    return folder


@pytest.fixture
def put(root: Path) -> Callable[..., str]:
    """Writes a picture of these people below the root and says where."""

    def write(name: str, *people: int, seed: int | None = None, **options) -> str:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        number = seed if seed is not None else zlib.crc32(name.encode()) % 60000
        path.write_bytes(picture(*people, seed=number, **options).getvalue())
        return os.fspath(path)

    return write


@pytest.fixture
def gallery(owner) -> Gallery:
    return Gallery(owner)


@pytest.fixture
def other_gallery(stranger) -> Gallery:
    return Gallery(stranger)


@pytest.fixture
def nobodys_gallery(nobody) -> Gallery:
    return Gallery(nobody)


@pytest.fixture
def imported(gallery: Gallery, put) -> Callable[..., str]:
    """Writes a picture and has the owner import it."""

    def take(name: str, *people: int, **options) -> str:
        path = put(name, *people, **options)
        answer = gallery.post("/images/images", paths=[path])
        assert (answer.status_code, answer.json()["data"]) == (202, 1), answer.content
        return path

    return take


@pytest.fixture
def member_gallery(member) -> Gallery:
    return Gallery(member)
