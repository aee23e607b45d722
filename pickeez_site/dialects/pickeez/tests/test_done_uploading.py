import pytest
from pytest_django import Settings

from albums.models import Album, PendingAlbum
from conftest import Caller, MakePicture, Person
from core.tests.answers import Json
from pickeez_site.dialects.pickeez.tests.shapes import assert_absent, assert_signed_in_only


@pytest.fixture
def external(settings: Settings) -> None:
    settings.ALBUM_PROCESSOR = "external"


def test_any_member_has_the_album_queued_for_now(
    external: None, owner: Person, member: Person, album: Album
) -> None:
    for person in (owner, member):
        PendingAlbum.objects.all().delete()
        answer = person.post(f"/albums/{album.pk}/done_uploading")
        assert (answer.status_code, answer.json()) == (200, {"msg": "updated done uploading"})
        assert PendingAlbum.objects.ready().get().album == album
        assert person.get(f"/albums/{album.pk}").json()["processing"]["state"] == "queued"


def test_the_other_members_are_told_and_not_the_one_who_is_done(
    owner: Person, member: Person, album: Album, pushes: list[dict[str, Json]]
) -> None:
    pushes.clear()
    member.post(f"/albums/{album.pk}/done_uploading")
    (push,) = [push for push in pushes if "added photos" in push["body"]]
    assert set(push) == {"to", "token", "body", "data"}
    assert (push["to"], push["token"]) == (owner.id, "device-of-Owner")
    assert "Summer" in push["body"]
    assert push["data"]["album_id"] == str(album.pk)


def test_those_who_want_no_pushes_or_have_no_device_get_none(
    owner: Person, member: Person, stranger: Person, album: Album, pushes: list[dict[str, Json]]
) -> None:
    owner.post(f"/albums/{album.pk}/invite_phones", {"phones[]": [stranger.phone]})
    member.post("/set_fields", {"field": "send_push_notifs", "val": "false"})
    stranger.post("/set_fields", {"field": "push_notif_token", "val": ""})
    pushes.clear()
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert pushes == []


def test_an_album_is_processed_once_however_often_somebody_is_done(
    owner: Person, member: Person, album: Album, make_picture: MakePicture
) -> None:
    photo = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)}).json()["_id"]
    first = owner.get(f"/photos/{photo}").json()["updated_at"]
    for person in (owner, member, owner):
        person.post(f"/albums/{album.pk}/done_uploading")
    assert owner.get(f"/photos/{photo}").json()["updated_at"] == first
    assert owner.get(f"/albums/{album.pk}").json()["processing"] == {
        "state": "done",
        "photos_total": 1,
        "photos_done": 1,
        "photos_failed": 0,
    }


def test_it_is_for_members_only(stranger: Person, nobody: Caller, album: Album) -> None:
    assert_absent(stranger, "post", "/albums/{id}/done_uploading", album.pk)
    assert_signed_in_only(nobody, "post", f"/albums/{album.pk}/done_uploading")
