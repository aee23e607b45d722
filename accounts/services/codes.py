"""Proving a phone: a code goes out by SMS, and comes back."""

import secrets
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.messaging import get_sms_backend
from accounts.models import PhoneCode, User
from accounts.services.tokens import create_token
from accounts.signals import phone_verified

WINDOW = timedelta(hours=1)


class WrongCode(Exception):
    """The code is not the one that was sent, or is no longer good."""


class TooManyTries(Exception):
    """The code has been guessed at too often and is dead."""


class TooManyCodes(Exception):
    """A phone or an address has asked for too many codes; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


def _digest(code_id: object, code: str) -> str:
    """Six digits are quickly guessed from a plain hash; without the server's key this one tells nothing."""
    return salted_hmac("accounts.phone_code", f"{code_id}:{code}", algorithm="sha256").hexdigest()


def _refuse_too_many(codes_in_window: list[datetime], limit: int) -> None:
    if len(codes_in_window) >= limit:
        wait = codes_in_window[-limit] + WINDOW - timezone.now()
        raise TooManyCodes(max(1, ceil(wait.total_seconds())))


def _lock(name: str) -> None:
    """Lets one request at a time count and add codes. SQLite's transactions are already one at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@transaction.atomic
def _new_code(*, phone: str, user: User | None, address: str | None) -> str:
    _lock("accounts.phone_code")
    recent = PhoneCode.objects.filter(created_at__gt=timezone.now() - WINDOW).order_by("created_at")
    times = recent.values_list("created_at", flat=True)
    _refuse_too_many(list(times.filter(phone=phone)), settings.PHONE_CODES_PER_HOUR)
    if address:
        _refuse_too_many(list(times.filter(address=address)), settings.PHONE_CODES_PER_ADDRESS_PER_HOUR)
    older = PhoneCode.objects.open().filter(user=user)
    (older if user else older.filter(phone=phone)).update(closed_at=timezone.now())
    code = f"{secrets.randbelow(1_000_000):06}"
    row = PhoneCode(
        phone=phone,
        user=user,
        address=address,
        expires_at=timezone.now() + timedelta(seconds=settings.PHONE_CODE_SECONDS),
    )
    row.digest = _digest(row.id, code)
    row.save()
    return code


def send_code(*, phone: str, user: User | None = None, address: str | None = None) -> None:
    """Sends a fresh code to the phone and voids the one before it.

    With a user the code proves that user's phone, without one it signs in. The SMS goes out at once and not by a
    task: a broker that keeps its messages in files would keep the code in the clear.
    Raises `TooManyCodes`, and `accounts.messaging.MessageNotSent` when the gateway does not take it.
    """
    code = _new_code(phone=phone, user=user, address=address)
    get_sms_backend().send({"to": phone, "body": f"Your Pickeez code is {code}"})


def check_code(*, phone: str, user: User | None, code: str) -> None:
    """Uses up the open code if this is it. Raises `WrongCode` or `TooManyTries`."""
    row = PhoneCode.objects.open().filter(user=user, phone=phone).order_by("-created_at").first()
    if row is None:
        raise WrongCode
    # Counted in the database before comparing: guesses sent at the same moment are all counted.
    tried = PhoneCode.objects.filter(pk=row.pk, tries__lt=settings.PHONE_CODE_TRIES).update(tries=F("tries") + 1)
    if not tried:
        raise TooManyTries
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


def sign_in(*, phone: str, code: str) -> tuple[User, str]:
    """The user of a phone, made if new, and a fresh token. Raises like `check_code`."""
    check_code(phone=phone, user=None, code=code)  # not inside the transaction: a wrong try must stay counted
    with transaction.atomic():
        user = User.objects.filter(verified_phone=phone).first()
        if user is None:
            user = User.objects.create_user()
            verify_phone(user=user, phone=phone)
        return user, create_token(user=user)
