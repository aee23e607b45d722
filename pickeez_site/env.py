"""Strict readers of the process environment.

Each reader returns the default when the variable is unset or empty, and raises
`ImproperlyConfigured` naming the variable when its value is not exactly one of the allowed forms.
"""

import os
import re
from collections.abc import Mapping, Sequence
from email.utils import getaddresses
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import dj_email_url
from django.core.exceptions import ImproperlyConfigured

MAX_DIGITS = 18  # fits into the widest integer type of a database


def _invalid(name: str, allowed: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The environment variable {name} must be {allowed}.")


def text(name: str, default: str = "") -> str:
    """The value without surrounding blanks."""
    return os.environ.get(name, "").strip() or default


def identifier(name: str) -> str:
    """Letters, digits, dashes and underscores; may be empty."""
    value = text(name)
    if not re.fullmatch(r"[\w-]{0,50}", value, re.ASCII):
        raise _invalid(name, "letters, digits, dashes and underscores, at most 50")
    return value


def boolean(name: str, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise _invalid(name, "true or false")


def integer(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    value = text(name)
    if not value:
        return default
    is_number = value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
    if not is_number or int(value) < minimum or (maximum is not None and int(value) > maximum):
        allowed = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        raise _invalid(name, f"a whole number {allowed}")
    return int(value)


def octal(name: str, default: int) -> int:
    """A file mode in octal digits, such as 027."""
    value = text(name)
    if not value:
        return default
    if not re.fullmatch(r"0?[0-7]{3}", value):
        raise _invalid(name, "three octal digits, such as 077")
    return int(value, 8)


def choice(name: str, allowed: Sequence[str], default: str) -> str:
    value = text(name, default)
    if value not in allowed:
        raise _invalid(name, "one of " + ", ".join(allowed))
    return value


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A comma-separated list; blanks around and between the items are dropped."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def countries(name: str) -> list[str]:
    """A comma-separated list of ISO 3166 codes in capitals; only countries with phones are known."""
    codes = words(name)
    if codes:
        from accounts.phones import COUNTRIES

        if set(codes) - COUNTRIES:
            raise _invalid(name, "a list of ISO 3166 codes, such as US,IL")
    return codes


def url(name: str, default: str = "") -> str:
    """An http(s) URL without a trailing slash."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if value and not valid:
        raise _invalid(name, "an http(s) URL")
    return value.rstrip("/")


def issuer(name: str) -> str:
    """The URL of an OpenID Connect provider, without a trailing slash; plain HTTP only on this machine."""
    value = url(name)
    parts = urlsplit(value)
    if value and (
        parts.query or parts.fragment or (parts.scheme == "http" and not _is_this_machine(parts.hostname))
    ):
        raise _invalid(name, "the https URL of an OpenID Connect provider")
    return value


def _is_this_machine(host: str | None) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def email_url(name: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
    """Django's `EMAIL_…` settings from the URL of a mail server, or `console:`; from `default` when it is empty.

    `submission` starts TLS on port 587; `smtp` is without TLS, or with it as `?tls=true` or `?ssl=true` says.
    """
    value = text(name)
    if not value:
        return default
    allowed = "smtp://USER:PASSWORD@HOST:PORT, submission://USER:PASSWORD@HOST, or console:"
    try:
        parts = urlsplit(value)
        options = parse_qsl(parts.query, strict_parsing=bool(parts.query))
        is_server = parts.scheme in ("smtp", "submission") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise _invalid(name, allowed) from error
    known = all(key in ("tls", "ssl") and chosen in ("true", "false") for key, chosen in options)
    if not (value == "console:" or (is_server and known and parts.path in ("", "/") and not parts.fragment)):
        raise _invalid(name, allowed)
    return dj_email_url.parse(value)


def email(name: str, default: str) -> str:
    """One e-mail address, with or without a name before it: `Pickeez <no-reply@photos.example>`."""
    value = text(name, default)
    ((_, address), *others) = getaddresses([value])
    if not re.fullmatch(r"[^\s@<>,]+@[^\s@<>,]+", address) or others or len(value.splitlines()) != 1:
        raise _invalid(name, "an e-mail address")
    return value


def web_origins(
    name: str, default: Sequence[str] = (), *, schemes: Sequence[str] = ("http", "https")
) -> list[str]:
    """A comma-separated list of origins of web pages, exactly as browsers send them: `https://host[:port]`."""
    origins = words(name, default)
    if not all(_is_web_origin(origin, schemes) for origin in origins):
        raise _invalid(name, "a list of origins, such as https://photos.example or http://localhost:5173")
    return origins


def _is_web_origin(text: str, schemes: Sequence[str]) -> bool:
    """Without a path or user, in lower case, and without the port that its scheme has anyway."""
    match = re.fullmatch(r"(\w+)://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?", text)
    if match is None:
        return False
    scheme, port = match.groups()
    is_usual = (scheme, port) in (("http", "80"), ("https", "443"))
    return scheme in schemes and (port is None or (int(port) <= 65535 and not is_usual))


def dotted_path(name: str, default: str) -> str:
    value = text(name, default)
    if "." not in value or not all(part.isidentifier() for part in value.split(".")):
        raise _invalid(name, "the dotted path of a class")
    return value


def directory(name: str, default: Path) -> Path:
    try:
        return Path(text(name, str(default))).expanduser().resolve()
    except (RuntimeError, OSError, ValueError) as error:
        raise _invalid(name, "the path of a directory") from error


def file(name: str, default: Path) -> Path:
    """The path of a file. The file need not exist."""
    path = directory(name, default)
    if path.is_dir():
        raise _invalid(name, "the path of a file")
    return path


def directories(name: str) -> list[Path]:
    """A comma-separated list of absolute paths; the directories need not exist yet."""
    paths = [Path(word) for word in words(name)]
    if not all(path.is_absolute() for path in paths):
        raise _invalid(name, "a list of absolute paths")
    return paths


def id_or_phone(name: str) -> str:
    """A user's id, or a phone number in digits with its country code."""
    value = text(name)
    if value and not _is_id_or_phone(value):
        raise _invalid(name, "a user's id or phone")
    return value


def ids_or_phones(name: str) -> list[str]:
    """A comma-separated list of what `id_or_phone` accepts."""
    names = words(name)
    if not all(map(_is_id_or_phone, names)):
        raise _invalid(name, "a list of users' ids or phones")
    return names


def _is_id_or_phone(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\+?[0-9]{3,15}", value) or UUID(value))
    except ValueError:
        return False


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of IP addresses or networks in CIDR form."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise _invalid(name, "a list of IP addresses or networks") from error
