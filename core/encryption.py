"""Encrypts the secrets that must be readable later, with the server's key. Of others only a digest is stored."""

import base64
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class DecryptionError(Exception):
    """The text was not encrypted with one of our keys, or it was encrypted for another purpose."""


def encrypt(text: str, *, purpose: str) -> str:
    """Encrypts and signs the text (Fernet: AES-128-CBC with HMAC-SHA256); only the same purpose can decrypt it."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def decrypt(encrypted: str, *, purpose: str) -> str:
    """Returns the text that `encrypt` was given. Raises `DecryptionError`, also when `SECRET_KEY` has changed."""
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(purpose).decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise DecryptionError from None


def _cipher(purpose: str) -> "MultiFernet":
    """Returns a cipher that encrypts with `SECRET_KEY` and also reads what the fallback keys encrypted."""
    from cryptography.fernet import Fernet, MultiFernet

    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [
        salted_hmac("accounts.encryption", purpose, secret=key, algorithm="sha256").digest() for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
