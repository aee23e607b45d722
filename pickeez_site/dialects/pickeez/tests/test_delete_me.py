from _io import BytesIO
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, models

from accounts.models import User
from accounts.tests.sent_codes import last_code
from albums.models import Album
from conftest import Caller, MakePicture, Person
from core.tests.answers import Json
from core.tests.presence import present
from photos.models import Photo


def add(person: Person, album: Album, file: BytesIO) -> str:
    return person.post("/photos/", {"album_id": str(album.pk), "file": file}).json()["_id"]


def rows_with(*needles: str) -> list[str]:
    """The tables with a row that holds one of the texts."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text = repr(cursor.fetchall())
            found += [table for needle in needles if needle in text or needle.replace("-", "") in text]
    return found


@pytest.mark.parametrize("data", [{}, {"sure": ""}, {"sure": "no"}, {"sure": "true"}, {"sure": "YES!"}])
def test_without_being_sure_nothing_happens(owner: Person, data: dict[str, str]) -> None:
    answer = owner.post("/delete_me", data)
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}
    assert owner.get("/me").status_code == 200


def test_the_user_is_gone_and_their_tokens_with_them(owner: Person) -> None:
    answer = owner.post("/delete_me?sure=yes")
    assert (answer.status_code, answer.json()) == (200, {"msg": "ok"})
    assert owner.get("/me").status_code == 401
    assert not User.objects.exists()


def test_their_albums_are_gone_for_their_members(owner: Person, member: Person, album: Album) -> None:
    owner.post("/delete_me", {"sure": "yes"})
    assert member.get(f"/albums/{album.pk}").status_code == 404
    assert member.get("/albums/mine").json()["albums"] == []
    assert not Album.objects.exists()


def test_nothing_of_the_user_is_left(
    owner: Person,
    member: Person,
    stranger: Person,
    album: Album,
    make_picture: MakePicture,
    stored: Callable[..., list[str]],
) -> None:
    member.post("/me/selfie", {"file": make_picture(1)})
    add(member, album, make_picture(0, 1))
    member.post("/set_pic_url", {"pic_url": "a-picture-of-the-member"})
    member.post(f"/albums/{album.pk}/viewed")
    member.post(f"/albums/{album.pk}/done_uploading")
    member.post("/set_phone", {"phone": "12025550199"})
    assert rows_with(member.id)
    member.post("/delete_me", {"sure": "yes"})
    assert rows_with(member.id, member.token, "device-of-Member", "a-picture-of-the-member") == []
    assert stored() == []


def test_other_peoples_things_stay(
    owner: Person, member: Person, album: Album, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    kept = add(owner, album, make_picture(0))
    owner.post("/me/selfie", {"file": make_picture(0, seed=5)})
    files = stored()
    add(member, album, make_picture(0, 1, seed=2))
    member.post("/delete_me", {"sure": "yes"})
    seen = owner.get(f"/albums/{album.pk}").json()
    assert [(user["_id"], [photo["_id"] for photo in user["photos"]]) for user in seen["users"]] == [
        (owner.id, [kept])
    ]
    assert stored() == files
    assert len(owner.get("/me/selfie").json()["selfies"]) == 1


def test_their_photos_leave_other_peoples_albums(
    owner: Person, member: Person, album: Album, make_picture: MakePicture
) -> None:
    photo_id = add(member, album, make_picture(1))
    member.post("/delete_me", {"sure": "yes"})
    unknown, gone = owner.get(f"/photos/{uuid4()}"), owner.get(f"/photos/{photo_id}")
    assert (gone.status_code, gone.content) == (unknown.status_code, unknown.content)
    assert not Photo.objects.exists()


def test_the_phone_may_sign_in_again_as_somebody_new(
    member: Person, album: Album, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    member.post("/delete_me", {"sure": "yes"})
    nobody.post("/login/phone", {"phone": member.phone})
    again = nobody.post("/login/phone/confirm", {"phone": member.phone, "code": last_code(sms)}).json()
    assert again["_id"] != member.id
    assert nobody.get("/me", {"token": again["token"]}).json()["name"] is None


def test_deleting_oneself_does_not_reset_the_limit_on_codes(
    stranger: Person, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    for _ in range(5):
        stranger.post("/set_phone", {"phone": "12025550199"})
    stranger.post("/delete_me", {"sure": "yes"})
    assert nobody.post("/login/phone", {"phone": "12025550199"}).status_code == 429


def test_every_reference_to_a_user_says_what_happens_when_they_leave() -> None:
    kept: set[object] = {models.PROTECT, models.RESTRICT, models.DO_NOTHING}
    references = [
        field for model in apps.get_models() for field in model._meta.fields if field.related_model is User
    ]
    assert len(references) > 5
    assert [str(field) for field in references if present(field.remote_field).on_delete in kept] == []


def test_nobody_is_refused(owner: Person, nobody: Caller) -> None:
    assert nobody.post("/delete_me", {"sure": "yes"}).status_code == 401
    assert nobody.get("/delete_me", {"sure": "yes", "token": owner.token}).status_code == 405
    assert User.objects.count() == 1
