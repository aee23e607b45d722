from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from albums.models import Album
from albums.services import create_album
from conftest import Person, committing
from photos.tests.builders import place_photos
from pickeez_site.dialects.pictopy import wire as views
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/albums/view-album"


def test_an_album_shows_its_images_and_the_folder_of_all(
    gallery: Gallery, album: Album, imported: Callable[..., str], root: Path
) -> None:
    paths = [imported("a/b/1.png"), imported("a/2.png")]
    gallery.post("/albums/add-multiple-to-album", album_name="Summer", paths=paths)
    answer = gallery.get(PATH, album_name="Summer")
    assert_success(answer, 200, {"album_name": "Summer", "photos": paths, "folder_path": str(root)})
    assert gallery.get(PATH, name="Summer").json() == answer.json()
    assert gallery.get(f"{PATH}/", name="Summer").json() == answer.json()


def test_an_empty_album_has_no_folder(gallery: Gallery, album: Album) -> None:
    data = {"album_name": "Summer", "photos": [], "folder_path": ""}
    assert_success(gallery.get(PATH, album_name="Summer"), 200, data)


def test_of_two_albums_with_one_name_the_newest_is_shown(gallery: Gallery, owner: Person, album: Album) -> None:
    newest = create_album(owner=owner.user, name="Summer")
    (photo,) = place_photos(newest, owner.user)
    assert gallery.data(PATH, album_name="Summer")["photos"] == [photo.s3_path]


def test_a_long_album_goes_on_where_an_answer_ended(
    gallery: Gallery, owner: Person, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_ROWS", 2)
    paths = [photo.s3_path for photo in place_photos(album, owner.user, 5)]
    seen: list[object] = []
    after: str | None = ""
    while after is not None:
        answer = gallery.get(PATH, album_name="Summer", after=after).json()
        seen += answer["data"]["photos"]
        after = answer.get("next_after")
    assert seen == paths


def test_to_who_may_not_import_no_folder_is_told(member_gallery: Gallery, member: Person, root: Path) -> None:
    create_album(owner=member.user, name="Mine")
    data = {"album_name": "Mine", "photos": [], "folder_path": ""}
    assert_success(member_gallery.get(PATH, album_name="Mine"), 200, data)


def test_an_album_without_a_name_goes_by_its_id(
    gallery: Gallery, other_gallery: Gallery, owner: Person, imported: Callable[..., str]
) -> None:
    name = str(create_album(owner=owner.user, name="").pk)
    path = imported("a.png")
    assert [album["album_name"] for album in gallery.data("/albums/view-all")] == [name]
    assert gallery.post("/albums/add-multiple-to-album", album_name=name, paths=[path]).status_code == 201
    assert gallery.put("/albums/edit-album-description", album_name=name, description="New").status_code == 200
    assert gallery.data(PATH, album_name=name)["photos"] == [path]
    assert_failure(other_gallery.get(PATH, album_name=name), 404, "Album not found")
    assert gallery.delete("/albums/delete-album", name=name).status_code == 200
    assert gallery.data("/albums/view-all") == []


def test_an_album_with_a_name_does_not_go_by_its_id(gallery: Gallery, album: Album) -> None:
    assert_failure(gallery.get(PATH, album_name=str(album.pk)), 404, "Album not found")


def test_any_number_of_photos_takes_the_same_queries(
    gallery: Gallery, owner: Person, album: Album, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place_photos(album, owner.user, 5000)
    with committing(), django_assert_num_queries(3):
        answer = gallery.caller.client.get(PATH, {"album_name": "Summer"})
    assert len(answer.json()["data"]["photos"]) == 5000


@pytest.mark.parametrize("query", [{"album_name": "Winter"}, {"album_name": "summer"}, {"name": "%"}])
def test_an_unknown_album_is_not_found(gallery: Gallery, album: Album, query: dict[str, str]) -> None:
    assert_failure(gallery.get(PATH, **query), 404, "Album not found")


def test_a_missing_name_is_named(gallery: Gallery) -> None:
    assert_failure(gallery.get(PATH), 400, "Missing 'album_name' in payload")


def test_nul_in_a_name_is_refused(gallery: Gallery) -> None:
    assert_failure(gallery.get(PATH, album_name="a\0b"), 400, "Invalid 'album_name' format")


def test_to_others_the_album_does_not_exist(
    other_gallery: Gallery, member_gallery: Gallery, nobodys_gallery: Gallery, album: Album
) -> None:
    for other in (other_gallery, member_gallery):
        assert_failure(other.get(PATH, album_name="Summer"), 404, "Album not found")
    assert_failure(nobodys_gallery.get(PATH, album_name="Summer"), 401, "Unauthorized")
