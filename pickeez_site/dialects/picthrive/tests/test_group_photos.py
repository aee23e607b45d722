from collections.abc import Callable

import pytest

from albums.models import Album
from albums.services import delete_album
from conftest import Caller, Person, picture
from core.tests.answers import Json
from photos.models import Photo, Rendition
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.picthrive import wire
from pickeez_site.dialects.picthrive.tests.shapes import (
    FACTS,
    NOT_FOUND,
    PHOTO,
    PUBLIC_SUFFIXES,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
    call,
    fetch,
    number_of_queries,
)


@pytest.fixture
def token(owner: Person, album: Album) -> str:
    return owner.get(f"/v1/Group/{album.pk}").json()["Token"]


def test_members_see_the_photos_in_their_order(
    owner: Person, member: Person, album: Album, upload: Callable[..., Photo]
) -> None:
    names = ["b.png", "a.png", "c.png", "a.jpeg"]
    photos = {upload(person, album, name) for name, person in zip(names, [owner, member] * 2, strict=True)}
    trash_photo(photo=upload(owner, album, "0.png"))
    for person in (owner, member):
        answer = person.get(f"/v1/Group/{album.pk}/Photo")
        assert (answer.status_code, set(answer.json())) == (200, {"Photos"})
        seen = answer.json()["Photos"]
        assert [photo["SortOrder"] for photo in seen] == ["a", "a", "b", "c"]
        assert [set(photo) for photo in seen] == [PHOTO] * 4
    assert {photo["PhotoId"] for photo in seen} == {str(photo.pk) for photo in photos}
    assert seen[0] == owner.get(f"/v1/Photo/{seen[0]['PhotoId']}").json()


def test_whoever_has_the_token_sees_marked_and_small_pictures_only(
    owner: Person, stranger: Person, nobody: Caller, album: Album, upload: Callable[..., Photo], token: str
) -> None:
    photo = upload(owner, album)
    for caller in (nobody, stranger):
        answer = caller.get(f"/v1/Group/{album.pk}/Photo", {"Token": token})
        assert (answer.status_code, set(answer.json())) == (200, {"Public"})
        (fields,) = answer.json()["Public"]
        assert set(fields) == FACTS | PUBLIC_SUFFIXES
        for name in PUBLIC_SUFFIXES:
            assert fetch(nobody.client, fields[name])[0] == 200
    assert "/original/" not in answer.text
    assert "/medium/" not in answer.text
    assert "/square/" not in answer.text
    suffix = fields["Watermark"]
    for kind in ("medium", "original", "square"):
        assert fetch(nobody.client, suffix.replace("/watermark/", f"/{kind}/"))[0] == 404
    assert fields["PhotoId"] == str(photo.pk)


def test_a_member_with_the_token_sees_all_that_members_see(member: Person, album: Album, token: str) -> None:
    assert set(member.get(f"/v1/Group/{album.pk}/Photo", {"Token": token}).json()) == {"Photos"}


@pytest.mark.parametrize("wrong", ["", "x", "\0", "é", "a" * 5000])
def test_a_wrong_token_opens_nothing(
    nobody: Caller, stranger: Person, album: Album, token: str, wrong: str
) -> None:
    answer = nobody.get(f"/v1/Group/{album.pk}/Photo", {"Token": wrong})
    assert_refused(answer, 404 if wrong else 401)
    assert stranger.get(f"/v1/Group/{album.pk}/Photo", {"Token": wrong}).json() == NOT_FOUND


def test_a_token_opens_its_own_group_while_that_is_there(
    owner: Person, nobody: Caller, album: Album, other_album: Album, token: str
) -> None:
    assert_refused(nobody.get(f"/v1/Group/{other_album.pk}/Photo", {"Token": token}), 404)
    owner.get("/v1/Group")
    assert_refused(nobody.get(f"/v1/Group/{other_album.pk}/Photo", {"Token": token}), 404)
    assert_refused(nobody.get("/v1/Group/123/Photo", {"Token": token}), 404)
    delete_album(album=album)
    assert_refused(nobody.get(f"/v1/Group/{album.pk}/Photo", {"Token": token}), 404)


