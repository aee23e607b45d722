"""Secrets that must be read again (others are kept as digests): encrypted at rest with the server's key."""

import base64
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Undecipherable(Exception):
    """The text was not encrypted with a key of ours, or for something else."""


def encrypt(text: str, *, purpose: str) -> str:
    """The text encrypted and signed (Fernet: AES-128-CBC with HMAC-SHA256); only the same purpose reads it."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def decrypt(encrypted: str, *, purpose: str) -> str:
    """What `encrypt` was given. Raises `Undecipherable`, also after `SECRET_KEY` has changed."""
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(purpose).decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise Undecipherable from None


def _cipher(purpose: str) -> "MultiFernet":
    """Keys derived from `SECRET_KEY` first, then from its fallbacks while it is being replaced."""
    from cryptography.fernet import Fernet, MultiFernet

    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [
        salted_hmac("accounts.encryption", purpose, secret=key, algorithm="sha256").digest() for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
