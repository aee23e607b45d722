"""Push messages through Firebase Cloud Messaging's HTTP v1 API.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send
"""

import threading
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.messaging.base import MessageBackend, MessageNotSent

if TYPE_CHECKING:
    from firebase_admin import App
    from firebase_admin.messaging import Message
    from requests import Session

_API_URL = "https://fcm.googleapis.com"
_WORTH_RETRYING = frozenset({408, 429})
_app_lock = threading.Lock()


class FcmBackend(MessageBackend):
    channels = ("push",)
    required_settings = ("FCM_CREDENTIALS",)

    def send(self, message: Mapping[str, object]) -> None:
        from firebase_admin import messaging
        from firebase_admin.exceptions import FirebaseError
        from google.auth.exceptions import GoogleAuthError

        app, push = _current_app(), _build_push(message)
        # No cause is attached below: their texts contain Google's response, which contains the device token.
        try:
            messaging.send(push, app=app)
        except FirebaseError as error:
            status = error.http_response.status_code if error.http_response is not None else 0
            retry = status in _WORTH_RETRYING or status >= 500 or not status
            raise MessageNotSent(f"FCM answered {status or 'nothing'} ({error.code}).", retry=retry) from None
        except GoogleAuthError as error:
            raise MessageNotSent(f"FCM gave no access token: {type(error).__name__}.", retry=True) from None
        except ValueError:
            raise MessageNotSent("FCM's client does not accept this message.", retry=False) from None
        except (AttributeError, LookupError, TypeError):  # the client accepts any JSON as Google's
            raise MessageNotSent("FCM's answer cannot be read.", retry=True) from None


def _build_push(message: Mapping[str, object]) -> "Message":
    from firebase_admin import messaging

    data = message.get("data")
    push = messaging.Message(
        notification=messaging.Notification(body=str(message["body"])),
        data={str(key): str(value) for key, value in data.items()} if isinstance(data, Mapping) else None,
    )
    # The constructor warns that tokens are deprecated in favour of installation ids. The documents' clients have
    # none, and FCM's HTTP API accepts both.
    push.token = message["token"]
    return push


def _current_app() -> "App":
    with _app_lock:
        return _initialize_app(settings.FCM_CREDENTIALS, settings.FCM_API_URL, settings.MESSAGE_TIMEOUT_SECONDS)


@cache
def _initialize_app(credentials_path: str, api_url: str, timeout: float) -> "App":
    """Returns one app per process and configuration. It caches an OAuth token, valid for an hour."""
    import firebase_admin
    from firebase_admin import credentials

    from accounts.messaging.transport import GatewayAdapter

    try:
        certificate = credentials.Certificate(credentials_path)
    except (OSError, ValueError):
        raise ImproperlyConfigured("FCM_CREDENTIALS must name a service account's JSON file.") from None
    name = f"pickeez {credentials_path} {api_url} {timeout}"
    app = firebase_admin.initialize_app(certificate, {"httpTimeout": timeout}, name=name)
    session_of(app).mount(_API_URL, GatewayAdapter(api_url))
    return app


def session_of(app: "App") -> "Session":
    """Returns the session by which firebase_admin sends. There is no public way to set its address or retries."""
    from firebase_admin import messaging

    session: Session = messaging._get_messaging_service(app)._client.session
    return session
