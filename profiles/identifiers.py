"""Validates the ids of apps, devices, apps' own users and owners."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

APP_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MAX_APP_ID = 64
MAX_ID = 128
# The zero-width joiner and non-joiner: some scripts need them, but `str.isprintable` refuses them.
JOINERS = "\u200c\u200d"

validate_app_id = RegexValidator(rf"\A{APP_ID.pattern}\Z", "1 to 64 letters, digits, '.', '_' and '-' of ASCII.")


def is_printable(text: str) -> bool:
    """Allows letters, marks, digits, signs and spaces of any script; no control characters or surrogates."""
    return text.isprintable() or all(
        character.isprintable() or character in JOINERS or unicodedata.category(character) == "Zs"
        for character in text
    )


def is_id(text: str) -> bool:
    """Returns whether the text may be the id of a device, user or owner: 1 to 128 printable characters."""
    return 1 <= len(text) <= MAX_ID and is_printable(text)


def is_app_id(text: str) -> bool:
    return APP_ID.fullmatch(text) is not None


def validate_id(text: str) -> None:
    if not is_id(text):
        raise ValidationError("1 to 128 printable characters.", code="bad_id")
