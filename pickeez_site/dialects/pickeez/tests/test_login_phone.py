import re
from uuid import UUID

import pytest
from pytest_django import Settings

from accounts.messaging import MessageNotSent
from accounts.messaging.memory import MemoryBackend
from accounts.models import PhoneCode, User
from accounts.tests.sent_codes import another_code, last_code
from albums.models import Album
from conftest import Caller, Person
from core.tests.answers import Answer, Json

PHONE = "12025550199"


def confirm(nobody: Caller, phone: str, code: str) -> Answer:
    return nobody.post("/login/phone/confirm", {"phone": phone, "code": code})


def test_a_code_of_six_digits_is_sent_to_the_phone(db: None, nobody: Caller, sms: list[dict[str, Json]]) -> None:
    answer = nobody.post("/login/phone", {"phone": "+1 202 555 0199"})
    assert (answer.status_code, answer.json()) == (200, {"msg": "sent"})
    assert [message["to"] for message in sms] == [PHONE]
    assert re.fullmatch(r"\d{6}", last_code(sms))


def test_known_and_unknown_phones_get_the_same_answer(
    owner: Person, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    known = nobody.post("/login/phone", {"phone": owner.phone})
    unknown = nobody.post("/login/phone", {"phone": PHONE})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [message["to"] for message in sms] == [owner.phone, PHONE]
    refused = [confirm(nobody, phone, "000000x") for phone in (owner.phone, PHONE, "12025550177")]
    assert {(answer.status_code, answer.content) for answer in refused} == {(400, b'{"msg":"wrong code"}')}


def test_asking_for_a_code_makes_no_user(db: None, nobody: Caller) -> None:
    nobody.post("/login/phone", {"phone": PHONE})
    assert not User.objects.exists()


def test_the_right_code_makes_a_user_and_gives_a_token(
    db: None, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    nobody.post("/login/phone", {"phone": PHONE})
    answer = confirm(nobody, PHONE, last_code(sms))
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "_id"}
    UUID(answer.json()["_id"])
    me = nobody.get("/me", {"token": answer.json()["token"]}).json()
    assert (me["_id"], me["phone"], me["verified_phone"]) == (answer.json()["_id"], PHONE, PHONE)


def test_a_known_user_gets_another_token_and_keeps_the_old_one(
    owner: Person, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    nobody.post("/login/phone", {"phone": owner.phone})
    signed_in = confirm(nobody, owner.phone, last_code(sms)).json()
    assert signed_in["_id"] == owner.id
    assert signed_in["token"] != owner.token
    assert owner.get("/me").status_code == 200


def test_the_same_phone_may_be_spelt_differently_when_confirming(
    db: None, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    nobody.post("/login/phone", {"phone": "(202) 555-0199"})
    assert confirm(nobody, "+1-202-555-0199", last_code(sms)).status_code == 200


@pytest.mark.parametrize(
    ("phone", "stored"), [("555", "555"), ("4567", "4567"), ("+972 52-293-4321", "972522934321")]
)
def test_short_and_foreign_numbers_can_sign_in(
    db: None, nobody: Caller, sms: list[dict[str, Json]], phone: str, stored: str
) -> None:
    nobody.post("/login/phone", {"phone": phone})
    assert sms[-1]["to"] == stored
    assert confirm(nobody, phone, last_code(sms)).status_code == 200


def test_a_new_user_finds_the_albums_that_had_invited_the_number(
    owner: Person, album: Album, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    owner.post(f"/albums/{album.pk}/invite_phones", {"phones[]": [PHONE]})
    nobody.post("/login/phone", {"phone": PHONE})
    token = confirm(nobody, PHONE, last_code(sms)).json()["token"]
    mine = nobody.get("/albums/mine", {"token": token}).json()["albums"]
    assert [found["_id"] for found in mine] == [str(album.pk)]
    assert nobody.get(f"/albums/{album.pk}", {"token": token}).json()["pending_phones"] == []


def test_a_wrong_code_is_refused_and_the_right_one_still_works(
    db: None, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    nobody.post("/login/phone", {"phone": PHONE})
    wrong = confirm(nobody, PHONE, another_code(sms))
    assert (wrong.status_code, wrong.json()) == (400, {"msg": "wrong code"})
    assert confirm(nobody, PHONE, last_code(sms)).status_code == 200


def test_the_right_code_is_used_up(db: None, nobody: Caller, sms: list[dict[str, Json]]) -> None:
    nobody.post("/login/phone", {"phone": PHONE})
    code = last_code(sms)
    assert [confirm(nobody, PHONE, code).status_code for _ in range(2)] == [200, 400]


def test_the_sixth_try_kills_the_code_even_with_the_right_one(
    db: None, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    nobody.post("/login/phone", {"phone": PHONE})
    assert {confirm(nobody, PHONE, another_code(sms)).status_code for _ in range(5)} == {400}
    for _ in range(2):
        answer = confirm(nobody, PHONE, last_code(sms))
        assert (answer.status_code, answer.json()) == (429, {"msg": "too many attempts"})
        assert 1 <= int(answer["Retry-After"]) <= 600
    nobody.post("/login/phone", {"phone": PHONE})
    assert confirm(nobody, PHONE, last_code(sms)).status_code == 200


def test_a_code_for_one_phone_opens_no_other(owner: Person, nobody: Caller, sms: list[dict[str, Json]]) -> None:
    nobody.post("/login/phone", {"phone": owner.phone})
    nobody.post("/login/phone", {"phone": PHONE})
    assert confirm(nobody, owner.phone, last_code(sms)).status_code == 400


def test_a_code_for_confirming_a_phone_signs_nobody_in(
    stranger: Person, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    stranger.post("/set_phone", {"phone": PHONE})
    assert confirm(nobody, PHONE, last_code(sms)).status_code == 400


@pytest.mark.parametrize("magic", ["", "0", "000000", "123456", "true", "skip", "*", "null"])
def test_no_magic_code_or_parameter_signs_in(
    db: None, nobody: Caller, sms: list[dict[str, Json]], magic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 424_242)
    nobody.post("/login/phone", {"phone": PHONE})
    extra = dict.fromkeys(("force", "skip", "debug", "magic", "password", "verified"), magic)
    answer = nobody.post("/login/phone/confirm", {"phone": PHONE, "code": magic, **extra})
    assert answer.status_code == 400
    assert not User.objects.exists()


def test_too_many_codes_for_a_phone_are_refused_with_the_time_to_wait(
    db: None, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    answers = [nobody.post("/login/phone", {"phone": PHONE}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert set(answers[-1].json()) == {"msg"}
    assert 1 <= int(answers[-1]["Retry-After"]) <= 3600
    assert len(sms) == 5


def test_an_address_is_held_up_whatever_phones_it_names_and_wherever_it_says_it_is(
    db: None, nobody: Caller, sms: list[dict[str, Json]], settings: Settings
) -> None:
    settings.PHONE_CODES_PER_ADDRESS_PER_HOUR = 3
    answers = [
        nobody.post("/login/phone", {"phone": f"1202555010{n}"}, headers={"x-forwarded-for": f"192.0.2.{n}"})
        for n in range(4)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert nobody.post("/login/phone", {"phone": PHONE}, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_an_address_that_guesses_too_much_is_held_up(
    db: None, nobody: Caller, sms: list[dict[str, Json]], settings: Settings
) -> None:
    settings.PHONE_GUESSES_PER_ADDRESS_PER_HOUR = 3
    nobody.post("/login/phone", {"phone": PHONE})
    answers = [confirm(nobody, f"1202555010{n}", "123456") for n in range(3)]
    answers.append(confirm(nobody, PHONE, last_code(sms)))
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert not User.objects.exists()


def test_a_gateway_that_is_away_is_a_503(db: None, nobody: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: MemoryBackend | dict[str, str]) -> None:
        raise MessageNotSent("away", retry=True)

    monkeypatch.setattr("accounts.messaging.memory.MemoryBackend.send", refuse)
    answer = nobody.post("/login/phone", {"phone": PHONE})
    assert (answer.status_code, set(answer.json())) == (503, {"msg"})


def test_an_answer_tells_no_code_and_the_database_keeps_none(
    db: None, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    answer = nobody.post("/login/phone", {"phone": PHONE})
    assert last_code(sms) not in answer.text
    assert last_code(sms) not in str(PhoneCode.objects.values())


@pytest.mark.parametrize(
    "phone",
    ["abc", "12", "1" * 16, "+", "٣", "1;2", "555\x00", "+52 55 1234 5678 x9", "tel:+52-55-1234-5678;ext=9"],
)
def test_what_is_no_phone_is_refused(db: None, nobody: Caller, sms: list[dict[str, Json]], phone: str) -> None:
    answer = nobody.post("/login/phone", {"phone": phone})
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}
    assert not sms


@pytest.mark.parametrize("phone", ["+1 900 234 5678", "+881 612 345 678", "112"])
def test_no_code_goes_to_premium_satellite_and_emergency_numbers(
    db: None, nobody: Caller, sms: list[dict[str, Json]], phone: str
) -> None:
    answer = nobody.post("/login/phone", {"phone": phone})
    assert (answer.status_code, set(answer.json()), sms) == (400, {"msg"}, [])


def test_codes_go_to_the_countries_of_the_setting_only(
    db: None, nobody: Caller, sms: list[dict[str, Json]], settings: Settings
) -> None:
    settings.SMS_COUNTRIES = ["IL"]
    phones = ["12025550188", "972522934321"]
    assert [nobody.post("/login/phone", {"phone": phone}).status_code for phone in phones] == [400, 200]
    assert [message["to"] for message in sms] == phones[1:]


def test_all_addresses_of_an_ipv6_customer_have_one_limit(db: None, nobody: Caller, settings: Settings) -> None:
    settings.PHONE_CODES_PER_ADDRESS_PER_HOUR = 1
    addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"]
    answers = [
        nobody.post("/login/phone", {"phone": f"1202555018{number}"}, REMOTE_ADDR=address)
        for number, address in enumerate(addresses)
    ]
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert 1 <= int(answers[1]["Retry-After"]) <= 3600


def test_a_user_signs_in_with_any_form_of_their_mobile(
    db: None, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    nobody.post("/login/phone", {"phone": "+54 9 11 2345-6789"})
    first = confirm(nobody, "+54 9 11 2345-6789", last_code(sms)).json()
    nobody.post("/login/phone", {"phone": "tel:+54-11-15-2345-6789"})
    assert confirm(nobody, "+54 11 2345-6789", last_code(sms)).json()["_id"] == first["_id"]


@pytest.mark.parametrize("name", ["SMS_PER_HOUR", "SMS_PER_COUNTRY_PER_HOUR"])
def test_over_the_limit_of_all_sms_no_code_is_sent_and_the_answer_says_when(
    db: None, nobody: Caller, sms: list[dict[str, Json]], settings: Settings, name: str
) -> None:
    setattr(settings, name, 1)
    answers = [nobody.post("/login/phone", {"phone": phone}) for phone in (PHONE, "12025550188")]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 1 <= int(answers[1]["Retry-After"]) <= 3600
    assert len(sms) == 1
