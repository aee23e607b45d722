"""System checks of the message backends that settings choose."""

from collections.abc import Sequence
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from accounts.messaging import vapid
from accounts.messaging.base import Channel, MessageBackend


def check_messaging(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Finds errors in the settings of message backends: unknown, for another channel, without credentials."""
    return [
        *_check_backend("SMS_BACKEND", "sms"),
        *_check_backend("PUSH_BACKEND", "push"),
        *_check_backend("WEB_PUSH_BACKEND", "web"),
        *_check_vapid_key(),
    ]


def _check_vapid_key() -> list[CheckMessage]:
    if not settings.VAPID_PRIVATE_KEY:
        return []
    try:
        vapid.public_key()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="messaging.E005")]
    return []


def _check_backend(setting: str, channel: Channel) -> list[CheckMessage]:
    path = getattr(settings, setting)
    try:
        backend = import_string(path)
    except ImportError:
        return [Error(f"{setting}: there is no {path}.", id="messaging.E001")]
    if not isinstance(backend, type) or not issubclass(backend, MessageBackend):
        return [Error(f"{setting}: {path} is not a message backend.", id="messaging.E001")]
    if channel not in backend.channels:
        return [Error(f"{setting}: {path} sends no {channel} messages.", id="messaging.E002")]
    errors: list[CheckMessage] = [
        Error(f"{name} is empty, but {path} needs it.", id="messaging.E003") for name in backend.missing_settings()
    ]
    credentials = settings.FCM_CREDENTIALS if "FCM_CREDENTIALS" in backend.required_settings else ""
    if credentials and not Path(credentials).is_file():
        errors.append(Error("FCM_CREDENTIALS does not name a file.", id="messaging.E004"))
    return errors
