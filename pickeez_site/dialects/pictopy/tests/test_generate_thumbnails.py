"""Thumbnails are where the document's own client looks for them, when the answer comes."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from albums.models import Album
from conftest import MakePicture, Person, committing
from photos import tasks
from photos.importing import folders
from photos.models import FolderImport, Photo
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/images/generate-thumbnails"


def looked_for(folder: str, path: str) -> Path:
    """Where a client that shows this folder looks for the thumbnail of an image."""
    name = path.replace("\\", "/").replace(folder + "/", "", 1).replace("/", ".")
    return Path(folder) / "PictoPy.thumbnails" / name


def written(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("PictoPy.thumbnails/*"))


def test_all_pictures_of_the_folder_get_one_whether_or_not_they_are_imported(
    gallery: Gallery, put: Callable[..., str], root: Path
) -> None:
    paths = [put("trip/a.png", size=(1600, 1200)), put("trip/deep/er/b.jpg", form="JPEG"), put("trip/with space")]
    put("trip2/c.png")
    (root / "trip/notes.txt").write_text("no picture")
    (root / "trip/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    folder = str(root / "trip")
    assert_success(gallery.post(PATH, folder_path=folder), 201, "")
    sizes = []
    for path in paths:
        with Image.open(looked_for(folder, path)) as thumbnail:
            assert thumbnail.format == "JPEG"
            sizes.append(thumbnail.size)
    assert sizes == [(400, 300), (320, 240), (320, 240)]
    assert written(root) == [
        f"trip/PictoPy.thumbnails/{name}" for name in ("a.png", "deep.er.b.jpg", "with space")
    ]
    assert gallery.images == []


def test_they_are_where_the_answers_folder_says(
    gallery: Gallery, imported: Callable[..., str], root: Path
) -> None:
    imported("trip/a.png")
    answer = gallery.data("/images/all-images")
    assert answer["folder_path"] == str(root)
    assert_success(gallery.post(PATH, folder_path=answer["folder_path"]), 201, "")
    assert looked_for(answer["folder_path"], answer["image_files"][0]).exists()


def test_what_the_client_calls_its_images_is_the_first_root(
    gallery: Gallery, put: Callable[..., str], root: Path, settings: Settings
) -> None:
    put("a.png")
    assert_success(gallery.post(PATH, folder_path="./images"), 201, "")
    assert written(root) == ["PictoPy.thumbnails/a.png"]
    settings.IMPORT_ROOTS = []
    assert_failure(gallery.post(PATH, folder_path="./images"), 400, "Invalid file path")


def test_one_that_is_there_is_left_alone_until_its_picture_changes(
    gallery: Gallery, put: Callable[..., str], root: Path
) -> None:
    path, thumbnail = put("a.png"), root / "PictoPy.thumbnails/a.png"
    gallery.post(PATH, folder_path=str(root))
    first = thumbnail.stat()
    gallery.post(PATH, folder_path=str(root))
    assert thumbnail.stat().st_ino == first.st_ino
    put("a.png", 1, seed=5, size=(100, 50))
    os.utime(path, (1, 1))
    gallery.post(PATH, folder_path=str(root))
    with Image.open(thumbnail) as shown:
        assert shown.size == (100, 50)


def test_none_is_imported_as_an_image(gallery: Gallery, imported: Callable[..., str], root: Path) -> None:
    path = imported("a.png")
    gallery.post(PATH, folder_path=str(root))
    assert_success(gallery.post("/images/add-folder", folder_path=str(root)), 200, 0)
    assert gallery.images == [path]


def test_of_a_folder_that_takes_long_the_rest_follows(
    gallery: Gallery, put: Callable[..., str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "THUMBNAIL_SECONDS", -1)
    for number in range(3):
        put(f"{number}.png")
    assert_success(gallery.post(PATH, folder_path=str(root)), 202, "")
    assert len(written(root)) == 1
    with committing():
        tasks.continue_folders()
    assert len(written(root)) == 3
    assert not FolderImport.objects.exists()
    assert not Photo.objects.exists()


def test_images_that_came_another_way_get_one_for_the_local_librarys_user(
    gallery: Gallery, owner: Person, album: Album, root: Path, settings: Settings, make_picture: MakePicture
) -> None:
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(size=(800, 600))})
    assert_success(gallery.post(PATH, folder_path=str(root)), 201, "")
    assert written(root) == []
    settings.LOCAL_LIBRARY_USER = owner.id
    assert_success(gallery.post(PATH, folder_path=str(root)), 201, "")
    (path,) = gallery.images
    with Image.open(looked_for(str(root), path)) as thumbnail:
        assert thumbnail.size == (320, 240)
    gallery.delete("/images/delete-image", path=path)
    assert written(root) == []


def test_a_folder_that_cannot_be_written_into_is_told_and_breaks_nothing(
    gallery: Gallery, imported: Callable[..., str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = imported("a.png")

    def mkdir(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("photos.importing.thumbnails.os.mkdir", mkdir)
    assert_failure(gallery.post(PATH, folder_path=str(root)), 403, "Folder not writable")
    assert gallery.images == [path]
    assert_success(gallery.post("/images/add-folder", folder_path=str(root)), 200, 0)
    assert_success(gallery.delete("/images/delete-image", path=path), 200, path)


def test_nothing_is_written_through_a_link(
    gallery: Gallery, put: Callable[..., str], root: Path, tmp_path: Path
) -> None:
    put("a.png")
    (tmp_path / "elsewhere").mkdir()
    (root / "PictoPy.thumbnails").symlink_to(tmp_path / "elsewhere")
    assert_failure(gallery.post(PATH, folder_path=str(root)), 403, "Folder not writable")
    (root / "PictoPy.thumbnails").unlink()
    (root / "PictoPy.thumbnails").mkdir()
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (root / "PictoPy.thumbnails/a.png").symlink_to(secret)
    assert_success(gallery.post(PATH, folder_path=str(root)), 201, "")
    assert secret.read_text() == "secret"
    assert not (root / "PictoPy.thumbnails/a.png").is_symlink()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_disk_that_is_full_leaves_no_half_thumbnail(
    gallery: Gallery, put: Callable[..., str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a.png")

    def utime(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("photos.importing.thumbnails.os.utime", utime)
    assert_failure(gallery.post(PATH, folder_path=str(root)), 403, "Folder not writable")
    assert written(root) == []


@pytest.mark.parametrize("folder", ["", "trip"])
def test_a_deleted_images_thumbnails_go_and_those_of_others_stay(
    gallery: Gallery, imported: Callable[..., str], root: Path, folder: str
) -> None:
    first, second = imported("trip/a.png"), imported("trip/b.png")
    gallery.post(PATH, folder_path=str(root / folder))
    if folder:
        gallery.delete("/images/multiple-images", paths=[first])
    else:
        gallery.delete("/images/delete-image", path=first)
    assert Path(first).exists()
    assert not looked_for(str(root / folder), first).exists()
    assert looked_for(str(root / folder), second).exists()


def test_a_refused_deletion_removes_no_thumbnail(
    gallery: Gallery, member_gallery: Gallery, imported: Callable[..., str], root: Path
) -> None:
    path = imported("a.png")
    gallery.post(PATH, folder_path=str(root))
    assert_failure(gallery.delete("/images/multiple-images", paths=[path, "/none"]), 404, "Image not found")
    assert_failure(member_gallery.delete("/images/delete-image", path=path), 404, "Image not found")
    assert looked_for(str(root), path).exists()


def test_what_is_no_folder_below_a_root_is_refused(
    gallery: Gallery,
    member_gallery: Gallery,
    nobodys_gallery: Gallery,
    put: Callable[..., str],
    root: Path,
    tmp_path: Path,
) -> None:
    for path in (put("a.png"), str(tmp_path), str(root / "none"), "/", ".", "images/.."):
        assert_failure(gallery.post(PATH, folder_path=path), 400, "Invalid file path")
    assert_failure(gallery.post(PATH), 400, "Missing 'folder_path' in payload")
    assert_failure(member_gallery.post(PATH, folder_path=str(root)), 403, "Forbidden")
    assert_failure(nobodys_gallery.post(PATH, folder_path=str(root)), 401, "Unauthorized")
    assert written(root) == []
