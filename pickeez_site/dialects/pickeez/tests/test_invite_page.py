from collections.abc import Callable

import pytest

from albums.models import Album
from albums.services import delete_album
from conftest import Caller, MakePicture, Person
from faces.models import Sighting
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pickeez.tests.shapes import NO_USER, NOT_FOUND, assert_refused, body_of


@pytest.fixture
def shown(nobody: Caller, album: Album) -> Callable[..., list[str]]:
    """The ids of the photos that the page shows."""

    def ids(**parameters: str) -> list[str]:
        answer = nobody.get("/invite_page", {"album_id": album.pk, **parameters})
        assert answer.status_code == 200
        return [photo["url"].split("/")[4] for photo in answer.json()["photos"]]

    return ids


def test_everybody_may_see_it_from_every_origin(
    nobody: Caller, owner: Person, stranger: Person, album: Album
) -> None:
    place_photo(album, owner.user)
    for caller in (nobody, owner, stranger):
        answer = caller.get("/invite_page", {"album_id": album.pk})
        assert answer.status_code == 200
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert set(answer.json()) == {"album_name", "owner_name", "photos"}
        assert (answer.json()["album_name"], answer.json()["owner_name"]) == ("Summer", "Owner")
        assert [set(photo) for photo in answer.json()["photos"]] == [{"url"}]


def test_its_pictures_can_be_fetched_and_are_no_originals(
    nobody: Caller, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    (photo,) = nobody.get("/invite_page", {"album_id": album.pk}).json()["photos"]
    picture = nobody.get(photo["url"].removeprefix("http://testserver"))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert body_of(picture) != make_picture(0).read()


def test_it_shows_ten_photos_at_most(owner: Person, album: Album, shown: Callable[..., list[str]]) -> None:
    place_photos(album, owner.user, 12)
    assert len(shown()) == 10


def test_only_pictures_that_can_be_shown_are_shown(
    owner: Person, album: Album, shown: Callable[..., list[str]]
) -> None:
    gone, ready = place_photos(album, owner.user, 2)
    trash_photo(photo=gone)
    for status in ("new", "processing", "failed"):
        place_photo(album, owner.user, status=status)
    assert shown() == [str(ready.pk)]


@pytest.mark.parametrize("by", ["builtin", "algorithm"])
def test_filtered_shows_only_what_shows_the_user(
    owner: Person, member: Person, album: Album, shown: Callable[..., list[str]], by: str
) -> None:
    photo, denied, _ = place_photos(album, owner.user, 3)
    Sighting.objects.create(photo=photo, user=member.user, by=by)
    Sighting.objects.create(photo=denied, user=member.user, by="algorithm", found=False)
    assert shown(filtered="1", user_id=member.id) == [str(photo.pk)]
    assert shown(filtered="1", user_id=owner.id) == []
    assert len(shown(filtered="0", user_id=member.id)) == len(shown(user_id=member.id)) == 3


def test_wide_shows_only_landscape_ones(owner: Person, album: Album, shown: Callable[..., list[str]]) -> None:
    wide = place_photo(album, owner.user, ratio=1.5)
    for ratio in (1, 0.75, None):
        place_photo(album, owner.user, ratio=ratio)
    assert shown(wide="1") == [str(wide.pk)]
    assert len(shown()) == 4


@pytest.mark.parametrize("user_id", ["", "123", "00000000-0000-0000-0000-000000000000"])
def test_filtered_for_nobody_shows_nothing(
    owner: Person, member: Person, album: Album, shown: Callable[..., list[str]], user_id: str
) -> None:
    Sighting.objects.create(photo=place_photo(album, owner.user), user=member.user, by="builtin")
    assert shown(filtered="1", user_id=user_id) == []


@pytest.mark.parametrize("album_id", ["123", "00000000-0000-7000-8000-000000000000", "' OR 1=1"])
def test_an_unknown_album_has_no_page(db: None, nobody: Caller, album_id: str) -> None:
    answer = nobody.get("/invite_page", {"album_id": album_id})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_a_deleted_album_has_no_page(nobody: Caller, album: Album) -> None:
    delete_album(album=album)
    answer = nobody.get("/invite_page", {"album_id": album.pk})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_the_album_must_be_named(db: None, nobody: Caller) -> None:
    assert_refused(nobody.get("/invite_page"), 400, "Missing parameter: album_id")


def test_a_token_that_is_sent_along_must_be_good(nobody: Caller, album: Album) -> None:
    answer = nobody.get("/invite_page", {"album_id": album.pk, "token": "wrong"})
    assert (answer.status_code, answer.json()) == (401, NO_USER)
