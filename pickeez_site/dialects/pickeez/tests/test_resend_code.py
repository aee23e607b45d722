from itertools import count

import pytest

from accounts.tests.sent_codes import last_code
from conftest import Caller, Person
from core.tests.answers import Json

NEW = "12025550199"


@pytest.fixture(autouse=True)
def _no_two_codes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count(100_000)
    monkeypatch.setattr("secrets.randbelow", lambda _: next(numbers))


def test_a_fresh_code_goes_to_the_phone_last_given(owner: Person, sms: list[dict[str, Json]]) -> None:
    owner.post("/set_phone", {"phone": NEW})
    answer = owner.post("/resend_code_sms")
    assert (answer.status_code, answer.json()) == (200, {"msg": "resent"})
    assert [message["to"] for message in sms] == [NEW, NEW]
    assert owner.post("/confirm_phone", {"code": last_code(sms)}).json() == {"ok": True}


def test_the_code_before_it_is_void(owner: Person, sms: list[dict[str, Json]]) -> None:
    owner.post("/set_phone", {"phone": NEW})
    old = last_code(sms)
    owner.post("/resend_code_sms")
    assert owner.post("/confirm_phone", {"code": old}).json() == {"err": "wrong code"}


def test_it_revives_a_phone_whose_code_was_guessed_at_too_often(owner: Person, sms: list[dict[str, Json]]) -> None:
    owner.post("/set_phone", {"phone": NEW})
    for _ in range(6):
        answer = owner.post("/confirm_phone", {"code": "no"})
    assert answer.json() == {"err": "too many attempts"}
    owner.post("/resend_code_sms")
    assert owner.post("/confirm_phone", {"code": last_code(sms)}).json() == {"ok": True}


def test_resending_counts_with_setting_the_phone_and_signing_in(
    owner: Person, nobody: Caller, sms: list[dict[str, Json]]
) -> None:
    owner.post("/set_phone", {"phone": NEW})
    nobody.post("/login/phone", {"phone": NEW})
    answers = [owner.post("/resend_code_sms") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert len(sms) == 5


def test_without_a_phone_there_is_nothing_to_resend(stranger: Person, sms: list[dict[str, Json]]) -> None:
    stranger.user.phone, stranger.user.verified_phone = "", None
    stranger.user.save()
    answer = stranger.post("/resend_code_sms")
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}
    assert not sms


def test_nobody_is_refused(db: None, nobody: Caller) -> None:
    assert nobody.post("/resend_code_sms").status_code == 401
