"""Strict readers of the process environment.

Each reader returns the default when the variable is unset or empty, and raises
`ImproperlyConfigured` naming the variable when its value is not exactly one of the allowed forms.
"""

import os
import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

MAX_DIGITS = 18  # what fits the widest integer of a database


def _wrong(name: str, allowed: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The environment variable {name} must be {allowed}.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def identifier(name: str) -> str:
    """Letters, digits, dashes and underscores; may be empty."""
    value = text(name)
    if not re.fullmatch(r"[\w-]{0,50}", value, re.ASCII):
        raise _wrong(name, "letters, digits, dashes and underscores, at most 50")
    return value


def boolean(name: str, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise _wrong(name, "true or false")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    value = text(name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS and int(value) >= minimum):
        raise _wrong(name, f"a whole number of at least {minimum}")
    return int(value)


def choice(name: str, allowed: Sequence[str], default: str) -> str:
    value = text(name, default)
    if value not in allowed:
        raise _wrong(name, "one of " + ", ".join(allowed))
    return value


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A comma-separated list; blanks around and between the items are dropped."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def url(name: str, default: str = "") -> str:
    """An http(s) URL without a trailing slash."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if value and not good:
        raise _wrong(name, "an http(s) URL")
    return value.rstrip("/")


def dotted_path(name: str, default: str) -> str:
    value = text(name, default)
    if "." not in value or not all(part.isidentifier() for part in value.split(".")):
        raise _wrong(name, "the dotted path of a class")
    return value


def directory(name: str, default: Path) -> Path:
    try:
        return Path(text(name, str(default))).expanduser().resolve()
    except (RuntimeError, OSError, ValueError) as error:
        raise _wrong(name, "the path of a directory") from error


def file(name: str, default: Path) -> Path:
    """The path of a file, which need not be there."""
    path = directory(name, default)
    if path.is_dir():
        raise _wrong(name, "the path of a file")
    return path


def directories(name: str) -> list[Path]:
    """A comma-separated list of absolute paths; the directories need not be there yet."""
    paths = [Path(word) for word in words(name)]
    if not all(path.is_absolute() for path in paths):
        raise _wrong(name, "a list of absolute paths")
    return paths


def id_or_phone(name: str) -> str:
    """What names a user: an id, or a phone in digits with country code."""
    value = text(name)
    try:
        good = not value or bool(re.fullmatch(r"\+?[0-9]{3,15}", value)) or bool(UUID(value))
    except ValueError:
        good = False
    if not good:
        raise _wrong(name, "a user's id or phone")
    return value


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of IP addresses or networks in CIDR form."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise _wrong(name, "a list of IP addresses or networks") from error