def test_a_group_whose_token_nobody_has_seen_is_not_open_to_an_empty_one(nobody: Caller, album: Album) -> None:
    for token in ("None", "null"):
        assert_refused(nobody.get(f"/v1/Group/{album.pk}/Photo", {"Token": token}), 404)
    assert Album.objects.get().token is None


def test_a_wrong_login_is_refused_whatever_the_token(nobody: Caller, album: Album, token: str) -> None:
    answer = nobody.get(f"/v1/Group/{album.pk}/Photo", {"Token": token}, headers={"authorization": "Bearer wrong"})
    assert_refused(answer, 401)


def test_to_a_stranger_it_does_not_exist_and_nobody_is_asked_to_sign_in(
    stranger: Person, nobody: Caller, album: Album
) -> None:
    for method, body in (("GET", None), ("POST", {"AddPhotos": 1})):
        assert_absent(stranger, method, "/v1/Group/{id}/Photo", album.pk, body)
        assert_signed_in_only(nobody, method, f"/v1/Group/{album.pk}/Photo", body)


def test_the_token_does_not_let_anybody_upload(nobody: Caller, album: Album, token: str) -> None:
    assert_refused(call(nobody, "POST", f"/v1/Group/{album.pk}/Photo?Token={token}", {"AddPhotos": 1}), 401)


@pytest.mark.parametrize("public", [False, True])
def test_more_photos_than_an_answer_takes_are_read_page_by_page(
    owner: Person, nobody: Caller, album: Album, token: str, monkeypatch: pytest.MonkeyPatch, public: bool
) -> None:
    monkeypatch.setattr(wire, "MAX_PHOTOS", 2)
    photos = place_photos(album, owner.user, 5)
    for photo, order in zip(photos, ["b", "a", "b", "b", ""], strict=True):
        photo.sort_order = order
        photo.save()
    seen: list[str] = []
    page: dict[str, Json] = {"Next": None}
    while "Next" in page:
        caller, asked = (nobody, {"Token": token}) if public else (owner, {})
        if page["Next"]:
            asked = {**asked, "After": page["Next"]}
        page = caller.get(f"/v1/Group/{album.pk}/Photo", asked).json()
        seen += [photo["PhotoId"] for photo in page["Public" if public else "Photos"]]
    assert seen == [str(photos[index].pk) for index in (4, 1, 0, 2, 3)]
    assert_refused(owner.get(f"/v1/Group/{album.pk}/Photo", {"After": "123"}), 404)


@pytest.mark.parametrize("public", [False, True])
def test_a_thousand_photos_cost_as_many_queries_as_ten(
    owner: Person, nobody: Caller, album: Album, token: str, public: bool
) -> None:
    path = f"/v1/Group/{album.pk}/Photo" + (f"?Token={token}" if public else "")
    caller = nobody if public else owner
    place_photos(album, owner.user, 10)
    few = number_of_queries(caller, "GET", path)
    place_photos(album, owner.user, 990)
    assert number_of_queries(caller, "GET", path) == few <= 6


def test_the_owners_own_text_is_across_their_pictures(
    owner: Person, album: Album, upload: Callable[..., Photo]
) -> None:
    def watermark(seed: int) -> bytes:
        photo = upload(owner, album, file=picture(seed=seed, size=(400, 300)).getvalue())
        return fetch(owner.client, owner.get(f"/v1/Photo/{photo.pk}").json()["Watermark"])[1]

    plain = watermark(1)
    owner.user.watermark_text = "ours"
    owner.user.save()
    assert len(watermark(2)) != len(plain)
    assert Rendition.objects.count() == 12


def test_a_photo_that_failed_is_listed_without_pictures(
    owner: Person, nobody: Caller, album: Album, token: str
) -> None:
    place_photo(album, owner.user, status="failed")
    (fields,) = nobody.get(f"/v1/Group/{album.pk}/Photo", {"Token": token}).json()["Public"]
    assert {fields[name] for name in PUBLIC_SUFFIXES} == {None}
