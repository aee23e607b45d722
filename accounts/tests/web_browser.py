"""A browser that is subscribed to pushes: it reads what its push service hands to it."""

import json
from dataclasses import dataclass, field

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid.utils import b64urlencode

from accounts.models import PushSubscription, User
from accounts.services import subscribe_browser
from core.tests.answers import Json

AUTH = b"0123456789abcdef"


@dataclass(frozen=True)
class Browser:
    endpoint: str = "https://push.test/abc"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": b64urlencode(point), "auth": b64urlencode(AUTH)}

    def subscribe(self, user: User) -> PushSubscription:
        return subscribe_browser(user=user, endpoint=self.endpoint, **self.keys)

    def read(self, body: bytes) -> Json:
        """Decrypts the body of a push (RFC 8291)."""
        return json.loads(
            http_ece.decrypt(body, private_key=self.key, auth_secret=AUTH, version="aes128gcm").decode()
        )
