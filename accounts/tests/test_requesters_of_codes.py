"""Codes belong to who has asked for them: strangers neither use them up, nor lock out a phone, nor learn of them."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User, WrongGuesses
from accounts.services import (
    ContactLocked,
    Letter,
    RateLimitExceeded,
    TooManyGuesses,
    WrongCode,
    check_code,
    check_email_code,
    delete_user,
    send_code,
    send_email_code,
    unlock_contacts,
    verify_phone,
)
from accounts.tests.sent_codes import last_code
from core.tests.answers import Json

PHONE, EMAIL = "12025550199", "somebody@a.example"
HOLDER, STRANGER = "192.0.2.1", "192.0.2.66"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_two_codes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count(100_000)
    monkeypatch.setattr("secrets.randbelow", lambda _: next(numbers))


Send = Callable[[str], str]
Guess = Callable[[str, str], None]


@pytest.fixture(params=["phone", "e-mail"])
def channel(request: pytest.FixtureRequest, sms: list[dict[str, Json]]) -> tuple[str, Send, Guess]:
    """A phone and an e-mail address: the contact, how an address asks for a code, and how it guesses."""

    def send_sms(address: str) -> str:
        send_code(phone=PHONE, address=address)
        return last_code(sms)

    def send_email(address: str) -> str:
        send_email_code(email=EMAIL, write=lambda code, _: Letter("Code", code), address=address)
        return mail.outbox[-1].body.strip()

    def guess_phone(code: str, address: str) -> None:
        check_code(phone=PHONE, user=None, code=code, address=address)

    def guess_email(code: str, address: str) -> None:
        check_email_code(email=EMAIL, user=None, code=code, address=address)

    return (PHONE, send_sms, guess_phone) if request.param == "phone" else (EMAIL, send_email, guess_email)


def guess_wrongly(guess: Guess, address: str, times: int) -> list[type[Exception]]:
    answers = []
    for _ in range(times):
        with pytest.raises((WrongCode, TooManyGuesses, ContactLocked)) as refused:
            guess("999999", address)
        answers.append(refused.type)
    return answers


def test_a_strangers_request_and_guesses_leave_the_holders_code_alone(channel: tuple[str, Send, Guess]) -> None:
    _, send, guess = channel
    code = send(HOLDER)
    send(STRANGER)
    guess_wrongly(guess, STRANGER, 7)
    guess(code, HOLDER)


def test_a_stranger_cannot_use_the_holders_code(channel: tuple[str, Send, Guess]) -> None:
    _, send, guess = channel
    code = send(HOLDER)
    with pytest.raises(WrongCode):
        guess(code, STRANGER)
    guess(code, HOLDER)


def test_strangers_requests_in_an_hour_count_against_them(channel: tuple[str, Send, Guess]) -> None:
    _, send, guess = channel
    for _ in range(5):
        send(STRANGER)
    with pytest.raises(RateLimitExceeded):
        send(STRANGER)
    guess(send(HOLDER), HOLDER)


def test_a_contact_gets_thirty_codes_a_day_whoever_asks(
    channel: tuple[str, Send, Guess], settings: Settings
) -> None:
    _, send, guess = channel
    assert settings.PHONE_CODES_PER_DAY == 30
    settings.PHONE_CODES_PER_DAY = settings.PHONE_CODES_PER_HOUR = 4
    code = send(HOLDER)
    for number in range(3):
        send(f"198.51.100.{number}")
    with pytest.raises(RateLimitExceeded) as refused:
        send(HOLDER)
    assert 23 * 3600 < refused.value.retry_after <= 24 * 3600
    guess(code, HOLDER)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        send(HOLDER)


def test_the_answer_does_not_tell_whether_a_code_is_open(channel: tuple[str, Send, Guess]) -> None:
    _, send, guess = channel
    without = guess_wrongly(guess, STRANGER, 7)
    send(HOLDER)
    other = guess_wrongly(guess, "192.0.2.77", 7)
    own = guess_wrongly(guess, HOLDER, 7)
    assert without == other == own == [WrongCode] * 5 + [TooManyGuesses] * 2


def test_without_a_code_the_wait_is_no_longer_than_with_one() -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            check_code(phone=PHONE, user=None, code="999999", address=HOLDER)
    with pytest.raises(TooManyGuesses) as refused:
        check_code(phone=PHONE, user=None, code="999999", address=HOLDER)
    assert 590 <= refused.value.retry_after <= 600


def test_browsers_behind_one_address_have_codes_of_their_own(sms: list[dict[str, Json]]) -> None:
    send_code(phone=PHONE, address=HOLDER, browser="mine")
    mine = last_code(sms)
    send_code(phone=PHONE, address=HOLDER, browser="theirs")
    for browser in ("theirs", None):
        with pytest.raises(WrongCode):
            check_code(phone=PHONE, user=None, code=mine, address=HOLDER, browser=browser)
    check_code(phone=PHONE, user=None, code=mine, address="203.0.113.9", browser="mine")


def test_an_ipv6_network_is_one_requester(sms: list[dict[str, Json]]) -> None:
    send_code(phone=PHONE, address="2001:db8:1:2::1")
    with pytest.raises(WrongCode):
        check_code(phone=PHONE, user=None, code=last_code(sms), address="2001:db8:1:3::1")
    check_code(phone=PHONE, user=None, code=last_code(sms), address="2001:db8:1:2:ffff::7")


def test_after_a_hundred_wrong_codes_in_all_only_the_operator_opens_a_contact(
    channel: tuple[str, Send, Guess], settings: Settings
) -> None:
    contact, send, guess = channel
    assert settings.WRONG_CODES_PER_CONTACT == 100
    settings.PHONE_CODES_PER_DAY = 1000
    start = timezone.now()
    for number in range(20):
        with time_machine.travel(start + timedelta(hours=6 * number)):
            send(f"198.51.100.{number}")
            assert guess_wrongly(guess, f"198.51.100.{number}", 5) == [WrongCode] * 5
    with time_machine.travel(start + timedelta(days=300)):
        with pytest.raises(ContactLocked, match="ask the operator"):
            send(HOLDER)
        assert set(guess_wrongly(guess, HOLDER, 2)) == {ContactLocked}
        call_command("open_contact", contact)
        guess(send(HOLDER), HOLDER)
        assert not WrongGuesses.objects.exists()


def test_a_code_that_was_sent_before_a_lock_can_be_tried_once(
    channel: tuple[str, Send, Guess], settings: Settings
) -> None:
    contact, send, guess = channel
    settings.WRONG_CODES_PER_CONTACT = 3
    code, others = send(HOLDER), send("192.0.2.77")
    send(STRANGER)
    assert guess_wrongly(guess, STRANGER, 4) == [WrongCode] * 3 + [ContactLocked]
    assert guess_wrongly(guess, "192.0.2.77", 1) == [WrongCode]
    with pytest.raises(ContactLocked):
        guess(others, "192.0.2.77")
    guess(code, HOLDER)
    assert not WrongGuesses.objects.filter(pk=contact).exists()


def test_at_a_locked_contact_nobody_gets_a_new_code_until_the_operator_opens_it(
    channel: tuple[str, Send, Guess], settings: Settings
) -> None:
    contact, send, guess = channel
    settings.WRONG_CODES_PER_CONTACT = 3
    send(STRANGER)
    guess_wrongly(guess, STRANGER, 4)
    with pytest.raises(ContactLocked):
        send(HOLDER)
    assert unlock_contacts(contacts=[contact]) == 1
    guess(send(HOLDER), HOLDER)


def test_guesses_without_a_code_of_ones_own_do_not_count_for_the_contact(
    channel: tuple[str, Send, Guess], settings: Settings
) -> None:
    _, send, guess = channel
    settings.WRONG_CODES_PER_CONTACT = 3
    code = send(HOLDER)
    for number in range(10):
        guess_wrongly(guess, f"198.51.100.{number}", 5)
    assert not WrongGuesses.objects.exists()
    guess(code, HOLDER)


def test_the_right_code_forgets_the_wrong_ones(channel: tuple[str, Send, Guess], settings: Settings) -> None:
    _, send, guess = channel
    settings.WRONG_CODES_PER_CONTACT = 4
    for _ in range(3):
        code = send(HOLDER)
        guess_wrongly(guess, HOLDER, 3)
        guess(code, HOLDER)


def test_wrong_guesses_go_with_the_user(sms: list[dict[str, Json]]) -> None:
    user = User.objects.create_user()
    verify_phone(user=user, phone=PHONE)
    send_code(phone=PHONE, address=HOLDER)
    with pytest.raises(WrongCode):
        check_code(phone=PHONE, user=None, code="999999", address=HOLDER)
    assert WrongGuesses.objects.filter(pk=PHONE).exists()
    delete_user(user=user)
    assert not WrongGuesses.objects.exists()
