"""Reads e-mail addresses. They are stored in lower case, so that one address is one user."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

MAX_CHARACTERS = 254  # RFC 5321 allows a path of 256 with its brackets


class InvalidEmail(ValueError):
    """The text cannot be read as an e-mail address."""


def normalise_email(text: str) -> str:
    """Returns the address in lower case, without blanks around it or a leading `mailto:`.

    Raises `InvalidEmail`. Hosts that tell upper from lower case in the part before the @ are not in use.
    """
    address = unicodedata.normalize("NFKC", text).strip().removeprefix("mailto:").lower()
    if len(address) > MAX_CHARACTERS:
        raise InvalidEmail(f"An e-mail address has at most {MAX_CHARACTERS} characters.")
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidEmail("This is not an e-mail address.") from error
    return address


def masked_email(address: str) -> str:
    """Returns the address as `g···@example.org`: its owner recognises it, others learn little."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}···@{host}"
