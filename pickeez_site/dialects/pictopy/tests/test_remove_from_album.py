from collections.abc import Callable

import pytest

from albums.models import Album
from conftest import Person
from photos.models import Original, Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/albums/remove-from-album"


@pytest.fixture
def path(gallery: Gallery, album: Album, imported: Callable[..., str]) -> str:
    path = imported("a.png")
    gallery.post("/albums/add-multiple-to-album", album_name="Summer", paths=[path])
    return path


def photos_of(gallery: Gallery) -> list[str]:
    return gallery.data("/albums/view-album", album_name="Summer")["photos"]


def test_the_image_leaves_the_album_and_stays_in_the_library(gallery: Gallery, path: str) -> None:
    answer = gallery.delete(PATH, album_name="Summer", path=path)
    assert_success(answer, 200, {"album_name": "Summer", "path": path})
    assert photos_of(gallery) == []
    assert gallery.images == [path]
    assert Photo.objects.count() == 1


def test_a_second_time_nothing_happens(gallery: Gallery, path: str) -> None:
    for _ in range(2):
        answer = gallery.delete(PATH, album_name="Summer", path=path)
        assert_success(answer, 200, {"album_name": "Summer", "path": path})
    assert gallery.images == [path]


def test_it_is_found_by_its_storage_key(gallery: Gallery, path: str) -> None:
    assert gallery.delete(PATH, name="Summer", path=Original.objects.get().key).status_code == 200
    assert photos_of(gallery) == []


def test_a_members_photo_leaves_the_album_for_the_members_library(
    gallery: Gallery, member_gallery: Gallery, member: Person, album: Album
) -> None:
    photo = place_photo(album, member.user)
    assert gallery.delete(PATH, album_name="Summer", path=photo.s3_path).status_code == 200
    assert photos_of(gallery) == gallery.images == []
    assert member_gallery.images == [photo.s3_path]


def test_an_image_that_nobody_knows_is_not_found(gallery: Gallery, album: Album, put: Callable[..., str]) -> None:
    path = put("b.png")
    assert_failure(gallery.delete(PATH, album_name="Summer", path=path), 404, "Image not found")
    assert_failure(gallery.delete(PATH, album_name="Winter", path=path), 404, "Album not found")


def test_what_is_missing_is_named(gallery: Gallery, album: Album) -> None:
    assert_failure(gallery.delete(PATH, path="a"), 400, "Missing 'album_name' in payload")
    assert_failure(gallery.delete(PATH, album_name="Summer"), 400, "Missing 'path' in payload")
    assert_failure(gallery.delete(PATH, album_name="Summer", path=["a"]), 400, "Invalid 'path' format")


def test_strangers_and_members_take_nothing_out(
    other_gallery: Gallery, member_gallery: Gallery, nobodys_gallery: Gallery, gallery: Gallery, path: str
) -> None:
    for other in (other_gallery, member_gallery):
        assert_failure(other.delete(PATH, album_name="Summer", path=path), 404, "Album not found")
    assert_failure(nobodys_gallery.delete(PATH, album_name="Summer", path=path), 401, "Unauthorized")
    assert photos_of(gallery) == [path]
