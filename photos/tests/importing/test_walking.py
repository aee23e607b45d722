"""Which files of a folder are looked at."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from photos.importing.paths import resolve_path
from photos.importing.walking import walk

LEFT_OUT = [
    *("PictoPy.thumbnails/a.png", "deep/PictoPy.thumbnails/a.png", "pictopy.THUMBNAILS/a.png"),
    *(".hidden.png", ".hidden/a.png", ".thumbnails/a.png", "@eaDir/a.png", "deep/@eaDir/a/a.png"),
    *("#recycle/a.png", "$RECYCLE.BIN/S-1/a.png", "$Recycle.Bin/a.png", ".Trash/a.png", ".Trash-1000/files/a.png"),
    *(".trashed-1700000000-a.png", "__MACOSX/._a.png", "lost+found/a.png", "Thumbs.db", "thumbs.db", ".DS_Store"),
    "System Volume Information/a.png",
]
TAKEN = [
    "a.png",
    "deep/er/b.png",
    "Trash/c.png",
    "thumbnails/d.png",
    "recycle/e.png",
    "my PictoPy.thumbnails/f.png",
]


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.IMPORT_ROOTS = [tmp_path]
    return tmp_path


def write(root: Path, names: list[str]) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"content")


def found(folder: Path) -> list[str]:
    return sorted(os.path.relpath(file.path.name, folder) for file in walk(resolve_path(str(folder))))


def test_what_is_hidden_and_what_systems_and_trash_cans_leave_is_left_out(root: Path) -> None:
    write(root, [*LEFT_OUT, *TAKEN])
    assert found(root) == sorted(TAKEN)


@pytest.mark.parametrize("folder", ["PictoPy.thumbnails", "@eaDir/deep", ".Trash-1000/files", "__MACOSX"])
def test_such_a_folder_has_nothing_also_where_it_is_named_itself(root: Path, folder: str) -> None:
    write(root, [f"{folder}/a.png"])
    assert found(root / folder) == []


def test_a_hidden_folder_that_is_named_itself_is_looked_at(root: Path) -> None:
    write(root, [".private/a.png", ".private/.b.png"])
    assert found(root / ".private") == ["a.png"]


def test_our_own_data_below_a_root_is_left_out(root: Path, settings: Settings) -> None:
    write(root, ["a.png", "pickeez/var/media/originals/b.png", "pickeez/c.png"])
    settings.DATA_DIR = root / "pickeez/var"
    assert found(root) == ["a.png", "pickeez/c.png"]
    settings.IMPORT_ROOTS = [root / "pickeez/var"]
    assert found(root / "pickeez/var") == ["media/originals/b.png"]
