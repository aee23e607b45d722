"""Reads pasted lists of phone numbers and e-mail addresses, with names beside them; makes links to send these."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from accounts.emails import InvalidEmail, normalise_email
from accounts.models import User
from accounts.phones import InvalidPhone, e164_format, normalise, parse_stored
from accounts.sms_recipients import NoSmsToPhone, check_recipient

MAX_CONTACTS = 500  # of one list; a larger one is sent in parts
MAX_LIST_CHARACTERS = 50_000
_BETWEEN = re.compile("[\n\r,;\u060c\u3001\uff0c\u061b|]+")  # also the commas of Arabic and Chinese
_ADDRESS = re.compile(r"[^\s<>\"'()\[\]]+@[^\s<>\"'()\[\]]+")
# A number as people write it; what stands before or behind it is a name.
_NUMBER = re.compile(
    r"(?:tel:)?[+\uff0b(\d][\d\s().\-/\u2010-\u2015\u00a0\u200e\u200f\u202a-\u202e\u2066-\u2069]*\d"
)
_FEWEST_DIGITS = 3
# Of one contact with its name. The patterns above take time that grows with the square of the length.
_MAX_PART = 400


class TooMany(ValueError):
    """More than 500 contacts at once, or far too long a text."""


@dataclass
class ContactList:
    """What a list holds, each once, in its order: phones in their stored form, addresses, and what is neither."""

    phones: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.phones) + len(self.emails) + len(self.bad)


def read_contacts(text: str, owner: User) -> ContactList:
    """Reads numbers, dialled in the country of the owner's own, and addresses; one on a line, or between commas.

    A name beside a number or an address is left out, and so is a line without any of both that begins a list, such
    as "Guests:". Raises `TooMany`.
    """
    if len(text) > MAX_LIST_CHARACTERS:
        raise TooMany
    found = ContactList()
    for part in _parts(text):
        if len(part) > _MAX_PART:
            _add(found.phones, found.bad, part, None)
        elif address := _ADDRESS.search(part):
            _add(found.emails, found.bad, part, _email_or_none(address[0]))
        else:
            _add(found.phones, found.bad, part, _phone_or_none(part, owner))
        if len(found) > MAX_CONTACTS:
            raise TooMany
    return found


def _parts(text: str) -> Iterator[str]:
    for part in _BETWEEN.split(text):
        stripped = part.strip()
        if stripped and not (stripped.endswith(":") and not any(character.isdigit() for character in stripped)):
            yield stripped


def _add(good: list[str], bad: list[str], written: str, read: str | None) -> None:
    into, value = (bad, written) if read is None else (good, read)
    if value not in into:
        into.append(value)


def _email_or_none(text: str) -> str | None:
    try:
        return normalise_email(text.strip(".:"))
    except InvalidEmail:
        return None


def _phone_or_none(text: str, owner: User) -> str | None:
    """Returns the number of a text like `Anna (mobile) 052-293 4321`; None without one to which SMS are sent."""
    written = _NUMBER.findall(text)
    longest = max(written, key=lambda one: sum(character.isdigit() for character in one), default="")
    if sum(character.isdigit() for character in longest) < _FEWEST_DIGITS:
        return None
    try:
        phone = normalise(longest, caller_phone=owner.verified_phone or owner.phone or None)
        check_recipient(phone)
    except (InvalidPhone, NoSmsToPhone):
        return None
    # Digits of no numbering plan are a number only for somebody who wrote them so on purpose.
    is_meant = parse_stored(phone) is not None or longest.startswith("+")
    return phone if is_meant else None


def sms_uri(phone: str, text: str) -> str:
    """Returns the URI that opens the phone's own app with an SMS (RFC 5724); without a phone it asks for whom."""
    return f"sms:{e164_format(phone) if phone else ''}?&body={quote(text)}"


def mailto_uri(email: str, subject: str, text: str) -> str:
    """Returns the URI that opens the mail program with an e-mail (RFC 6068)."""
    return f"mailto:{quote(email, safe='@')}?subject={quote(subject)}&body={quote(text)}"
