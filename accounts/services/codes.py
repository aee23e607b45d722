"""Verifies phones by codes that are sent by SMS."""

import secrets
from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.messaging import get_sms_backend
from accounts.models import PhoneCode, User
from accounts.services.sms_limits import limits_for_all_sms
from accounts.services.throttling import RateLimit, RateLimitExceeded, address_limit, consume
from accounts.services.tokens import create_token
from accounts.signals import phone_verified
from accounts.sms_recipients import check_recipient

# Numbers that differ only in their last digits mostly belong to one operator. SMS fraud uses such ranges.
RANGE_DIGITS = 3
SHORTEST_RANGE = 6


class WrongCode(Exception):
    """The code is not the one that was sent, or no longer valid."""


class TooManyGuesses(RateLimitExceeded):
    """Too many wrong guesses have invalidated the code. `retry_after` is the rest of its lifetime in seconds."""


def _digest(code_id: object, code: str) -> str:
    """Returns a hash with the server's key: from a plain hash, six digits could be guessed quickly."""
    return salted_hmac("accounts.phone_code", f"{code_id}:{code}", algorithm="sha256").hexdigest()


@transaction.atomic
def _create_code(*, phone: str, user: User | None) -> str:
    older = PhoneCode.objects.open().filter(user=user)
    (older if user else older.filter(phone=phone)).update(closed_at=timezone.now())
    code = f"{secrets.randbelow(1_000_000):06}"
    lifetime = timedelta(seconds=settings.PHONE_CODE_SECONDS)
    row = PhoneCode(phone=phone, user=user, expires_at=timezone.now() + lifetime)
    row.digest = _digest(row.id, code)
    row.save()
    return code


def send_code(*, phone: str, user: User | None = None, address: str | None = None) -> None:
    """Sends a new code to the phone and invalidates the previous one.

    With a user the code verifies that user's phone; without one it signs in. The SMS is sent at once and not by a
    task, because a broker that stores its messages in files would store the code in plain text.
    Raises `NoSmsToPhone`, `RateLimitExceeded`, and `accounts.messaging.MessageNotSent` when the gateway does not
    accept it.
    """
    check_recipient(phone)
    limits = [RateLimit("code to phone", phone, settings.PHONE_CODES_PER_HOUR), *limits_for_all_sms([phone])]
    if len(phone) - RANGE_DIGITS >= SHORTEST_RANGE:
        limits.append(RateLimit("code to range", phone[:-RANGE_DIGITS], settings.PHONE_CODES_PER_RANGE_PER_HOUR))
    if address:
        limits.append(address_limit("code for address", address, settings.PHONE_CODES_PER_ADDRESS_PER_HOUR))
    consume(limits)
    code = _create_code(phone=phone, user=user)
    get_sms_backend().send({"to": phone, "body": f"Your Pickeez code is {code}"})


def check_code(*, phone: str, user: User | None, code: str, address: str | None = None) -> None:
    """Closes the phone's open code if `code` is right, so that it works only once.

    Raises `WrongCode`, `TooManyGuesses`, and `RateLimitExceeded` for an address that guesses too often.
    """
    if address:
        consume([address_limit("guess by address", address, settings.PHONE_GUESSES_PER_ADDRESS_PER_HOUR)])
    row = PhoneCode.objects.open().filter(user=user, phone=phone).order_by("-created_at").first()
    if row is None:
        raise WrongCode
    # Counted in the database before comparing, so that guesses sent at the same moment are all counted.
    counted = PhoneCode.objects.filter(pk=row.pk, tries__lt=settings.PHONE_CODE_TRIES).update(tries=F("tries") + 1)
    if not counted:
        raise TooManyGuesses(max(1, ceil((row.expires_at - timezone.now()).total_seconds())))
    if not constant_time_compare(row.digest, _digest(row.id, code)):
        raise WrongCode
    if not PhoneCode.objects.open().filter(pk=row.pk).update(closed_at=timezone.now()):
        raise WrongCode


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
    """Returns the phone's user, created if new, and a new access token. Raises like `check_code`."""
    # Outside the transaction: a wrong guess must stay counted.
    check_code(phone=phone, user=None, code=code, address=address)
    with transaction.atomic():
        user = User.objects.filter(verified_phone=phone).first()
        if user and not user.is_active:
            raise WrongCode
        if user is None:
            user = User.objects.create_user()
            verify_phone(user=user, phone=phone)
        return user, create_token(user=user)
