"""The holes of the 2015 server, which the contract lists at its end: each stays shut."""

import pytest
from django.urls import get_resolver
from pytest_django import Settings

from accounts.models import AccessToken, PhoneCode, User
from albums.models import Album
from conftest import Caller, MakePicture, Person
from core.tests.answers import Json
from photos.models import Photo

MAGIC = ("magic", "skip", "force", "debug", "sure", "bypass", "test", "admin", "forced_user_id", "verified")


@pytest.mark.parametrize("name", MAGIC)
def test_no_parameter_skips_the_phone_code(member: Person, name: str) -> None:
    member.post("/set_phone", {"phone": "12025550177"})
    for code in ({}, {"code": ""}, {"code": "000000"}, {"code": name}):
        assert member.post("/confirm_phone", {**code, name: "yes"}).status_code == 400
    assert User.objects.get(pk=member.user.pk).verified_phone == member.phone
    signing_in = {"phone": "12025550177", name: "yes"}
    assert member.post("/login/phone/confirm", {**signing_in, "code": "000000"}).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/albums/algo", "/me/algo", "/algo/me", "/albums/mine?algo=1", "/albums/mine?path=/algo/", "/photos/algo"],
)
def test_algo_in_a_path_opens_nothing(nobody: Caller, settings: Settings, path: str) -> None:
    settings.ALGO_PASSWORD = "right"
    for password in ("", "right"):
        joint = "&" if "?" in path else "?"
        assert nobody.get(f"{path}{joint}password={password}").status_code in (401, 404)


@pytest.mark.parametrize(
    "path", ["/users", "/users/all", "/photos", "/photos/all", "/errors", "/albums", "/albums/all"]
)
def test_there_is_no_list_of_everything(nobody: Caller, stranger: Person, album: Album, path: str) -> None:
    for caller in (nobody, stranger):
        answer = caller.get(path)
        assert answer.status_code in (401, 404, 405)
        assert str(album.pk) not in answer.text


def test_nobody_but_a_member_reads_an_album_and_nobody_but_its_owner_deletes_it(
    album: Album, owner: Person, member: Person, stranger: Person
) -> None:
    assert stranger.get(f"/albums/{album.pk}").status_code == 404
    for caller, status in ((stranger, 404), (member, 403)):
        assert caller.post(f"/albums/{album.pk}/delete").status_code == status
        assert caller.post(f"/albums/{album.pk}", {"deleted": "true"}).status_code == status
    assert owner.get(f"/albums/{album.pk}").status_code == 200


def test_nobody_but_its_owner_sets_a_photos_faces(
    album: Album, owner: Person, member: Person, stranger: Person, make_picture: MakePicture
) -> None:
    photo = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)}).json()["_id"]
    faces = {"rectangles": [], "detected_faces_data": {"face": "mine"}}
    for caller, status in ((stranger, 404), (member, 403)):
        assert caller.post_json(f"/photos/{photo}/set_faces_data", faces).status_code == status
    assert Photo.objects.get(pk=photo).detected_data is None


@pytest.mark.django_db
def test_tokens_and_codes_are_not_stored_in_the_clear(nobody: Caller, sms: list[dict[str, Json]]) -> None:
    nobody.post("/login/phone", {"phone": "12025550177"})
    code = sms[-1]["body"].split()[-1]
    token = nobody.post("/login/phone/confirm", {"phone": "12025550177", "code": code}).json()["token"]
    stored = [*AccessToken.objects.values_list(), *PhoneCode.objects.values_list()]
    assert stored
    assert not any(secret in str(value) for row in stored for value in row for secret in (token, f"'{code}'"))


def test_every_route_of_the_algorithm_is_named_for_it() -> None:
    """A Facebook token of another app is refused in test_facebook.py; only these routes take the password."""
    routes = [pattern for part in get_resolver().url_patterns for pattern in getattr(part, "url_patterns", [])]
    opened = {str(pattern.pattern).rstrip("/") for pattern in routes if "algo" in str(pattern.pattern)}
    assert opened == {
        "albums/algo/get_pending",
        "albums/algo/all_pending",
        "albums/algo/set_all_as_pending",
        "albums/algo/remove_pending",
        "photos/algo/set",
        "users/algo/pending_model",
        "users/algo/model/make_all_pending",
        "users/algo/model/get",
        "users/algo/model/set",
    }
