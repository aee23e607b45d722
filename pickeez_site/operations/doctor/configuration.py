"""Settings that are valid, but mistakes on a server that others can reach; and the data folder."""

import ipaddress
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from pickeez_site.operations.doctor.findings import Finding, errors_as_findings, ok, problem, warning

FILE_BACKEND = "accounts.messaging.file.FileBackend"


@errors_as_findings("data folder")
def check_data_dir() -> Finding:
    """Whether this user may write to the data folder."""
    try:
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
            file.write(b"can be written")
    except OSError as error:
        advice = "Make the user who runs the server its owner, or free some space."
        return problem("data folder", f"{settings.DATA_DIR} cannot be written to ({error.strerror})", advice)
    if more := settings.DATA_DIR.stat().st_mode & settings.UMASK:
        advice = f"Unless that is meant, take it from them: chmod -R u=rwX,{_without(more)} {settings.DATA_DIR}"
        return warning("data folder", "Other users of this machine can read it", advice)
    return ok("data folder", f"{settings.DATA_DIR} can be written to")


def _without(mode: int) -> str:
    """What takes these bits away, in the words of `chmod`."""
    return ",".join(f"{who}=" for who, bits in (("g", 0o070), ("o", 0o007)) if mode & bits)


def check_settings() -> list[Finding]:
    """The mistakes in the settings, or one finding that there are none."""
    return [*_mistakes()] or [ok("settings", f"fit for {settings.PUBLIC_URL}")]


def _mistakes() -> Iterator[Finding]:
    public = not is_private(str(urlsplit(settings.PUBLIC_URL).hostname))
    if "*" in settings.ALLOWED_HOSTS:
        yield warning("settings", "ALLOWED_HOSTS accepts any Host header", "List the names of this server.")
    if settings.LOCAL_LIBRARY_USER and not is_private(settings.HOST):
        yield problem(
            "settings",
            f"LOCAL_LIBRARY_USER is set, and HOST {settings.HOST} is open to other machines",
            "Listen on 127.0.0.1, or unset LOCAL_LIBRARY_USER and use tokens.",
        )
    if settings.IMPORT_ROOTS and not (settings.LOCAL_LIBRARY_USER or settings.IMPORT_USERS):
        advice = "Name those who may in IMPORT_USERS, or set LOCAL_LIBRARY_USER."
        yield warning("settings", "IMPORT_ROOTS is set, and nobody may import from there", advice)
    if public:
        yield from _mistakes_in_public()
    elif settings.DEBUG:
        yield warning("settings", "DEBUG is on", "Turn it off before others reach this server.")


def _mistakes_in_public() -> Iterator[Finding]:
    if settings.DEBUG:
        yield problem("settings", "DEBUG is on: error pages show source and settings", "Set DEBUG=false.")
    if settings.PUBLIC_URL.startswith("http://"):
        advice = "Put a proxy with a certificate in front, and let PUBLIC_URL begin with https://."
        yield problem("settings", "PUBLIC_URL is plain http: tokens and pictures can be read on the way", advice)
    if not validate_host(str(urlsplit(settings.PUBLIC_URL).hostname), settings.ALLOWED_HOSTS):
        yield problem("settings", "ALLOWED_HOSTS lacks the host of PUBLIC_URL", "Add it.")
    if settings.SMS_BACKEND == FILE_BACKEND:
        folder = Path(settings.OUTBOX_DIR) / "sms"
        advice = "Set SMS_BACKEND, such as accounts.messaging.twilio.TwilioBackend."
        yield problem("settings", f"SMS go to files in {folder}: nobody gets a code to sign in with", advice)


def is_private(host: str) -> bool:
    """Whether only this machine or its own network can reach this host."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return not address.is_unspecified and (address.is_loopback or address.is_private)
