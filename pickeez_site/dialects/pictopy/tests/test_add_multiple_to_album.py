import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from albums.models import Album, PendingAlbum
from conftest import Person
from photos.models import Original, Photo
from photos.services import trash_photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/albums/add-multiple-to-album"


def photos_of(gallery: Gallery) -> list[str]:
    return gallery.data("/albums/view-album", album_name="Summer")["photos"]


def test_images_are_added_in_the_order_given(gallery: Gallery, album: Album, imported: Callable[..., str]) -> None:
    paths = [imported("b.png"), imported("a.png"), imported("c.png")]
    answer = gallery.post(PATH, album_name="Summer", paths=paths)
    assert_success(answer, 201, {"album_name": "Summer", "paths": paths})
    assert photos_of(gallery) == paths
    assert Original.objects.count() == 3
    assert PendingAlbum.objects.filter(album=album).exists()


@pytest.mark.parametrize("seed", range(3))
def test_any_order_is_kept_in_both_answers_and_after_later_adds(
    gallery: Gallery, album: Album, imported: Callable[..., str], seed: int
) -> None:
    paths = [imported(f"{number}.png") for number in range(6)]
    random.Random(seed).shuffle(paths)
    gallery.post(PATH, album_name="Summer", paths=[*paths[:3], paths[0]])
    gallery.post(PATH, album_name="Summer", paths=[paths[1], *paths[3:]])
    assert photos_of(gallery) == gallery.data("/albums/view-all")[0]["image_paths"] == paths
    gallery.delete("/albums/remove-from-album", album_name="Summer", path=paths[0])
    gallery.post(PATH, album_name="Summer", paths=[paths[0]])
    assert photos_of(gallery) == [*paths[1:], paths[0]]


def test_other_clients_see_them_in_the_album(
    gallery: Gallery, owner: Person, member: Person, album: Album, imported: Callable[..., str]
) -> None:
    path = imported("a.png")
    gallery.post(PATH, album_name="Summer", paths=[path])
    shown = {owner.id: path, member.id: Original.objects.get().key}  # nobody but the importer sees the path
    for person in (owner, member):
        users = person.get(f"/albums/{album.pk}").json()["users"]
        assert [photo["s3_path"] for user in users for photo in user["photos"]] == [shown[person.id]]


def test_an_image_already_there_stays_once(gallery: Gallery, album: Album, imported: Callable[..., str]) -> None:
    first, second = imported("a.png"), imported("b.png")
    gallery.post(PATH, album_name="Summer", paths=[first, first])
    assert gallery.post(PATH, album_name="Summer", paths=[second, first]).status_code == 201
    assert photos_of(gallery) == [first, second]


@pytest.mark.parametrize("unknown", ["/pictures/none.png", "none", "originals/none.png", "\\\\pipe\\x"])
def test_one_unknown_path_adds_none(
    gallery: Gallery, album: Album, imported: Callable[..., str], unknown: str
) -> None:
    path = imported("a.png")
    assert_failure(gallery.post(PATH, album_name="Summer", paths=[path, unknown]), 404, "Image not found")
    assert photos_of(gallery) == []


def test_a_file_that_was_never_imported_is_unknown(
    gallery: Gallery, album: Album, put: Callable[..., str]
) -> None:
    assert_failure(gallery.post(PATH, album_name="Summer", paths=[put("a.png")]), 404, "Image not found")


def test_an_image_is_also_known_by_its_storage_key_and_by_other_spellings(
    gallery: Gallery, album: Album, imported: Callable[..., str], root: Path
) -> None:
    path = imported("folder/a.png")
    (root / "link").symlink_to(root / "folder")
    for spelling in (Original.objects.get().key, f"{root}/folder/../folder/a.png", f"{root}/link/a.png"):
        assert gallery.post(PATH, album_name="Summer", paths=[spelling]).status_code == 201
    assert photos_of(gallery) == [path]


def test_a_photo_uploaded_by_another_client_is_added_by_its_key(
    gallery: Gallery, owner: Person, album: Album
) -> None:
    photo = place_photo(None, owner.user)
    assert gallery.post(PATH, album_name="Summer", paths=[photo.original.key]).status_code == 201
    assert photos_of(gallery) == [photo.original.key]


def test_an_image_trashed_in_the_album_comes_back(
    gallery: Gallery, album: Album, imported: Callable[..., str]
) -> None:
    path = imported("a.png")
    gallery.post(PATH, album_name="Summer", paths=[path])
    trash_photo(photo=Photo.objects.get(album=album))
    assert photos_of(gallery) == []
    gallery.post(PATH, album_name="Summer", paths=[path])
    assert photos_of(gallery) == [path]
    assert Photo.objects.filter(album=album).count() == 1


def test_somebody_elses_image_is_as_unknown_as_one_that_never_was(
    gallery: Gallery, other_gallery: Gallery, owner: Person, album: Album, imported: Callable[..., str]
) -> None:
    path = imported("a.png")
    other_gallery.post("/albums/create-album", name="Mine")
    answers = [
        other_gallery.post(PATH, album_name="Mine", paths=[any_path])
        for any_path in (path, Original.objects.get().key, os.fspath("/pictures/never.png"))
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_to_a_member_the_album_has_no_name(
    member_gallery: Gallery, gallery: Gallery, album: Album, imported: Callable[..., str]
) -> None:
    assert_failure(member_gallery.post(PATH, album_name="Summer", paths=[]), 404, "Album not found")


@pytest.mark.parametrize("paths", ["text", 1, {"a": 1}, [1], [None], [["a"]], [""]])
def test_paths_must_be_a_list_of_texts(
    gallery: Gallery, album: Album, paths: dict[str, int] | int | list[int | list[str] | str | None] | str
) -> None:
    assert_failure(gallery.post(PATH, album_name="Summer", paths=paths), 400, "Invalid 'paths' format")


def test_what_is_missing_is_named(gallery: Gallery, album: Album) -> None:
    assert_failure(gallery.post(PATH, paths=[]), 400, "Missing 'album_name' in payload")
    assert_failure(gallery.post(PATH, album_name="Summer"), 400, "Missing 'paths' in payload")


def test_nobody_is_refused(nobodys_gallery: Gallery, album: Album) -> None:
    assert_failure(nobodys_gallery.post(PATH, album_name="Summer", paths=[]), 401, "Unauthorized")
