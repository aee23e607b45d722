import pytest
from pytest_django import DjangoAssertNumQueries

from albums.models import Album
from albums.services import create_album, delete_album
from conftest import Person, committing
from photos.tests.builders import place_photos
from pickeez_site.dialects.pictopy import wire as views
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/albums/view-all"


def test_all_of_the_callers_albums_are_listed_also_those_of_one_name(
    gallery: Gallery, owner: Person, album: Album
) -> None:
    second = create_album(owner=owner.user, name="Summer")
    (photo,) = place_photos(second, owner.user)
    delete_album(album=create_album(owner=owner.user, name="Gone"))
    gallery.put("/albums/edit-album-description", name="Summer", description="newest")
    listed = [
        {"album_name": "Summer", "image_paths": [], "description": ""},
        {"album_name": "Summer", "image_paths": [photo.s3_path], "description": "newest"},
    ]
    assert_success(gallery.get(PATH), 200, listed)


def test_without_albums_the_list_is_empty(gallery: Gallery) -> None:
    assert_success(gallery.get(PATH), 200, [])


def test_albums_of_others_are_not_listed(
    other_gallery: Gallery, member_gallery: Gallery, nobodys_gallery: Gallery, album: Album
) -> None:
    assert other_gallery.data(PATH) == member_gallery.data(PATH) == []
    assert_failure(nobodys_gallery.get(PATH), 401, "Unauthorized")


def test_a_long_list_goes_on_where_an_answer_ended(
    gallery: Gallery, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_ROWS", 4)
    for number in range(4):
        place_photos(create_album(owner=owner.user, name=str(number)), owner.user, 2 + 3 * (number == 2))
    seen: list[object] = []
    after: str | None = ""
    while after is not None:
        answer = gallery.get(PATH, after=after).json()
        seen += [(album["album_name"], len(album["image_paths"])) for album in answer["data"]]
        after = answer.get("next_after")
    assert seen == [("0", 2), ("1", 2), ("2", 4), ("3", 2)]


def test_any_number_of_albums_takes_the_same_queries(
    gallery: Gallery, owner: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        place_photos(create_album(owner=owner.user, name=str(number)), owner.user, 3)
    with committing(), django_assert_num_queries(4):
        answer = gallery.caller.client.get(PATH)
    assert len(answer.json()["data"]) == 30
