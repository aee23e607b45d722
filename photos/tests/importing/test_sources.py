import os
from collections.abc import Callable
from os import stat_result
from pathlib import Path

import pytest
from pytest_django import Settings

from conftest import Person, picture
from photos.importing import files, import_paths
from photos.models import Original
from photos.pipeline import process_original


@pytest.fixture
def path(settings: Settings, tmp_path: Path, owner: Person) -> str:
    settings.IMPORT_ROOTS, settings.IMPORT_USERS = [tmp_path], [owner.id]
    file = tmp_path / "a.png"
    file.write_bytes(picture(1).getvalue())
    return str(file)


@pytest.fixture
def original(owner: Person, path: str) -> Original:
    """An original that is not read yet: nothing was committed, so no task was sent."""
    assert import_paths(user=owner.user, paths=[path]) == 1
    return Original.objects.get()


def process(original: Original) -> Original:
    process_original(original_id=original.pk)
    original.refresh_from_db()
    return original


def test_the_worker_copies_the_file(original: Original, path: str, stored: Callable[..., list[str]]) -> None:
    assert stored() == []
    assert process(original).status == "ready"
    assert original.key in stored()


def test_a_missing_file_fails_the_image_until_it_is_back(original: Original, path: str, owner: Person) -> None:
    Path(path).rename(f"{path}.moved")
    assert (process(original).status, original.error) == ("failed", "The file is gone, or may not be read.")
    Path(f"{path}.moved").rename(path)
    assert import_paths(user=owner.user, paths=[path]) == 0
    original.refresh_from_db()
    assert original.status == "new"
    assert process(original).status == "ready"


def test_a_link_put_in_its_place_is_not_followed(
    original: Original, path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.png"
    secret.write_bytes(picture(2).getvalue())
    Path(path).unlink()
    Path(path).symlink_to(secret)
    assert process(original).status == "failed"


def test_a_file_that_grew_too_large_fails_the_image(original: Original, settings: Settings) -> None:
    settings.MAX_PHOTO_BYTES = 10
    assert (process(original).status, "larger" in original.error) == ("failed", True)


def test_a_file_that_changes_while_it_is_read_fails_the_image(
    original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photos.importing.sources.os.fstat", _changing(os.fstat))
    assert (process(original).status, "changed" in original.error) == ("failed", True)


def _changing(fstat_of_the_system: Callable[[int], stat_result]) -> Callable[[int], stat_result]:
    calls = iter(range(100))

    def fstat(descriptor: int) -> stat_result:
        info = fstat_of_the_system(descriptor)
        if next(calls) == 2:  # after the file was found to be a regular one, and its size was noted
            os.utime(descriptor, ns=(9, 9))
            return fstat_of_the_system(descriptor)
        return info

    return fstat


def test_a_file_whose_checksum_cannot_be_read_changes_nothing(
    original: Original, owner: Person, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process(original)
    os.utime(path, ns=(1, 1))
    monkeypatch.setattr(files, "_checksum", lambda _file: None)
    assert import_paths(user=owner.user, paths=[path]) == 0
    assert Original.objects.get().pk == original.pk
