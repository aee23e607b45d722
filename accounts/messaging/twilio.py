"""SMS through Twilio's Messages resource (https://www.twilio.com/docs/messaging/api/message-resource)."""

import logging
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from django.conf import settings

from accounts.messaging.base import MessageBackend, MessageNotSent
from accounts.phones import international

if TYPE_CHECKING:
    from twilio.http.http_client import TwilioHttpClient

_API_URL = "https://api.twilio.com"
_WORTH_RETRYING = frozenset({408, 429})

# The client logs at INFO what it asks, the account's id in it. Not a registered logger: no configuration wakes it.
_silent = logging.Logger(f"{__name__}.client", logging.CRITICAL)  # noqa: LOG001


class TwilioBackend(MessageBackend):
    channels = ("sms",)
    required_settings = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")

    def send(self, message: Mapping[str, object]) -> None:
        import requests
        from twilio.base.exceptions import TwilioException

        to, body = international(str(message["to"])), str(message["body"])
        # No cause is attached below: their texts hold the account, the number or what was sent.
        try:
            self._create_message(to, body)
        except TwilioException as error:
            raise _refused(getattr(error, "status", 0), getattr(error, "code", None)) from None
        except requests.RequestException as error:
            raise MessageNotSent(f"Twilio cannot be reached: {type(error).__name__}.", retry=True) from None
        except (AttributeError, TypeError, ValueError):  # the client takes any answer for Twilio's
            raise MessageNotSent("Twilio's answer cannot be read.", retry=True) from None

    def _create_message(self, to: str, body: str) -> None:
        from twilio.rest import Client

        http_client = _http_client()
        with closing(http_client.session):
            client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http_client)
            client.messages.create(to=to, from_=settings.TWILIO_FROM, body=body)


def _http_client() -> "TwilioHttpClient":
    from twilio.http.http_client import TwilioHttpClient

    from accounts.messaging.transport import GatewayAdapter

    client = TwilioHttpClient(timeout=settings.MESSAGE_TIMEOUT_SECONDS, logger=_silent)
    client.session.mount(_API_URL, GatewayAdapter(settings.TWILIO_API_URL))
    return client


def _refused(status: int, code: int | None) -> MessageNotSent:
    retry = status in _WORTH_RETRYING or status >= 500 or not status
    return MessageNotSent(f"Twilio answered {status} (code {code}).", retry=retry)
