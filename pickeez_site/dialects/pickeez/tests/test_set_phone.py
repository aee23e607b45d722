from itertools import count

import pytest
from pytest_django import Settings

from accounts.tests.sent_codes import last_code
from albums.models import Album
from conftest import Caller, Person
from core.tests.answers import Json

NEW = "12025550199"


@pytest.fixture(autouse=True)
def _no_two_codes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count(100_000)
    monkeypatch.setattr("secrets.randbelow", lambda _: next(numbers))


def test_the_phone_is_stored_unverified_and_a_code_goes_to_it(owner: Person, sms: list[dict[str, Json]]) -> None:
    answer = owner.post("/set_phone", {"phone": "+1 (202) 555-0199"})
    assert answer.status_code == 200
    assert answer.json() == owner.get("/me").json()
    assert (answer.json()["phone"], answer.json()["verified_phone"]) == (NEW, owner.phone)
    assert [message["to"] for message in sms] == [NEW]


def test_a_new_call_voids_the_old_code(owner: Person, sms: list[dict[str, Json]]) -> None:
    owner.post("/set_phone", {"phone": NEW})
    old = last_code(sms)
    owner.post("/set_phone", {"phone": NEW})
    assert owner.post("/confirm_phone", {"code": old}).json() == {"err": "wrong code"}
    assert owner.post("/confirm_phone", {"code": last_code(sms)}).json() == {"ok": True}


def test_giving_another_phone_voids_the_code_of_the_first(owner: Person, sms: list[dict[str, Json]]) -> None:
    owner.post("/set_phone", {"phone": NEW})
    old = last_code(sms)
    owner.post("/set_phone", {"phone": "12025550188"})
    owner.post("/set_phone", {"phone": NEW})
    assert owner.post("/confirm_phone", {"code": old}).json() == {"err": "wrong code"}
    assert owner.post("/confirm_phone", {"code": last_code(sms)}).json() == {"ok": True}


def test_one_user_s_call_leaves_another_user_s_code_alone(
    owner: Person, stranger: Person, sms: list[dict[str, Json]]
) -> None:
    owner.post("/set_phone", {"phone": NEW})
    code = last_code(sms)
    stranger.post("/set_phone", {"phone": NEW})
    assert owner.post("/confirm_phone", {"code": code}).json() == {"ok": True}


def test_the_phone_of_somebody_else_may_be_given_but_stays_theirs(
    owner: Person, member: Person, album: Album
) -> None:
    owner.post("/set_phone", {"phone": member.phone})
    assert member.get("/me").json()["verified_phone"] == member.phone
    assert owner.get("/me").json()["verified_phone"] == owner.phone


def test_an_unverified_phone_joins_no_album(stranger: Person, member: Person, album: Album) -> None:
    assert stranger.post("/set_phone", {"phone": member.phone}).status_code == 200
    assert stranger.get("/albums/mine").json()["albums"] == []
    assert stranger.get(f"/albums/{album.pk}").status_code == 404


@pytest.mark.parametrize(
    ("own", "given", "stored"),
    [
        ("972522934322", "052-293-4321", "972522934321"),
        ("972522934322", "+972 52-293-4321", "972522934321"),
        ("972522934322", "972522934321", "972522934321"),
        ("12025550111", "(202) 555-0199", NEW),
        ("12025550111", "972522934321", "972522934321"),
        ("", "2025550199", NEW),
        ("555", "2025550199", NEW),
        ("972522934322", "4567", "4567"),
        ("12025550111", "555", "555"),
    ],
)
def test_a_local_number_is_read_in_the_country_of_the_callers_phone(
    stranger: Person, own: str, given: str, stored: str
) -> None:
    stranger.user.phone, stranger.user.verified_phone = own, own or None
    stranger.user.save()
    assert stranger.post("/set_phone", {"phone": given}).json()["phone"] == stored


@pytest.mark.parametrize("phone", ["", " ", "abc", "12", "1" * 16, "+", "0x10", "phone", "1" * 501])
def test_what_is_no_phone_is_refused_and_changes_nothing(
    owner: Person, sms: list[dict[str, Json]], phone: str
) -> None:
    answer = owner.post("/set_phone", {"phone": phone})
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}
    assert owner.get("/me").json()["phone"] == owner.phone
    assert not sms


@pytest.mark.parametrize(
    "phone",
    ["+52 55 1234 5678 ext. 9", "tel:+52-55-1234-5678;ext=9", "+1 900 234 5678", "+881 612 345 678", "112"],
)
def test_an_extension_and_a_number_that_gets_no_sms_are_refused_and_change_nothing(
    owner: Person, sms: list[dict[str, Json]], phone: str
) -> None:
    answer = owner.post("/set_phone", {"phone": phone})
    assert (answer.status_code, set(answer.json())) == (400, {"msg"})
    assert (owner.get("/me").json()["phone"], sms) == (owner.phone, [])


def test_codes_go_to_the_countries_of_the_setting_only(
    owner: Person, settings: Settings, sms: list[dict[str, Json]]
) -> None:
    settings.SMS_COUNTRIES = ["IL"]
    assert owner.post("/set_phone", {"phone": NEW}).status_code == 400
    assert owner.post("/set_phone", {"phone": "+972 52-293-4321"}).status_code == 200
    assert [message["to"] for message in sms] == ["972522934321"]


@pytest.mark.parametrize("phone", ["+54 9 11 2345-6789", "+54 11 15-2345-6789", "tel:+54-11-2345-6789"])
def test_any_form_of_a_mobile_is_kept_as_one(stranger: Person, phone: str) -> None:
    assert stranger.post("/set_phone", {"phone": phone}).json()["phone"] == "5491123456789"


def test_a_missing_phone_is_named(owner: Person) -> None:
    assert owner.post("/set_phone").json() == {"msg": "Missing parameter: phone"}


def test_the_sixth_code_within_an_hour_is_refused(owner: Person, sms: list[dict[str, Json]]) -> None:
    answers = [owner.post("/set_phone", {"phone": NEW}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 3600
    assert len(sms) == 5


def test_nobody_is_refused(db: None, nobody: Caller, sms: list[dict[str, Json]]) -> None:
    assert nobody.post("/set_phone", {"phone": NEW}).status_code == 401
    assert not sms
