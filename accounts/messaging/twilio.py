"""SMS through Twilio's Messages resource (https://www.twilio.com/docs/messaging/api/message-resource)."""

import logging
from collections.abc import Mapping
from contextlib import closing

from django.conf import settings

from accounts.messaging.base import MessageBackend, MessageNotSent
from accounts.phones import e164_format

_API_URL = "https://api.twilio.com"
_WORTH_RETRYING = frozenset({408, 429})

# The client logs its requests at INFO, with the account's id. No configuration enables an unregistered logger.
_silent = logging.Logger(f"{__name__}.client", logging.CRITICAL)  # noqa: LOG001


class TwilioBackend(MessageBackend):
    channels = ("sms",)
    required_settings = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")

    def send(self, message: Mapping[str, object]) -> None:
        import requests
        from twilio.base.exceptions import TwilioException

        # No cause is attached below: their texts contain the account, the number or what was sent.
        try:
            self._create_message(to=e164_format(str(message["to"])), body=str(message["body"]))
        except TwilioException as error:
            status, code = getattr(error, "status", 0), getattr(error, "code", None)
            retry = status in _WORTH_RETRYING or status >= 500 or not status
            raise MessageNotSent(f"Twilio answered {status} (code {code}).", retry=retry) from None
        except requests.RequestException as error:
            raise MessageNotSent(f"Twilio cannot be reached: {type(error).__name__}.", retry=True) from None
        except (AttributeError, TypeError, ValueError):  # the client accepts any response as Twilio's
            raise MessageNotSent("Twilio's answer cannot be read.", retry=True) from None

    def _create_message(self, *, to: str, body: str) -> None:
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        from accounts.messaging.transport import GatewayAdapter

        http_client = TwilioHttpClient(timeout=settings.MESSAGE_TIMEOUT_SECONDS, logger=_silent)
        http_client.session.mount(_API_URL, GatewayAdapter(settings.TWILIO_API_URL))
        with closing(http_client.session):
            client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http_client)
            client.messages.create(to=to, from_=settings.TWILIO_FROM, body=body)
