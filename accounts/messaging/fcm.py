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
    from firebase_admin.exceptions import FirebaseError
    from firebase_admin.messaging import Message
    from requests import Session

_API_URL = "https://fcm.googleapis.com"
_WORTH_RETRYING = frozenset({408, 429})
_making_app = threading.Lock()


class FcmBackend(MessageBackend):
    channels = ("push",)
    required_settings = ("FCM_CREDENTIALS",)

    def send(self, message: Mapping[str, object]) -> None:
        from firebase_admin import messaging
        from firebase_admin.exceptions import FirebaseError
        from google.auth.exceptions import GoogleAuthError

        app, push = _current_app(), _push(message)
        # No cause is attached below: their texts hold what Google answered, the device token among it.
        try:
            messaging.send(push, app=app)
        except FirebaseError as error:
            raise _refused(error) from None
        except GoogleAuthError as error:
            raise MessageNotSent(f"FCM gave no access token: {type(error).__name__}.", retry=True) from None
        except ValueError:
            raise MessageNotSent("FCM's client does not accept this message.", retry=False) from None
        except (AttributeError, LookupError, TypeError):  # the client takes any JSON for Google's
            raise MessageNotSent("FCM's answer cannot be read.", retry=True) from None


def _push(message: Mapping[str, object]) -> "Message":
    from firebase_admin import messaging

    data = message.get("data")
    push = messaging.Message(
        notification=messaging.Notification(body=str(message["body"])),
        data={str(key): str(value) for key, value in data.items()} if isinstance(data, Mapping) else None,
    )
    # Given to the constructor, a token draws a DeprecationWarning in favour of installation ids, which the
    # documents' clients do not have; FCM's HTTP API takes both.
    push.token = message["token"]
    return push


def _refused(error: "FirebaseError") -> MessageNotSent:
    status = error.http_response.status_code if error.http_response is not None else 0
    retry = status in _WORTH_RETRYING or status >= 500 or not status
    return MessageNotSent(f"FCM answered {status or 'nothing'} ({error.code}).", retry=retry)


def _current_app() -> "App":
    with _making_app:
        return _app(settings.FCM_CREDENTIALS, settings.FCM_API_URL, settings.MESSAGE_TIMEOUT_SECONDS)


@cache
def _app(credentials_path: str, api_url: str, timeout: float) -> "App":
    """One app per process and configuration: it keeps the OAuth token, good for an hour."""
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
    """The session in which firebase_admin sends. It offers no other way to the address, nor to its retries."""
    from firebase_admin import messaging

    session: Session = messaging._get_messaging_service(app)._client.session
    return session
