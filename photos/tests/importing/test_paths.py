"""Only regular files below a root are read, even if links or pipes replace them."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from conftest import picture
from photos.importing.paths import (
    InvalidPath,
    ResolvedPath,
    inspect_file,
    opened_file,
    opened_folder,
    resolve_below,
    resolve_path,
)
from photos.importing.walking import walk


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub/a.png").write_bytes(picture().getvalue())
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.png").write_bytes(b"secret")
    settings.IMPORT_ROOTS = [folder]
    return folder


def test_a_link_put_in_a_folders_place_after_the_check_is_not_followed(root: Path, tmp_path: Path) -> None:
    place = resolve_path(str(root / "sub/a.png"))
    (root / "sub").rename(root / "moved")
    (root / "sub").symlink_to(tmp_path / "sub")
    with pytest.raises(InvalidPath):
        inspect_file(place)


def test_a_link_put_in_a_files_place_after_the_check_is_not_followed(root: Path, tmp_path: Path) -> None:
    place = resolve_path(str(root / "sub/a.png"))
    (root / "sub/a.png").unlink()
    (root / "sub/a.png").symlink_to(tmp_path / "sub/a.png")
    with pytest.raises(InvalidPath):
        inspect_file(place)


def test_a_pipe_put_in_a_files_place_does_not_block_the_reader(root: Path) -> None:
    place = resolve_path(str(root / "sub/a.png"))
    (root / "sub/a.png").unlink()
    os.mkfifo(root / "sub/a.png")
    with pytest.raises(InvalidPath):
        inspect_file(place)


def test_a_folder_swapped_for_a_link_during_the_walk_is_left_out(root: Path, tmp_path: Path) -> None:
    for number in range(3):
        (root / f"{number}").mkdir()
        (root / f"{number}/b.png").write_bytes(b"fine")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/b.png").write_bytes(b"secret")
    found = []
    for file in walk(resolve_path(str(root))):
        found.append(file.path.location)
        for folder in [path for path in root.iterdir() if path.is_dir() and not path.is_symlink()]:
            folder.rename(tmp_path / f"was-{folder.name}")
            folder.symlink_to(tmp_path / "outside")
    assert len(found) == 1


def test_opening_leaves_no_descriptor_behind(root: Path) -> None:
    place, wrong = resolve_path(str(root / "sub/a.png")), resolve_path(str(root / "sub/none.png"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with opened_file(place), opened_folder(resolve_path(str(root / "sub"))):
            pass
        with pytest.raises(InvalidPath), opened_file(wrong):
            pass
        list(walk(resolve_path(str(root))))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_root_that_is_a_link_is_resolved(root: Path, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    settings.IMPORT_ROOTS = [tmp_path / "alias"]
    place = resolve_path(str(tmp_path / "alias/sub/a.png"))
    assert place == ResolvedPath(
        os.fsencode(root), os.fsencode(root / "sub/a.png"), str(tmp_path / "alias/sub/a.png")
    )
    assert inspect_file(place).size == (root / "sub/a.png").stat().st_size


@pytest.mark.parametrize("path", ["", "a", "\ud800", "/a\0b", ".."])
def test_an_invalid_absolute_path_is_refused(root: Path, path: str) -> None:
    with pytest.raises(InvalidPath):
        resolve_path(path)


def test_the_clients_name_is_kept_unless_it_contains_dots(root: Path) -> None:
    roots = [os.fsencode(root)]
    for given, name in [("sub/a.png", "sub/a.png"), ("sub/../sub//a.png", "sub/a.png"), ("sub/", "sub")]:
        assert resolve_below(roots, os.fsencode(f"{root}/{given}")).name == f"{root}/{name}"


def test_a_long_path_is_not_walked_into(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photos.importing.walking.MAX_PATH_BYTES", len(os.fsencode(root)) + 5)
    assert list(walk(resolve_path(str(root)))) == []
