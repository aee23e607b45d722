"""Signing a browser in: whom a code is sent to, the words of the messages, and what may go wrong, in words."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.emails import InvalidEmail, masked_email, normalise_email
from accounts.messaging import MessageNotSent
from accounts.models import User
from accounts.phones import InvalidPhone, international_format, normalise, parse_stored
from accounts.services import (
    AccountClosed,
    ContactLocked,
    Letter,
    RateLimitExceeded,
    WrongCode,
    check_code,
    check_email_code,
    send_code,
    send_email_code,
    user_by_email_code,
    user_by_phone_code,
    user_of_email,
    user_of_phone,
    verify_email,
    verify_phone,
)
from accounts.sms_recipients import NoSmsToPhone
from pickeez_site.serving.proxies import client_address

logger = logging.getLogger(__name__)
BACKEND = "accounts.backends.PasswordlessBackend"
EMAIL_OUTBOX = "accounts.messaging.email_outbox.EmailBackend"
CODE_DIGITS = 6
ASKED_BY = "asked_by"  # the secret of a browser to which its codes are bound
ASKING_SECONDS = 3600
SHOWN_DIGITS = 4


class Refusal(Exception):
    """What was asked for cannot be done. The text says so to people, in their language."""

    def __init__(self, words: str, *, status: int, retry_after: int | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.status = status
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


@dataclass(frozen=True)
class Contact:
    """Where a code is sent to: a phone in its stored form, or an e-mail address in lower case."""

    phone: str = ""
    email: str = ""

    def __str__(self) -> str:
        return international_format(self.phone) if self.phone else self.email

    @property
    def reaches_people(self) -> bool:
        """Whether messages leave the server, or only its operator can read them."""
        if self.email:
            return str(settings.EMAIL_BACKEND) != EMAIL_OUTBOX
        return bool(import_string(settings.SMS_BACKEND).reaches_people)

    @property
    def masked(self) -> str:
        """Tells its owner which of theirs it is, and others little."""
        return f"··· {self.phone[-SHOWN_DIGITS:]}" if self.phone else masked_email(self.email)

    def is_of(self, user: User) -> bool:
        """Returns whether the user has verified it."""
        return user.verified_phone == self.phone if self.phone else user.verified_email == self.email

    def send_code(self, request: HttpRequest, *, user: User | None = None) -> None:
        """Sends a code to sign in, or to verify it for `user`. Raises `Refusal`."""
        asker = {"address": client_address(request), "browser": secret_of_browser(request)}
        with in_words():
            if self.email:
                write = verifying_letter if user else letter
                send_email_code(email=self.email, write=write, user=user, **asker)
            else:
                send_code(phone=self.phone, text=sms, user=user, **asker)

    def user_by_own_code(self, code: str, request: HttpRequest, *, user: User) -> User:
        """Returns who has the contact already; nobody, then it becomes that of `user`, to whom the code was sent.

        Raises `Refusal`.
        """
        digits, address = read_code(code), client_address(request)
        mine = {"verified_phone": self.phone} if self.phone else {"verified_email": self.email}
        with in_words():
            if self.email:
                check_email_code(email=self.email, user=user, code=digits, address=address)
            else:
                check_code(phone=self.phone, user=user, code=digits, address=address)
            if User.objects.filter(**mine).exists():
                return user_of_email(email=self.email) if self.email else user_of_phone(phone=self.phone)
            if self.email:
                verify_email(user=user, email=self.email)
            else:
                verify_phone(user=user, phone=self.phone)
        return user

    def user_by_code(self, code: str, request: HttpRequest) -> User:
        """Returns the user whom the code signs in, created if new. Raises `Refusal`."""
        digits = read_code(code)
        asker = {"address": client_address(request), "browser": secret_of_browser(request)}
        with in_words():
            if self.email:
                return user_by_email_code(email=self.email, code=digits, **asker)
            return user_by_phone_code(phone=self.phone, code=digits, **asker)


def secret_of_browser(request: HttpRequest) -> str:
    """Returns what only this browser has, which is made when it first asks for a code or tries one."""
    secret = request.session.get(ASKED_BY)
    if not isinstance(secret, str):
        secret = request.session[ASKED_BY] = secrets.token_urlsafe(24)
        if not request.user.is_authenticated:
            request.session.set_expiry(ASKING_SECONDS)
    return secret


def read_contact(text: str, request: HttpRequest) -> Contact:
    """Reads what somebody typed as a phone, dialled in the country of their browser, or an e-mail address.

    Raises `Refusal`.
    """
    if not text.strip():
        raise Refusal(_("Please type your phone number or your e-mail address."), status=400)
    if "@" in text:
        try:
            return Contact(email=normalise_email(text))
        except InvalidEmail:
            raise Refusal(_("This is not an e-mail address. Please check it."), status=400) from None
    words = _("This is not a phone number. Please write it with the country code, like +1 202 555 0143.")
    try:
        phone = normalise(text, region=_region_of(request))
    except InvalidPhone:
        raise Refusal(words, status=400) from None
    # Digits of no numbering plan are a number only for somebody who wrote them so on purpose.
    if parse_stored(phone) is None and not text.strip().startswith("+"):
        raise Refusal(words, status=400)
    return Contact(phone=phone)


def _region_of(request: HttpRequest) -> str | None:
    """Returns the country in the first language of the browser that names one, as `IL` in `he-IL`."""
    for language, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        region = language.rpartition("-")[2]
        if region != language and len(region) == 2:
            return region.upper()
    return None


def read_code(text: str) -> str:
    """Returns the digits of a code as people copy it, with blanks or `#`. Raises `Refusal`."""
    digits = "".join(text.split()).replace("-", "").removeprefix("#")
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise Refusal(_("The code has six digits. Please type it as it is in the message."), status=400)
    return digits


def sms(code: str) -> str:
    """Returns the SMS of a code. Browsers offer the code of its last line to pages of this host only.

    The form is that of the WICG's "Origin-bound one-time codes delivered via SMS".
    """
    words = _("Your Pickeez code is %(code)s") % {"code": code}
    return f"{words}\n\n@{urlsplit(settings.PUBLIC_URL).hostname} #{code}"


def letter(code: str, token: str) -> Letter:
    """Returns the e-mail of a code, with the link that signs in instead of it."""
    link = sign_in_link_url(token)
    words = _("Your Pickeez code is %(code)s") % {"code": code}
    body = _(
        "%(words)s.\n\nOr open this link and press the button there:\n%(link)s\n\n"
        "Both are valid for %(minutes)d minutes. If you did not ask for them, there is nothing to do."
    )
    return Letter(words, body % {"words": words, "link": link, "minutes": settings.PHONE_CODE_SECONDS // 60})


def verifying_letter(code: str, token: str) -> Letter:
    """Returns the e-mail of a code that adds the address to an account; it has no link, which would sign in."""
    words = _("Your Pickeez code is %(code)s") % {"code": code}
    return Letter(words, f"{words}.")


def sign_in_link_url(token: str) -> str:
    """Returns the whole address of the link with this token."""
    return settings.PUBLIC_URL + reverse("gallery:sign-in-link", args=[token])


@contextmanager
def in_words() -> Iterator[None]:
    """Turns the errors of sending and checking codes into `Refusal`."""
    try:
        yield
    except NoSmsToPhone:
        words = _("This server sends no SMS to this number. Please use another one, or your e-mail address.")
        raise Refusal(words, status=400) from None
    except RateLimitExceeded as error:
        words = _("That was too often. Please try again in %(time)s.") % {"time": time_in_words(error.retry_after)}
        raise Refusal(words, status=429, retry_after=error.retry_after) from None
    except ContactLocked:
        raise Refusal(_("Please ask the operator of this server."), status=403) from None
    except AccountClosed:
        raise Refusal(_("This account was closed by the operator of the server."), status=403) from None
    except WrongCode:
        words = _(
            "This code is wrong, or it is no longer valid. Only the newest one is. Try again, or get a new one."
        )
        raise Refusal(words, status=403) from None
    except MessageNotSent as error:
        logger.warning("A code was not sent: %s", error)
        words = _("The message could not be sent. Please check where it goes to, and try again in a minute.")
        raise Refusal(words, status=503, retry_after=60) from None
    except ImproperlyConfigured:
        logger.exception("Codes cannot be sent.")
        words = _(
            "This server cannot send messages at the moment. Its operator can send you a link to sign in with."
        )
        raise Refusal(words, status=503, retry_after=3600) from None


def time_in_words(seconds: int) -> str:
    """Returns a time to wait, rounded up to minutes."""
    minutes = max(1, ceil(seconds / 60))
    return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}


def sign_in_browser(request: HttpRequest, user: User) -> None:
    """Signs the browser in, by a new session key; a session of somebody else ends."""
    login(request, user, backend=BACKEND)
    request.session.set_expiry(None)  # the cookie's usual age, whatever the session was before
