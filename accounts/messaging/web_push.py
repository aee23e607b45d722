"""Pushes to browsers (RFC 8030), encrypted so that the push service cannot read them (RFC 8291)."""

import json
import time
from collections.abc import Mapping

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from py_vapid.utils import b64urldecode

from accounts.messaging import vapid
from accounts.messaging.base import MessageBackend, MessageNotSent, RecipientGone
from core.fetching import Fetcher, FetchError

TTL_SECONDS = 3 * 24 * 3600  # how long a push service keeps the message for a browser that is not running
MAX_BODY = 500  # characters, so that the whole fits into one record of 4096 bytes (RFC 8291, section 4)
GONE = (404, 410)  # RFC 8030, section 7.3
WORTH_RETRYING = (408, 425, 429)
FETCHER = Fetcher(ports=(443,))


class WebPushBackend(MessageBackend):
    """Sends a push to the browser that is subscribed: `{"endpoint", "p256dh", "auth", "body", "data"}`.

    The endpoint is a URL that a browser has given, so it is called like every URL of unknown origin: never inside
    of our own network. Raises `RecipientGone` when the browser is subscribed no longer.
    """

    channels = ("web",)

    def send(self, message: Mapping[str, object]) -> None:
        endpoint = str(message["endpoint"])
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL_SECONDS),
            "Urgency": "normal",
            "Authorization": vapid.authorization(endpoint, now=int(time.time())),
        }
        try:
            status = FETCHER.post(
                endpoint, body=_encrypted(message), headers=headers, timeout=settings.MESSAGE_TIMEOUT_SECONDS
            )
        except FetchError as error:
            raise MessageNotSent(f"The push service was not reached. {error}", retry=error.retry) from None
        if status in GONE:
            raise RecipientGone("The browser is subscribed no longer.")
        if not 200 <= status < 300:
            retry = status >= 500 or status in WORTH_RETRYING
            raise MessageNotSent(f"The push service answered {status}.", retry=retry)


def _encrypted(message: Mapping[str, object]) -> bytes:
    """Returns the body and the data as JSON, encrypted for the subscription's keys."""
    content = {"body": str(message["body"])[:MAX_BODY], "data": message["data"]}
    encrypted: bytes = http_ece.encrypt(
        json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=b64urldecode(str(message["p256dh"]).encode()),
        auth_secret=b64urldecode(str(message["auth"]).encode()),
        version="aes128gcm",
    )
    return encrypted
