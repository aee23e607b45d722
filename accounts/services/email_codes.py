"""Verifies e-mail addresses by codes and links that are sent by e-mail."""

import secrets
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.messaging.email import send_email
from accounts.models import EmailCode, User
from accounts.services.one_time_codes import (
    AccountClosed,
    WrongCode,
    check_unlocked,
    fill_in,
    limits_for_code,
    redeem,
    requester_of,
)
from accounts.services.throttling import RateLimit, consume
from accounts.services.tokens import token_digest
from accounts.signals import email_verified


class Letter(NamedTuple):
    """The words of an e-mail: one line of subject, and plain text."""

    subject: str
    body: str


@transaction.atomic
def _create_code(*, email: str, user: User | None, requester: str) -> tuple[str, str]:
    older = EmailCode.objects.open().filter(user=user, requester=requester)
    (older if user else older.filter(email=email)).update(closed_at=timezone.now())
    token = secrets.token_urlsafe(32)
    row = EmailCode(email=email, user=user, requester=requester, link_digest=token_digest(token))
    code = fill_in(row)
    row.save()
    return code, token


def send_email_code(
    *,
    email: str,
    write: Callable[[str, str], Letter],
    user: User | None = None,
    address: str | None = None,
    browser: str | None = None,
) -> None:
    """Sends a new code to the address and invalidates the requester's previous one. Otherwise like `send_code`.

    `write` makes the e-mail from the code and the token of the link, which can be used instead of it when there is
    no user. Raises `ContactLocked`, `RateLimitExceeded`, and `accounts.messaging.MessageNotSent`.
    """
    check_unlocked(email)
    limits = limits_for_code(what="code to e-mail", contact=email, address=address)
    consume([*limits, RateLimit("e-mail", "all", settings.EMAILS_PER_HOUR)])
    requester = requester_of(user=user, browser=browser, address=address)
    letter = write(*_create_code(email=email, user=user, requester=requester))
    send_email(to=email, subject=letter.subject, body=letter.body)


def check_email_code(
    *, email: str, user: User | None, code: str, address: str | None = None, browser: str | None = None
) -> None:
    """Closes the requester's open code of the address if `code` is right. Raises like `check_code`."""
    redeem(
        EmailCode.objects.filter(user=user, email=email),
        contact=email,
        requester=requester_of(user=user, browser=browser, address=address),
        code=code,
        address=address,
    )


@transaction.atomic
def verify_email(*, user: User, email: str) -> None:
    """Makes the address the user's. A user who had it before loses the address but not their albums."""
    User.objects.filter(verified_email=email).exclude(pk=user.pk).update(
        verified_email=None, updated_at=timezone.now()
    )
    user.email = user.verified_email = email
    user.save(update_fields=["email", "verified_email", "updated_at"])
    email_verified.send(User, user=user)


def user_by_email_code(*, email: str, code: str, address: str | None = None, browser: str | None = None) -> User:
    """Returns the address's user, created if new. Raises like `check_code`, and `AccountClosed`."""
    check_email_code(email=email, user=None, code=code, address=address, browser=browser)
    return user_of_email(email=email)


@transaction.atomic
def user_of_email(*, email: str) -> User:
    """Returns the user of an address that was just verified, created if new. Raises `AccountClosed`."""
    user = User.objects.filter(verified_email=email).first()
    if user and not user.is_active:
        raise AccountClosed
    if user is None:
        user = User.objects.create_user()
        verify_email(user=user, email=email)
    return user


def open_email_code(token: str) -> EmailCode | None:
    """Returns the open code whose e-mail has the link with this token; None when the link is dead."""
    return EmailCode.objects.open().filter(user=None, link_digest=token_digest(token)).first()


def user_by_email_link(*, token: str) -> User:
    """Returns the user of the address that the link was sent to. Raises `WrongCode` and `AccountClosed`."""
    row = open_email_code(token)
    if row is None or not EmailCode.objects.open().filter(pk=row.pk).update(closed_at=timezone.now()):
        raise WrongCode
    return user_of_email(email=row.email)
