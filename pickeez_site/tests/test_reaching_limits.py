"""Each row of the table of limits is reached: the second use is refused when its setting is 1."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.services import (
    ContactLocked,
    Letter,
    RateLimitExceeded,
    WrongCode,
    check_code,
    find_users_by_phones,
    queue_emails,
    queue_sms,
    send_code,
    send_email_code,
)
from pickeez_site.tests.test_limits import table

PHONES = ["12025550143", "12035550144", "12045550145"]
HERE = "192.0.2.1"
pytestmark = pytest.mark.django_db


def code(number: int, *, phone: str | None = None, address: str | None = None) -> None:
    send_code(phone=phone or PHONES[number], address=address or f"198.51.100.{number}")


def user(*, is_new: bool = True) -> User:
    found, _ = User.objects.get_or_create(username="sender")
    if not is_new:
        User.objects.update(created_at=timezone.now() - timedelta(days=2))
        found.refresh_from_db()
    return found


def invite(number: int, *, phone: str | None = None, is_new: bool = True) -> None:
    """Invites by SMS. A phone that is left out is a refusal, too."""
    if not queue_sms(phones=[phone or PHONES[number]], body="Come", sender=user(is_new=is_new)):
        raise RateLimitExceeded(1)


def write(number: int, *, email: str | None = None) -> None:
    to = email or f"{number}@a.example"
    if not queue_emails(emails=[to], subject="Come", body="Come", sender=user(), links={to: {}}):
        raise RateLimitExceeded(1)


def email_code(number: int) -> None:
    send_email_code(
        email=f"{number}@a.example", write=lambda digits, _: Letter("Code", digits), address=f"198.51.100.{number}"
    )


def guess(number: int) -> None:
    with pytest.raises(WrongCode):
        check_code(phone=PHONES[number], user=None, code="x", address=HERE)


def guess_at_locked(number: int) -> None:
    """Guesses wrongly, each time at the code of an address of its own."""
    try:
        code(0, phone=PHONES[0], address=f"198.51.100.{number}")
    except ContactLocked:
        raise RateLimitExceeded(1) from None
    with pytest.raises(WrongCode):
        check_code(phone=PHONES[0], user=None, code="x", address=f"198.51.100.{number}")


def look_up(number: int) -> None:
    find_users_by_phones(caller=user(), phones=PHONES[:1], looked_up=1)


CASES: dict[str, Callable[[int], None]] = {
    "PHONE_CODES_PER_HOUR": lambda number: code(number, phone=PHONES[0], address=HERE),
    "PHONE_CODES_PER_DAY": lambda number: code(number, phone=PHONES[0]),
    "PHONE_CODES_PER_ADDRESS_PER_HOUR": lambda number: code(number, address=HERE),
    "PHONE_CODES_PER_RANGE_PER_HOUR": lambda number: code(number, phone=f"1202555014{number}"),
    "PHONE_GUESSES_PER_ADDRESS_PER_HOUR": guess,
    "WRONG_CODES_PER_CONTACT": guess_at_locked,
    "SMS_PER_HOUR": code,
    "SMS_PER_COUNTRY_PER_HOUR": code,
    "SMS_BY_USER_PER_HOUR": invite,
    "SMS_BY_USER_PER_DAY": lambda number: invite(number, is_new=False),
    "SMS_BY_NEW_USER_PER_DAY": invite,
    "SMS_TO_PHONE_PER_HOUR": lambda number: invite(number, phone=PHONES[0]),
    "SMS_TO_PHONE_PER_DAY": lambda number: invite(number, phone=PHONES[0]),
    "EMAILS_PER_HOUR": email_code,
    "EMAILS_BY_USER_PER_HOUR": write,
    "EMAILS_TO_ADDRESS_PER_HOUR": lambda number: write(number, email="a@a.example"),
    "EMAILS_TO_ADDRESS_PER_DAY": lambda number: write(number, email="a@a.example"),
    "PHONE_LOOKUPS_PER_HOUR": look_up,
}


HOURLY = {
    "PHONE_CODES_PER_DAY": "PHONE_CODES_PER_HOUR",
    "SMS_BY_USER_PER_DAY": "SMS_BY_USER_PER_HOUR",
    "SMS_BY_NEW_USER_PER_DAY": "SMS_BY_USER_PER_HOUR",
    "SMS_TO_PHONE_PER_DAY": "SMS_TO_PHONE_PER_HOUR",
    "EMAILS_TO_ADDRESS_PER_DAY": "EMAILS_TO_ADDRESS_PER_HOUR",
}
# Reached by HTTP in tests of their own: `test_guessing.py`.
ELSEWHERE = {
    "WRONG_PASSWORDS_PER_ADDRESS_PER_HOUR",
    "WRONG_PASSWORDS_PER_HOUR",
    "WRONG_TOKENS_PER_ADDRESS_PER_HOUR",
    "WRONG_TOKENS_PER_HOUR",
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_second_use_is_refused(name: str, settings: Settings) -> None:
    setattr(settings, name, 1)
    if hourly := HOURLY.get(name):
        setattr(settings, hourly, 1)  # a day allows at least that
    CASES[name](0)
    later = timezone.now() + timedelta(hours=2 if hourly else 0)
    with time_machine.travel(later), pytest.raises(RateLimitExceeded):
        CASES[name](1)


@pytest.mark.parametrize("name", sorted(CASES))
def test_without_the_limit_it_is_not(name: str) -> None:
    CASES[name](0)
    CASES[name](1)


def test_every_limit_of_messages_and_guesses_is_reached() -> None:
    limits = {name for name in table() if name.startswith(("SMS_", "EMAILS_", "PHONE_", "WRONG_"))}
    assert limits == {*CASES, *ELSEWHERE}
