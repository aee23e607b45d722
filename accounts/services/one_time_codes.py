"""Codes of six digits: what holds for all of them, whatever sends them.

A code is bound to who has asked for it. Only they can try it, so nobody else's guesses use up its tries, and
nobody else learns whether there is one.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import CodeModel, OneTimeCode, OneTimeCodeQuerySet, User, WrongGuesses
from accounts.services.throttling import DAY, RateLimit, RateLimitExceeded, address_limit, consume
from accounts.services.tokens import token_digest
from core.addresses import customer


class WrongCode(Exception):
    """The code is not the one that was sent, or no longer valid."""


class AccountClosed(WrongCode):
    """The code is right, but an operator has deactivated its user."""


class TooManyGuesses(RateLimitExceeded):
    """Too many wrong guesses have invalidated the code. `retry_after` is the rest of its lifetime in seconds."""


class ContactLocked(PermissionDenied):
    """Too many wrong codes were tried at the phone or address: only an operator opens it again."""

    def __init__(self) -> None:
        super().__init__("Please ask the operator of this server.")


def requester_of(*, user: User | None, browser: str | None, address: str | None) -> str:
    """Returns a hash of who asks for a code: a signed-in user, else a browser, else an address (or IPv6 /64)."""
    if user:
        return token_digest(f"user {user.pk}")
    return token_digest(f"browser {browser}" if browser else f"address {customer(address or '')}")


def limits_for_code(*, what: str, contact: str, address: str | None) -> list[RateLimit]:
    """Returns the limits that a code to this contact counts against.

    By the hour they count for the address that asks: if it counted for the contact, strangers could keep its
    holder from a code. By the day they count for the contact, which bounds how often strangers can disturb it.
    """
    key = contact if contact.isdigit() else token_digest(contact)  # an address may be too long
    by_address = f"{what} by address"
    per_day = max(settings.PHONE_CODES_PER_DAY, settings.PHONE_CODES_PER_HOUR)
    limits = [
        RateLimit(what, key, per_day, window=DAY),
        RateLimit(by_address, token_digest(f"{customer(address or '')} {contact}"), settings.PHONE_CODES_PER_HOUR),
    ]
    if address:
        limits.append(address_limit("code for address", address, settings.PHONE_CODES_PER_ADDRESS_PER_HOUR))
    return limits


def fill_in(row: OneTimeCode) -> str:
    """Gives the unsaved row a new code, and returns the code."""
    code = f"{secrets.randbelow(1_000_000):06}"
    row.expires_at = timezone.now() + timedelta(seconds=settings.PHONE_CODE_SECONDS)
    row.digest = _digest(row.id, code)
    return code


def check_unlocked(contact: str) -> None:
    """Raises `ContactLocked`."""
    if WrongGuesses.objects.filter(pk=contact, count__gte=settings.WRONG_CODES_PER_CONTACT).exists():
        raise ContactLocked


def unlock_contacts(*, contacts: Sequence[str]) -> int:
    """Forgets the wrong guesses at these phones and e-mail addresses; returns how many of them had any."""
    return WrongGuesses.objects.filter(pk__in=contacts).delete()[0]


def redeem(
    codes: OneTimeCodeQuerySet[CodeModel], *, contact: str, requester: str, code: str, address: str | None
) -> None:
    """Closes the newest open one of `codes` that `requester` has asked for, if `code` is right.

    Without an open one, guesses are answered just as with one. A code that was sent before the contact was locked
    can be tried once: so strangers do not keep its holder out. Raises `WrongCode`, `TooManyGuesses`,
    `ContactLocked`, and `RateLimitExceeded` for an address that guesses too often.
    """
    if address:
        consume([address_limit("guess by address", address, settings.PHONE_GUESSES_PER_ADDRESS_PER_HOUR)])
    row = codes.open().filter(requester=requester).order_by("-created_at").first()
    if row is None or row.tries:
        check_unlocked(contact)
    if row is None:
        _refuse_without_code(f"{requester} {contact}", code)
    _count_try(codes, row, contact)
    if not constant_time_compare(row.digest, _digest(row.id, code)):
        raise WrongCode
    if not codes.open().filter(pk=row.pk).update(closed_at=timezone.now()):
        raise WrongCode
    unlock_contacts(contacts=[contact])


def _count_try(codes: OneTimeCodeQuerySet[CodeModel], row: CodeModel, contact: str) -> None:
    """Counts a guess in the database before it is compared, so that guesses of the same moment are all counted."""
    limited = codes.filter(pk=row.pk, tries__lt=settings.PHONE_CODE_TRIES)
    if not limited.update(tries=F("tries") + 1):
        raise TooManyGuesses(max(1, ceil((row.expires_at - timezone.now()).total_seconds())))
    WrongGuesses.objects.get_or_create(pk=contact)
    open_contact = WrongGuesses.objects.filter(pk=contact, count__lt=settings.WRONG_CODES_PER_CONTACT)
    # `tries` as it was read: a code is good for one guess, even when others have locked the contact.
    is_first = row.tries == 0
    if not open_contact.update(count=F("count") + 1, last_at=timezone.now()) and not is_first:
        raise ContactLocked


def _refuse_without_code(guesser: str, code: str) -> NoReturn:
    window = timedelta(seconds=settings.PHONE_CODE_SECONDS)
    try:
        consume([RateLimit("guess without code", token_digest(guesser), settings.PHONE_CODE_TRIES, window=window)])
    except RateLimitExceeded as error:
        raise TooManyGuesses(error.retry_after) from None
    constant_time_compare(_digest("none", code), _digest("none", ""))  # as long as with a code
    raise WrongCode


def _digest(code_id: object, code: str) -> str:
    """Returns a hash with the server's key: from a plain hash, six digits could be guessed quickly."""
    return salted_hmac("accounts.phone_code", f"{code_id}:{code}", algorithm="sha256").hexdigest()
