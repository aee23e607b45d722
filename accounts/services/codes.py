"""Verifies phones by codes that are sent by SMS."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.messaging import get_sms_backend
from accounts.models import PhoneCode, User
from accounts.services.one_time_codes import (
    AccountClosed,
    check_unlocked,
    fill_in,
    limits_for_code,
    redeem,
    requester_of,
)
from accounts.services.sms_limits import limits_for_all_sms
from accounts.services.throttling import RateLimit, consume
from accounts.services.tokens import create_token
from accounts.signals import phone_verified
from accounts.sms_recipients import check_recipient

# Numbers that differ only in their last digits mostly belong to one operator. SMS fraud uses such ranges.
RANGE_DIGITS = 3
SHORTEST_RANGE = 6


def plain_sms(code: str) -> str:
    """Returns the text of an SMS with this code."""
    return f"Your Pickeez code is {code}"


@transaction.atomic
def _create_code(*, phone: str, user: User | None, requester: str) -> str:
    older = PhoneCode.objects.open().filter(user=user, requester=requester)
    (older if user else older.filter(phone=phone)).update(closed_at=timezone.now())
    row = PhoneCode(phone=phone, user=user, requester=requester)
    code = fill_in(row)
    row.save()
    return code


def send_code(
    *,
    phone: str,
    user: User | None = None,
    address: str | None = None,
    browser: str | None = None,
    text: Callable[[str], str] = plain_sms,
) -> None:
    """Sends a new code to the phone and invalidates the requester's previous one. `text` makes the SMS.

    With a user the code verifies that user's phone; without one it signs in whoever asks: `browser`, a secret of
    the browser, or else `address`. Nobody else can use it. The SMS is sent at once and not by a
    task, because a broker that stores its messages in files would store the code in plain text.
    Raises `NoSmsToPhone`, `ContactLocked`, `RateLimitExceeded`, and `accounts.messaging.MessageNotSent` when the
    gateway does not accept it.
    """
    check_recipient(phone)
    check_unlocked(phone)
    limits = limits_for_code(what="code to phone", contact=phone, address=address)
    consume([*limits, *limits_for_all_sms([phone]), *_limits_for_range(phone)])
    code = _create_code(
        phone=phone, user=user, requester=requester_of(user=user, browser=browser, address=address)
    )
    get_sms_backend().send({"to": phone, "body": text(code)})


def _limits_for_range(phone: str) -> list[RateLimit]:
    if len(phone) - RANGE_DIGITS < SHORTEST_RANGE:
        return []
    return [RateLimit("code to range", phone[:-RANGE_DIGITS], settings.PHONE_CODES_PER_RANGE_PER_HOUR)]


def check_code(
    *, phone: str, user: User | None, code: str, address: str | None = None, browser: str | None = None
) -> None:
    """Closes the requester's open code of the phone if `code` is right, so that it works only once.

    Raises `WrongCode`, `TooManyGuesses`, `ContactLocked`, and `RateLimitExceeded` for an address that guesses too
    often.
    """
    redeem(
        PhoneCode.objects.filter(user=user, phone=phone),
        contact=phone,
        requester=requester_of(user=user, browser=browser, address=address),
        code=code,
        address=address,
    )


def set_phone(*, user: User, phone: str, address: str | None = None) -> None:
    """Stores the phone as not yet verified and sends a code to it. Raises like `send_code`."""
    check_recipient(phone)  # before it is stored
    user.phone = phone
    user.save(update_fields=["phone", "updated_at"])
    send_code(phone=phone, user=user, address=address)


@transaction.atomic
def verify_phone(*, user: User, phone: str) -> None:
    """Makes the phone the user's. A user who had it before loses the number but not their albums."""
    User.objects.filter(verified_phone=phone).exclude(pk=user.pk).update(
        verified_phone=None, updated_at=timezone.now()
    )
    user.phone = user.verified_phone = phone
    user.save(update_fields=["phone", "verified_phone", "updated_at"])
    phone_verified.send(User, user=user)


def sign_in(*, phone: str, code: str, address: str | None = None) -> tuple[User, str]:
    """Returns the phone's user, created if new, and a new access token. Raises like `user_by_phone_code`."""
    # Outside the transaction: a wrong guess must stay counted.
    check_code(phone=phone, user=None, code=code, address=address)
    with transaction.atomic():
        user = user_of_phone(phone=phone)
        return user, create_token(user=user)


def user_by_phone_code(*, phone: str, code: str, address: str | None = None, browser: str | None = None) -> User:
    """Returns the phone's user, created if new. Raises like `check_code`, and `AccountClosed`."""
    check_code(phone=phone, user=None, code=code, address=address, browser=browser)
    return user_of_phone(phone=phone)


@transaction.atomic
def user_of_phone(*, phone: str) -> User:
    """Returns the user of a phone that was just verified, created if new. Raises `AccountClosed`."""
    user = User.objects.filter(verified_phone=phone).first()
    if user and not user.is_active:
        raise AccountClosed
    if user is None:
        user = User.objects.create_user()
        verify_phone(user=user, phone=phone)
    return user
