"""Browsers that are subscribed to a user's pushes."""

import binascii
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ValidationError
from django.db import transaction
from py_vapid.utils import b64urldecode

from accounts.models import BrowserSession, PushSubscription, User
from accounts.services.tokens import token_digest
from core.fetching import is_public

MAX_SUBSCRIPTIONS = 10  # of one user; the oldest is dropped for a new one
MAX_ENDPOINT = 2000
AUTH_BYTES = 16  # RFC 8291, section 3.2


@transaction.atomic
def subscribe_browser(
    *, user: User, endpoint: str, p256dh: str, auth: str, session_key: str | None = None
) -> PushSubscription:
    """Sends the user's pushes to this browser, and no longer those of who used it before.

    `endpoint` is the URL that its push service gave it, `p256dh` its public key on P-256 and `auth` its secret of
    16 bytes, both in base64url. The subscription ends with the session of this
    key, if one is given. Raises `ValidationError`.
    """
    _check_endpoint(endpoint)
    _check_keys(p256dh, auth)
    session = BrowserSession.objects.filter(user=user, session_key=token_digest(session_key or "")).first()
    subscription, _ = PushSubscription.objects.update_or_create(
        endpoint=endpoint, defaults={"user": user, "session": session, "p256dh": p256dh, "auth": auth}
    )
    kept = PushSubscription.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)
    surplus = [pk for pk in kept if pk != subscription.pk][MAX_SUBSCRIPTIONS - 1 :]
    PushSubscription.objects.filter(pk__in=surplus).delete()
    return subscription


def unsubscribe_browser(*, user: User, endpoint: str) -> bool:
    """Sends no more pushes to this browser of the user; returns whether it was subscribed."""
    return bool(PushSubscription.objects.filter(user=user, endpoint=endpoint).delete()[0])


def _check_endpoint(endpoint: str) -> None:
    """The host's name is looked up only by the worker that sends a push, and refuses addresses of our network."""
    error = ValidationError("The endpoint must be a public https URL.", code="bad_endpoint")
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise error from None
    is_printable = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    if parts.scheme != "https" or parts.username is not None or port not in (None, 443) or not is_printable:
        raise error
    if len(endpoint) > MAX_ENDPOINT or ("." not in host and ":" not in host) or host.endswith(".localhost"):
        raise error
    try:
        address = ip_address(host)
    except ValueError:
        return  # a name
    if not is_public(address):
        raise error


def _check_keys(p256dh: str, auth: str) -> None:
    error = ValidationError("These are not the keys of a subscription.", code="bad_keys")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b64urldecode(p256dh.encode()))
        secret = b64urldecode(auth.encode())
    except (ValueError, binascii.Error):
        raise error from None
    if len(secret) != AUTH_BYTES or max(len(p256dh), len(auth)) > 100:
        raise error
