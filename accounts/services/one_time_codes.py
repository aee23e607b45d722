"""Codes of six digits: what holds for all of them, whatever sends them."""

import secrets
from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import CodeModel, OneTimeCode, OneTimeCodeQuerySet
from accounts.services.throttling import RateLimitExceeded, address_limit, consume


class WrongCode(Exception):
    """The code is not the one that was sent, or no longer valid."""


class AccountClosed(WrongCode):
    """The code is right, but an operator has deactivated its user."""


class TooManyGuesses(RateLimitExceeded):
    """Too many wrong guesses have invalidated the code. `retry_after` is the rest of its lifetime in seconds."""


def _digest(code_id: object, code: str) -> str:
    """Returns a hash with the server's key: from a plain hash, six digits could be guessed quickly."""
    return salted_hmac("accounts.phone_code", f"{code_id}:{code}", algorithm="sha256").hexdigest()


def fill_in(row: OneTimeCode) -> str:
    """Gives the unsaved row a new code, and returns the code."""
    code = f"{secrets.randbelow(1_000_000):06}"
    row.expires_at = timezone.now() + timedelta(seconds=settings.PHONE_CODE_SECONDS)
    row.digest = _digest(row.id, code)
    return code


def redeem(codes: OneTimeCodeQuerySet[CodeModel], *, code: str, address: str | None) -> None:
    """Closes the newest open one of `codes` if `code` is right, so that it works only once.

    Raises `WrongCode`, `TooManyGuesses`, and `RateLimitExceeded` for an address that guesses too often.
    """
    if address:
        consume([address_limit("guess by address", address, settings.PHONE_GUESSES_PER_ADDRESS_PER_HOUR)])
    row = codes.open().order_by("-created_at").first()
    if row is None:
        raise WrongCode
    # Counted in the database before comparing, so that guesses sent at the same moment are all counted.
    limited = codes.filter(pk=row.pk, tries__lt=settings.PHONE_CODE_TRIES)
    if not limited.update(tries=F("tries") + 1):
        raise TooManyGuesses(max(1, ceil((row.expires_at - timezone.now()).total_seconds())))
    if not constant_time_compare(row.digest, _digest(row.id, code)):
        raise WrongCode
    if not codes.open().filter(pk=row.pk).update(closed_at=timezone.now()):
        raise WrongCode
