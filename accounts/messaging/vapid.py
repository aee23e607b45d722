"""The key by which this server shows push services that its pushes are its own (VAPID, RFC 8292)."""

from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from py_vapid import Vapid02, VapidException
from py_vapid.utils import b64urlencode

TOKEN_SECONDS = 12 * 3600  # RFC 8292, section 2: at most 24 hours
# The order of P-256, and so many bytes that the remainder favours no number (FIPS 186-5, appendix A.2.1).
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SEED_BYTES = 40


def public_key() -> str:
    """Returns the key that browsers subscribe with: an uncompressed point of P-256, in base64url.

    Raises `ImproperlyConfigured` when `VAPID_PRIVATE_KEY` is not a key.
    """
    point = _key().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    text: str = b64urlencode(point)
    return text


def authorization(endpoint: str, *, now: int) -> str:
    """Returns the header that signs pushes to the push service of the endpoint, at `now` in seconds since 1970."""
    service = urlsplit(endpoint)
    claims = {
        "aud": f"{service.scheme}://{service.netloc}",
        "sub": settings.VAPID_SUBJECT,
        "exp": now + TOKEN_SECONDS,
    }
    header: str = _key().sign(claims)["Authorization"]
    return header


def _key() -> Vapid02:
    return _private_key(settings.VAPID_PRIVATE_KEY, settings.SECRET_KEY)


@cache
def _private_key(configured: str, secret: str) -> Vapid02:
    """Returns the configured key; without one, it is derived from SECRET_KEY, which all machines share."""
    if not configured:
        seed = HKDF(hashes.SHA256(), SEED_BYTES, salt=None, info=b"accounts.messaging.vapid").derive(
            secret.encode()
        )
        return Vapid02(ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, ec.SECP256R1()))
    try:
        return Vapid02.from_string(configured)
    except (ValueError, IndexError, TypeError, VapidException):
        raise ImproperlyConfigured("VAPID_PRIVATE_KEY is no private key of the curve P-256.") from None
