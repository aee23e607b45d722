"""A file that was moved or renamed below the roots is the same image under its new path."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from albums.models import Album
from conftest import Person, committing, picture
from photos.image_paths import images_of, paths_by_album
from photos.importing import erase_images_and_thumbnails, import_paths, make_thumbnails, start_folder_import
from photos.models import ImportedFile, Original, Photo
from photos.services import add_images, trash_photo


@pytest.fixture
def root(settings: Settings, tmp_path: Path, owner: Person, stranger: Person) -> Path:
    root = tmp_path / "pictures"
    (root / "old").mkdir(parents=True)
    settings.IMPORT_ROOTS, settings.IMPORT_USERS = [root], [owner.id, stranger.id]
    for number in (1, 2):
        (root / f"old/{number}.png").write_bytes(picture(seed=number).getvalue())
    return root


@pytest.fixture
def take(root: Path, owner: Person) -> Callable[..., int]:
    """Has somebody import the whole root; returns the number of new images."""

    def run(person: Person = owner) -> int:
        with committing():
            return start_folder_import(user=person.user, folder_path=str(root)).imported

    assert run() == 2
    return run


def paths(person: Person, root: Path) -> list[str]:
    return [image.path.removeprefix(f"{root}/") for image in images_of(person.user)]


def test_a_moved_and_a_renamed_file_are_the_same_images(
    take: Callable[..., int], root: Path, owner: Person, album: Album
) -> None:
    add_images(album=album, user=owner.user, paths=[f"{root}/old/2.png", f"{root}/old/1.png"])
    before = set(Photo.objects.values_list("pk", "original_id"))
    (root / "new").mkdir()
    (root / "old/1.png").rename(root / "new/1.png")
    (root / "old/2.png").rename(root / "old/last.png")
    assert take() == 0
    assert paths(owner, root) == ["new/1.png", "old/last.png"]
    assert paths_by_album(owner.user, [album.pk], limit=9)[album.pk] == [
        f"{root}/old/last.png",
        f"{root}/new/1.png",
    ]
    assert set(Photo.objects.values_list("pk", "original_id")) == before
    assert set(Photo.objects.values_list("sort_order", flat=True)) == {"1", "last"}
    assert {bytes(row.location) for row in ImportedFile.objects.all()} == {
        str(root / name).encode() for name in ("new/1.png", "old/last.png")
    }
    assert take() == 0


def test_a_moved_folder_is_recognised(take: Callable[..., int], root: Path, owner: Person) -> None:
    (root / "old").rename(root / "new")
    assert take() == 0
    assert paths(owner, root) == ["new/1.png", "new/2.png"]


def test_a_file_that_is_named_at_its_new_place_is_the_same_image(
    take: Callable[..., int], root: Path, owner: Person, stranger: Person
) -> None:
    before = set(Photo.objects.values_list("pk", flat=True))
    (root / "old/1.png").rename(root / "old/3.png")
    with committing():
        assert import_paths(user=owner.user, paths=[f"{root}/old/3.png"]) == 0
    assert paths(owner, root) == ["old/2.png", "old/3.png"]
    assert set(Photo.objects.values_list("pk", flat=True)) == before
    with committing():
        assert import_paths(user=stranger.user, paths=[f"{root}/old/3.png"]) == 1


def test_a_folder_that_is_moved_before_it_was_read_is_recognised(
    take: Callable[..., int], root: Path, owner: Person
) -> None:
    unread = {"sha256": None, "status": Original.Status.FAILED, "error": "The file is gone, or may not be read."}
    Original.objects.update(**unread)
    (root / "old").rename(root / "new")
    assert take() == 0
    assert paths(owner, root) == ["new/1.png", "new/2.png"]
    assert set(Original.objects.values_list("status", "error")) == {("ready", "")}


def test_another_file_in_the_place_of_one_that_was_never_read_is_another_image(
    take: Callable[..., int], root: Path, owner: Person
) -> None:
    Original.objects.update(sha256=None, status=Original.Status.FAILED)
    content = (root / "old/1.png").read_bytes()
    (root / "old/1.png").unlink()
    (root / "new").mkdir()
    (root / "new/1.png").write_bytes(content)
    os.utime(root / "new/1.png", ns=(1, 1))
    assert take() == 1
    assert Photo.objects.count() == 3


def test_the_thumbnail_of_the_old_path_goes(take: Callable[..., int], root: Path, owner: Person) -> None:
    make_thumbnails(user=owner.user, folder_path=str(root))
    (root / "old/1.png").rename(root / "old/3.png")
    take()
    assert [path.name for path in root.glob("PictoPy.thumbnails/*")] == ["old.2.png"]
    make_thumbnails(user=owner.user, folder_path=str(root))
    assert sorted(path.name for path in root.glob("PictoPy.thumbnails/*")) == ["old.2.png", "old.3.png"]


def test_a_thumbnail_stays_while_somebody_else_has_imported_the_file(
    take: Callable[..., int], root: Path, owner: Person, stranger: Person
) -> None:
    assert take(stranger) == 2
    make_thumbnails(user=owner.user, folder_path=str(root))
    path = f"{root}/old/1.png"
    left = []
    for person in (owner, stranger):
        with committing():
            erase_images_and_thumbnails(user=person.user, paths=[path])
        left.append(sorted(path.name for path in root.glob("PictoPy.thumbnails/*")))
    assert left == [["old.1.png", "old.2.png"], ["old.2.png"]]


def test_a_copy_is_another_image(take: Callable[..., int], root: Path, owner: Person) -> None:
    (root / "copy.png").write_bytes((root / "old/1.png").read_bytes())
    assert take() == 1
    assert paths(owner, root) == ["copy.png", "old/1.png", "old/2.png"]


def test_another_file_of_the_same_size_is_another_image(
    take: Callable[..., int], root: Path, owner: Person
) -> None:
    content = bytearray((root / "old/1.png").read_bytes())
    content[-1] ^= 1
    (root / "old/1.png").unlink()
    (root / "other.png").write_bytes(content)
    assert take() == 1
    assert paths(owner, root) == ["old/1.png", "old/2.png", "other.png"]


def test_of_two_equal_files_each_is_found_by_its_name(take: Callable[..., int], root: Path, owner: Person) -> None:
    (root / "old/twin.png").write_bytes((root / "old/1.png").read_bytes())
    assert take() == 1
    before = {photo.s3_path.rpartition("/")[2]: photo.pk for photo in Photo.objects.all()}
    (root / "old").rename(root / "new")
    assert take() == 0
    assert {photo.s3_path.rpartition("/")[2]: photo.pk for photo in Photo.objects.all()} == before
    assert paths(owner, root) == ["new/1.png", "new/2.png", "new/twin.png"]


def test_a_file_of_another_importer_is_not_theirs(
    take: Callable[..., int], root: Path, owner: Person, stranger: Person
) -> None:
    (root / "old/1.png").rename(root / "old/3.png")
    assert take(stranger) == 2
    assert paths(owner, root) == ["old/1.png", "old/2.png"]
    assert paths(stranger, root) == ["old/2.png", "old/3.png"]


def test_a_moved_file_whose_photo_is_in_the_trash_is_restored(
    take: Callable[..., int], root: Path, owner: Person
) -> None:
    photo = Photo.objects.get(s3_path=f"{root}/old/1.png")
    trash_photo(photo=photo)
    (root / "old/1.png").rename(root / "old/3.png")
    assert take() == 1
    assert paths(owner, root) == ["old/2.png", "old/3.png"]
    assert Original.objects.count() == 2


def test_files_of_other_sizes_are_not_read(
    take: Callable[..., int], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "old/1.png").unlink()
    (root / "other.png").write_bytes(picture(1, seed=9, size=(400, 400)).getvalue())
    monkeypatch.setattr("photos.importing.files._checksum", pytest.fail)
    assert take() == 1
