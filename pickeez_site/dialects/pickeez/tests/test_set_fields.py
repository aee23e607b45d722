import pytest

from accounts.tests.sent_codes import last_code
from albums.models import Album
from conftest import Caller, Person
from core.tests.answers import Json

OK = {"msg": "ok"}


@pytest.mark.parametrize(
    ("val", "wanted"),
    [("true", True), ("false", False), ("1", True), ("0", False), ("True", True), ("FALSE", False)],
)
def test_pushes_are_turned_on_and_off(owner: Person, val: str, wanted: bool) -> None:
    answer = owner.post("/set_fields", {"field": "send_push_notifs", "val": val})
    assert (answer.status_code, answer.json()) == (200, OK)
    assert owner.get("/me").json()["send_push_notifs"] is wanted


@pytest.mark.parametrize("val", [True, False])
def test_json_booleans_are_taken(owner: Person, val: bool) -> None:
    assert owner.post_json("/set_fields", {"field": "send_push_notifs", "val": val}).json() == OK
    assert owner.get("/me").json()["send_push_notifs"] is val


@pytest.mark.parametrize("val", ["maybe", "2", "", "null", "tru"])
def test_a_wish_that_is_neither_yes_nor_no_is_refused(owner: Person, val: str) -> None:
    assert owner.post("/set_fields", {"field": "send_push_notifs", "val": val}).status_code == 400
    assert owner.get("/me").json()["send_push_notifs"] is True


@pytest.mark.parametrize("val", ["123abc", "ü:" + "x" * 4000])
def test_the_devices_push_token_is_kept(owner: Person, val: str) -> None:
    assert owner.post("/set_fields", {"field": "push_notif_token", "val": val}).json() == OK
    assert owner.get("/me").json()["push_notif_token"] == val


def test_an_empty_push_token_takes_the_device_away(owner: Person) -> None:
    assert owner.post("/set_fields", {"field": "push_notif_token", "val": ""}).json() == OK
    assert owner.get("/me").json()["push_notif_token"] is None


@pytest.mark.parametrize(
    "field", ["verified_phone", "phone", "is_staff", "is_superuser", "password", "NAME", "_id", "fb_id", "x"]
)
def test_no_other_field_can_be_set(owner: Person, field: str) -> None:
    before = owner.get("/me").json()
    answer = owner.post("/set_fields", {"field": field, "val": "true"})
    assert (answer.status_code, answer.json()) == (400, {"msg": "bad_field"})
    assert owner.get("/me").json() == before


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        ({}, "field"),
        ({"val": "true"}, "field"),
        ({"field": ""}, "field"),
        ({"field": "send_push_notifs"}, "val"),
        ({"field": "push_notif_token"}, "val"),
    ],
)
def test_a_missing_parameter_is_named(owner: Person, data: dict[str, str], missing: str) -> None:
    answer = owner.post("/set_fields", data)
    assert (answer.status_code, answer.json()) == (400, {"msg": f"Missing parameter: {missing}"})


def test_who_turned_pushes_off_gets_none(
    owner: Person, member: Person, album: Album, pushes: list[dict[str, Json]]
) -> None:
    member.post("/set_fields", {"field": "send_push_notifs", "val": "false"})
    pushes.clear()
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert pushes == []
    member.post("/set_fields", {"field": "send_push_notifs", "val": "true"})
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert [push["to"] for push in pushes] == [member.id]


@pytest.mark.parametrize("val", ["Eileen", "קיץ", "J. R. R. Tolkien", "👩\u200d🚀", "x" * 200, "x"])
def test_a_name_is_set(owner: Person, val: str) -> None:
    answer = owner.post("/set_fields", {"field": "name", "val": val})
    assert (answer.status_code, answer.json()) == (200, OK)
    assert owner.get("/me").json()["name"] == val


def test_everybody_names_themselves_and_nobody_else(owner: Person, member: Person, stranger: Person) -> None:
    people = {"Ada": owner, "Grace": member, "Emmy": stranger}
    for name, person in people.items():
        data = {"field": "name", "val": name, "user_id": owner.id, "_id": owner.id}
        assert person.post("/set_fields", data).json() == OK
    assert {person.get("/me").json()["name"]: person for person in people.values()} == people


@pytest.mark.parametrize(
    "val", ["x" * 201, "two\nlines", "a\r\nb", "a\u2028b", "a\x85b", "a\x0bb", "\u200b", "\u202e \xad"]
)
def test_what_is_no_name_is_a_bad_field(owner: Person, val: str) -> None:
    answer = owner.post_json("/set_fields", {"field": "name", "val": val})
    assert (answer.status_code, answer.json()) == (400, {"msg": "bad_field"})
    assert owner.get("/me").json()["name"] == "Owner"


@pytest.mark.parametrize("val", ["", "   ", "\n", None])
def test_a_blank_name_is_missing(owner: Person, val: str | None) -> None:
    answer = owner.post_json("/set_fields", {"field": "name", "val": val})
    assert (answer.status_code, answer.json()) == (400, {"msg": "Missing parameter: val"})
    assert owner.get("/me").json()["name"] == "Owner"


def test_who_signs_in_by_phone_has_a_name_that_members_see(
    nobody: Caller, owner: Person, album: Album, stranger: Person, sms: list[dict[str, Json]]
) -> None:
    owner.post(f"/albums/{album.pk}/invite_phones", {"phones[]": "12025550199"})
    nobody.post("/login/phone", {"phone": "12025550199"})
    signed_in = nobody.post("/login/phone/confirm", {"phone": "12025550199", "code": last_code(sms)}).json()
    nobody.post("/set_fields", {"field": "name", "val": "Grace", "token": signed_in["token"]})
    users = owner.get(f"/albums/{album.pk}").json()["users"]
    assert {user["_id"]: user["name"] for user in users}[signed_in["_id"]] == "Grace"
    assert stranger.get(f"/albums/{album.pk}").status_code == 404


def test_pushes_and_sms_to_others_bear_the_name(
    owner: Person, member: Person, album: Album, sms: list[dict[str, Json]], pushes: list[dict[str, Json]]
) -> None:
    owner.post("/set_fields", {"field": "name", "val": "Eileen"})
    member.post("/set_fields", {"field": "name", "val": "Grace"})
    owner.post(f"/albums/{album.pk}/invite_phones", {"phones[]": "12025550199"})
    assert sms[-1]["body"].startswith("Eileen invited you to the album “Summer”")
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert (pushes[-1]["to"], pushes[-1]["body"]) == (member.id, "Eileen added photos to “Summer”")
    member.post(f"/albums/{album.pk}/done_uploading")
    assert (pushes[-1]["to"], pushes[-1]["body"]) == (owner.id, "Grace added photos to “Summer”")


def test_nobody_is_refused(db: None, nobody: Caller) -> None:
    for field, val in (("send_push_notifs", "false"), ("name", "Nobody")):
        assert nobody.post("/set_fields", {"field": field, "val": val}).status_code == 401
