"""Proving a phone: a code goes out by SMS, and comes back."""

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
from accounts.services.throttling import Limit, TooMany, consume
from accounts.services.tokens import create_token
from accounts.signals import phone_verified

# Numbers that differ only in their last digits are mostly one operator's: whoever pumps SMS uses such a range.
RANGE_DIGITS = 3
SHORTEST_RANGE = 6


class WrongCode(Exception):
    """The code is not the one that was sent, or is no longer good."""


class TooManyTries(TooMany):
    """The code has been guessed at too often and is dead; `retry_after` is how long it would have lived."""


def _digest(code_id: object, code: str) -> str:
    """Six digits are quickly guessed from a plain hash; without the server's key this one tells nothing."""
    return salted_hmac("accounts.phone_code", f"{code_id}:{code}", algorithm="sha256").hexdigest()


def _sending_limits(phone: str, address: str | None) -> list[Limit]:
    limits = [Limit("code to phone", phone, settings.PHONE_CODES_PER_HOUR)]
    if len(phone) - RANGE_DIGITS >= SHORTEST_RANGE:
        limits.append(Limit("code to range", phone[:-RANGE_DIGITS], settings.PHONE_CODES_PER_RANGE_PER_HOUR))
    if address:
        limits.append(Limit("code for address", address, settings.PHONE_CODES_PER_ADDRESS_PER_HOUR))
    return limits


@transaction.atomic
def _new_code(*, phone: str, user: User | None) -> str:
    older = PhoneCode.objects.open().filter(user=user)
    (older if user else older.filter(phone=phone)).update(closed_at=timezone.now())
    code = f"{secrets.randbelow(1_000_000):06}"
    lifetime = timedelta(seconds=settings.PHONE_CODE_SECONDS)
    row = PhoneCode(phone=phone, user=user, expires_at=timezone.now() + lifetime)
    row.digest = _digest(row.id, code)
    row.save()
    return code


def send_code(*, phone: str, user: User | None = None, address: str | None = None) -> None:
    """Sends a fresh code to the phone and voids the one before it.

    With a user the code proves that user's phone, without one it signs in. The SMS goes out at once and not by a
    task: a broker that keeps its messages in files would keep the code in the clear.
    Raises `TooMany`, and `accounts.messaging.MessageNotSent` when the gateway does not take it.
    """
    consume(_sending_limits(phone, address))
    code = _new_code(phone=phone, user=user)
    get_sms_backend().send({"to": phone, "body": f"Your Pickeez code is {code}"})


def check_code(*, phone: str, user: User | None, code: str, address: str | None = None) -> None:
    """Uses up the open code if this is it.

    Raises `WrongCode`, `TooManyTries`, and `TooMany` for an address that guesses too often.
    """
    if address:
        consume([Limit("guess by address", address, settings.PHONE_GUESSES_PER_ADDRESS_PER_HOUR)])
    row = PhoneCode.objects.open().filter(user=user, phone=phone).order_by("-created_at").first()
    if row is None:
        raise WrongCode
    # Counted in the database before comparing: guesses sent at the same moment are all counted.
    tried = PhoneCode.objects.filter(pk=row.pk, tries__lt=settings.PHONE_CODE_TRIES).update(tries=F("tries") + 1)
    if not tried:
        raise TooManyTries(max(1, ceil((row.expires_at - timezone.now()).total_seconds())))
    if not constant_time_compare(row.digest, _digest(row.id, code)):
        raise WrongCode
    if not PhoneCode.objects.open().filter(pk=row.pk).update(closed_at=timezone.now()):
        raise WrongCode


def set_phone(*, user: User, phone: str, address: str | None = None) -> None:
    """Stores the phone as not yet proved and sends a code to it."""
    user.phone = phone
    user.save(update_fields=["phone", "updated_at"])
    send_code(phone=phone, user=user, address=address)


@transaction.atomic
def verify_phone(*, user: User, phone: str) -> None:
    """The phone is the user's from now on; whoever had it before keeps their albums but not the number."""
    User.objects.filter(verified_phone=phone).exclude(pk=user.pk).update(
        verified_phone=None, updated_at=timezone.now()
    )
    user.phone = user.verified_phone = phone
    user.save(update_fields=["phone", "verified_phone", "updated_at"])
    phone_verified.send(User, user=user)


def sign_in(*, phone: str, code: str, address: str | None = None) -> tuple[User, str]:
    """The user of a phone, made if new, and a fresh token. Raises like `check_code`."""
    check_code(
        phone=phone, user=None, code=code, address=address
    )  # not inside the transaction: a wrong try must stay counted
    with transaction.atomic():
        user = User.objects.filter(verified_phone=phone).first()
        if user and not user.is_active:
            raise WrongCode
        if user is None:
            user = User.objects.create_user()
            verify_phone(user=user, phone=phone)
        return user, create_token(user=user)
