import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from conftest import Caller, Person, picture
from pickeez_site.dialects.pictopy.tests.gallery import Gallery


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    """The one directory whose files may be imported, by everybody but the member."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    settings.IMPORT_ROOTS, settings.IMPORT_USERS = [folder], ["12025550111", "+12025550133"]
    return folder


@pytest.fixture
def put(root: Path) -> Callable[..., str]:
    """Writes a picture of these people below the root and says where."""

    def write(name: str, *people: int, seed: int | None = None, **options: Any) -> str:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        number = seed if seed is not None else zlib.crc32(name.encode()) % 60000
        path.write_bytes(picture(*people, seed=number, **options).getvalue())
        return os.fspath(path)

    return write


@pytest.fixture
def gallery(owner: Person) -> Gallery:
    return Gallery(owner)


@pytest.fixture
def other_gallery(stranger: Person) -> Gallery:
    return Gallery(stranger)


@pytest.fixture
def nobodys_gallery(nobody: Caller) -> Gallery:
    return Gallery(nobody)


@pytest.fixture
def imported(gallery: Gallery, put: Callable[..., str]) -> Callable[..., str]:
    """Writes a picture and has the owner import it."""

    def take(name: str, *people: int, **options: Any) -> str:
        path = put(name, *people, **options)
        answer = gallery.post("/images/images", paths=[path])
        assert (answer.status_code, answer.json()["data"]) == (202, 1), answer.content
        return path

    return take


@pytest.fixture
def member_gallery(member: Person) -> Gallery:
    return Gallery(member)
