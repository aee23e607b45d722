"""Settings that are allowed, and yet are mistakes on a server that others reach; and the folder of the data."""

import ipaddress
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from pickeez_site.operations.doctor.findings import Finding, errors_as_findings, ok, problem, warning

MIN_SECRET = 50  # as Django's own check wants it
FILE_BACKEND = "accounts.messaging.file.FileBackend"


@errors_as_findings("data folder")
def data_dir() -> Finding:
    """Whether this user may write to the folder of the data."""
    try:
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
            file.write(b"can be written")
    except OSError as error:
        advice = "Give the folder to the user who runs the server, or make room."
        return problem("data folder", f"{settings.DATA_DIR} cannot be written to ({error.strerror})", advice)
    return ok("data folder", f"{settings.DATA_DIR} can be written to")


def configuration() -> list[Finding]:
    """What is wrong with the settings, or that nothing is."""
    return [*_faults()] or [ok("settings", f"fit for {settings.PUBLIC_URL}")]


def _faults() -> Iterator[Finding]:
    public = not is_private(str(urlsplit(settings.PUBLIC_URL).hostname))
    if len(settings.SECRET_KEY) < MIN_SECRET or len(set(settings.SECRET_KEY)) < 5:
        advice = f"Unset it, or set {MIN_SECRET} random characters."
        yield problem("settings", "SECRET_KEY is short or simple: links can be forged", advice)
    if "*" in settings.ALLOWED_HOSTS:
        yield warning("settings", "ALLOWED_HOSTS lets any Host header in", "List the names of this server.")
    if settings.LOCAL_LIBRARY_USER and not is_private(settings.HOST):
        yield problem(
            "settings",
            f"LOCAL_LIBRARY_USER is set, and HOST {settings.HOST} is open to other machines",
            "Listen on 127.0.0.1, or unset LOCAL_LIBRARY_USER and use tokens.",
        )
    if public:
        yield from _faults_in_public()
    elif settings.DEBUG:
        yield warning("settings", "DEBUG is on", "Turn it off before others reach this server.")


def _faults_in_public() -> Iterator[Finding]:
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
    """Whether only this machine or its own network is meant."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return not address.is_unspecified and (address.is_loopback or address.is_private)
