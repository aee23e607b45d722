"""Codes by SMS: how long they are valid, what closes them, and how many may be sent."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings
from time_machine import travel

from accounts.messaging import MessageNotSent
from accounts.messaging.memory import MemoryBackend
from accounts.models import PhoneCode, User
from accounts.services import (
    RateLimitExceeded,
    TooManyGuesses,
    WrongCode,
    check_code,
    delete_old_codes_and_messages,
    send_code,
    set_phone,
    sign_in,
    verify_phone,
)
from accounts.tests.sent_codes import another_code, last_code
from core.tests.answers import Json

PHONE, OTHER = "12025550199", "12025550188"
pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return User.objects.create_user(name="Somebody")


def later(**time: float) -> travel:
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def phones(count: int) -> list[str]:
    """Phones of different ranges."""
    return [f"1202{number:03}0000" for number in range(100, 100 + count)]


def test_a_code_has_six_digits_and_is_stored_hashed(sms: list[dict[str, Json]]) -> None:
    send_code(phone=PHONE)
    assert re.fullmatch(r"\d{6}", last_code(sms))
    assert sms == [{"to": PHONE, "body": f"Your Pickeez code is {last_code(sms)}"}]
    assert re.fullmatch(r"[0-9a-f]{64}", PhoneCode.objects.get().digest)


def test_codes_come_from_the_secure_generator(sms: list[dict[str, Json]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", {1_000_000: 7}.__getitem__)
    send_code(phone=PHONE)
    assert last_code(sms) == "000007"


def test_the_same_code_has_another_digest_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 7)
    for phone in (PHONE, PHONE, OTHER):
        send_code(phone=phone)
    assert len(set(PhoneCode.objects.values_list("digest", flat=True))) == 3


@pytest.mark.parametrize("seconds", [0, 599])
def test_a_code_is_valid_for_ten_minutes(sms: list[dict[str, Json]], seconds: int) -> None:
    send_code(phone=PHONE)
    with later(seconds=seconds):
        check_code(phone=PHONE, user=None, code=last_code(sms))


def test_after_ten_minutes_the_right_code_is_wrong(sms: list[dict[str, Json]]) -> None:
    send_code(phone=PHONE)
    with later(seconds=601), pytest.raises(WrongCode):
        check_code(phone=PHONE, user=None, code=last_code(sms))


def test_a_code_works_only_once(sms: list[dict[str, Json]]) -> None:
    send_code(phone=PHONE)
    check_code(phone=PHONE, user=None, code=last_code(sms))
    with pytest.raises(WrongCode):
        check_code(phone=PHONE, user=None, code=last_code(sms))


def test_five_wrong_guesses_invalidate_the_code(sms: list[dict[str, Json]]) -> None:
    send_code(phone=PHONE)
    for _ in range(5):
        with pytest.raises(WrongCode):
            check_code(phone=PHONE, user=None, code=another_code(sms))
    for code in (last_code(sms), another_code(sms)):
        with pytest.raises(TooManyGuesses) as refusal:
            check_code(phone=PHONE, user=None, code=code)
        assert 1 <= refusal.value.retry_after <= 600


def test_the_fifth_guess_may_still_be_right(sms: list[dict[str, Json]]) -> None:
    send_code(phone=PHONE)
    for _ in range(4):
        with pytest.raises(WrongCode):
            check_code(phone=PHONE, user=None, code=another_code(sms))
    check_code(phone=PHONE, user=None, code=last_code(sms))


def test_a_new_code_invalidates_the_previous_one(
    sms: list[dict[str, Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter([111_111, 222_222])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(numbers))
    send_code(phone=PHONE)
    send_code(phone=PHONE)
    with pytest.raises(WrongCode):
        check_code(phone=PHONE, user=None, code="111111")
    check_code(phone=PHONE, user=None, code="222222")


def test_sign_in_codes_and_codes_of_a_user_do_not_invalidate_each_other(
    sms: list[dict[str, Json]], user: User
) -> None:
    send_code(phone=PHONE, user=user)
    to_verify = last_code(sms)
    send_code(phone=PHONE)
    to_sign_in = last_code(sms)
    check_code(phone=PHONE, user=user, code=to_verify)
    check_code(phone=PHONE, user=None, code=to_sign_in)


def test_a_code_is_valid_only_for_its_own_phone_user_and_purpose(sms: list[dict[str, Json]], user: User) -> None:
    send_code(phone=PHONE, user=user)
    stranger = User.objects.create_user()
    for phone, who in ((OTHER, user), (PHONE, stranger), (PHONE, None)):
        with pytest.raises(WrongCode):
            check_code(phone=phone, user=who, code=last_code(sms))
    check_code(phone=PHONE, user=user, code=last_code(sms))


def test_a_phone_gets_at_most_five_codes_within_an_hour(sms: list[dict[str, Json]], user: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        send_code(phone=PHONE)
        clock.shift(600)
        for purpose in (user, None, user, None):
            send_code(phone=PHONE, user=purpose)
        with pytest.raises(RateLimitExceeded) as refusal:
            send_code(phone=PHONE, user=user)
        assert refusal.value.retry_after == 3000
        assert len(sms) == 5
        clock.shift(3001)
        send_code(phone=PHONE)
        with pytest.raises(RateLimitExceeded):
            send_code(phone=PHONE)


def test_a_refused_call_sends_nothing_and_keeps_the_open_code(sms: list[dict[str, Json]]) -> None:
    for _ in range(5):
        send_code(phone=PHONE)
    with pytest.raises(RateLimitExceeded):
        send_code(phone=PHONE)
    check_code(phone=PHONE, user=None, code=last_code(sms))


def test_the_limit_of_one_phone_does_not_affect_another(sms: list[dict[str, Json]]) -> None:
    for _ in range(5):
        send_code(phone=PHONE)
    send_code(phone=OTHER)
    assert sms[-1]["to"] == OTHER


def test_an_address_gets_fifty_codes_an_hour_whatever_the_phones(sms: list[dict[str, Json]]) -> None:
    for phone in phones(50):
        send_code(phone=phone, address="192.0.2.1")
    with pytest.raises(RateLimitExceeded) as refusal:
        send_code(phone=PHONE, address="192.0.2.1")
    assert 1 <= refusal.value.retry_after <= 3600
    send_code(phone=PHONE, address="192.0.2.2")
    with later(seconds=3601):
        send_code(phone=PHONE, address="192.0.2.1")


def test_a_range_of_numbers_gets_fifty_codes_an_hour_whatever_the_addresses() -> None:
    for last in range(50):
        send_code(phone=f"1202555{last:04}", address=f"192.0.2.{last}")
    with pytest.raises(RateLimitExceeded):
        send_code(phone="12025550999", address="192.0.2.200")
    send_code(phone="12025560999", address="192.0.2.200")


def test_an_address_may_guess_a_hundred_times_an_hour() -> None:
    for phone in phones(100):
        with pytest.raises(WrongCode):
            check_code(phone=phone, user=None, code="123456", address="192.0.2.1")
    with pytest.raises(RateLimitExceeded) as refusal:
        check_code(phone=PHONE, user=None, code="123456", address="192.0.2.1")
    assert refusal.value.retry_after >= 1
    with pytest.raises(WrongCode):
        check_code(phone=PHONE, user=None, code="123456", address="192.0.2.2")


def test_the_limits_are_settings(settings: Settings, sms: list[dict[str, Json]]) -> None:
    settings.PHONE_CODES_PER_HOUR = 1
    send_code(phone=PHONE)
    with pytest.raises(RateLimitExceeded):
        send_code(phone=PHONE)


def test_old_codes_are_deleted_but_still_count_for_the_limits(sms: list[dict[str, Json]]) -> None:
    for _ in range(5):
        send_code(phone=PHONE)
    with later(minutes=30):
        delete_old_codes_and_messages()
        assert not PhoneCode.objects.exists()
        with pytest.raises(RateLimitExceeded):
            send_code(phone=PHONE)
    with later(minutes=61):
        delete_old_codes_and_messages()
        send_code(phone=PHONE)


def test_an_error_of_the_gateway_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: MemoryBackend | dict[str, str]) -> None:
        raise MessageNotSent("no credit", retry=True)

    monkeypatch.setattr("accounts.messaging.memory.MemoryBackend.send", refuse)
    with pytest.raises(MessageNotSent):
        send_code(phone=PHONE)


def test_setting_a_phone_keeps_the_verified_one(user: User, sms: list[dict[str, Json]]) -> None:
    verify_phone(user=user, phone=OTHER)
    set_phone(user=user, phone=PHONE)
    user.refresh_from_db()
    assert (user.phone, user.verified_phone) == (PHONE, OTHER)
    assert sms[-1]["to"] == PHONE


def test_a_verified_phone_passes_from_one_user_to_the_next(user: User) -> None:
    verify_phone(user=user, phone=PHONE)
    successor = User.objects.create_user()
    verify_phone(user=successor, phone=PHONE)
    user.refresh_from_db()
    assert (user.verified_phone, successor.verified_phone) == (None, PHONE)


def test_signing_in_creates_one_user_for_a_phone(sms: list[dict[str, Json]]) -> None:
    users = set()
    for _ in range(2):
        send_code(phone=PHONE)
        users.add(sign_in(phone=PHONE, code=last_code(sms))[0].pk)
    assert len(users) == User.objects.count() == 1


def test_a_wrong_code_creates_no_user(sms: list[dict[str, Json]]) -> None:
    send_code(phone=PHONE)
    with pytest.raises(WrongCode):
        sign_in(phone=PHONE, code=another_code(sms))
    assert not User.objects.exists()
