"""Sends SMS and pushes by backends that settings choose, like Django's `EMAIL_BACKEND`."""

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.messaging.base import MessageBackend, MessageNotSent, RecipientGone

__all__ = [
    "MessageBackend",
    "MessageNotSent",
    "RecipientGone",
    "get_push_backend",
    "get_sms_backend",
    "get_web_push_backend",
]


def get_sms_backend() -> MessageBackend:
    """Returns the backend that `SMS_BACKEND` names. Raises `ImproperlyConfigured` when a setting is missing."""
    return import_string(settings.SMS_BACKEND)("sms")


def get_push_backend() -> MessageBackend:
    """Returns the backend that `PUSH_BACKEND` names. Raises `ImproperlyConfigured` when a setting is missing."""
    return import_string(settings.PUSH_BACKEND)("push")


def get_web_push_backend() -> MessageBackend:
    """Returns the backend that `WEB_PUSH_BACKEND` names. Raises `ImproperlyConfigured`, as above."""
    return import_string(settings.WEB_PUSH_BACKEND)("web")
