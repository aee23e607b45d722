from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from albums.models import Album
from conftest import Person, committing
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pictopy import wire as views
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/images/all-images"


def test_all_images_are_listed_by_path_with_their_folder(
    gallery: Gallery, imported: Callable[..., str], root: Path
) -> None:
    paths = [imported("b.png"), imported("a/2.png"), imported("a/1.png")]
    assert_success(gallery.get(PATH), 200, {"image_files": sorted(paths), "folder_path": str(root)})


def test_the_folder_is_the_first_root_whatever_the_images_and_the_answer(
    gallery: Gallery,
    member_gallery: Gallery,
    other_gallery: Gallery,
    album: Album,
    put: Callable[..., str],
    settings: Settings,
    tmp_path: Path,
) -> None:
    second = settings.IMPORT_ROOTS[0]
    settings.IMPORT_ROOTS = [tmp_path, second]
    places = (PATH, "/images/all-image-objects")
    for _ in range(2):
        for place in places:
            folders = [one.data(place)["folder_path"] for one in (gallery, other_gallery, member_gallery)]
            assert folders == [str(tmp_path), str(tmp_path), ""]
        shown = gallery.data("/albums/view-album", album_name="Summer")
        assert shown["folder_path"] == str(tmp_path)
        gallery.post("/images/images", paths=[put("a.png")])
    assert gallery.images


def test_a_photo_of_another_client_is_listed_by_its_storage_key(
    gallery: Gallery, owner: Person, album: Album
) -> None:
    photo = place_photo(album, owner.user)
    assert_success(gallery.get(PATH), 200, {"image_files": [photo.original.key], "folder_path": ""})


def test_an_image_in_many_albums_is_listed_once(gallery: Gallery, imported: Callable[..., str]) -> None:
    path = imported("a.png")
    for name in ("one", "two"):
        gallery.post("/albums/create-album", name=name)
        gallery.post("/albums/add-multiple-to-album", album_name=name, paths=[path])
    assert gallery.images == [path]


def test_deleted_photos_and_those_of_others_are_not_listed(
    gallery: Gallery, owner: Person, member: Person, album: Album
) -> None:
    place_photo(album, member.user)
    trash_photo(photo=place_photo(album, owner.user))
    assert gallery.images == []


def test_libraries_of_two_users_never_mix(
    gallery: Gallery, other_gallery: Gallery, imported: Callable[..., str], put: Callable[..., str]
) -> None:
    mine = imported("mine.png")
    theirs = put("theirs.png")
    assert other_gallery.post("/images/images", paths=[theirs, mine]).json()["data"] == 2
    assert gallery.images == [mine]
    assert other_gallery.images == sorted([theirs, mine])
    other_gallery.delete("/images/delete-image", path=mine)
    assert gallery.images == [mine]


def test_a_long_list_goes_on_where_an_answer_ended(
    gallery: Gallery, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_ROWS", 2)
    paths = sorted(photo.s3_path for photo in place_photos(None, owner.user, 5))
    seen: list[object] = []
    after: str | None = ""
    while after is not None:
        answer = gallery.get(PATH, after=after).json()
        seen += answer["data"]["image_files"]
        after = answer.get("next_after")
    assert seen == paths


def test_any_number_of_images_takes_the_same_queries(
    gallery: Gallery, owner: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place_photos(None, owner.user, 5000)
    for path, number in ((PATH, 2), ("/images/all-image-objects", 3)):
        with committing(), django_assert_num_queries(number):
            assert gallery.caller.client.get(path).status_code == 200


def test_nobody_is_refused(db: None, nobodys_gallery: Gallery) -> None:
    assert_failure(nobodys_gallery.get(PATH), 401, "Unauthorized")
