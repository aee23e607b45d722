"""The base class of message backends. A backend sends one message at a time, through one channel."""

from collections.abc import Mapping
from typing import Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Channel = Literal["sms", "push", "web"]


class MessageNotSent(Exception):
    """The message was not sent. The error's text contains neither the message nor any credential.

    `retry` is False when the gateway permanently refused this recipient or this message.
    """

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.retry = retry


class RecipientGone(MessageNotSent):
    """The recipient's address is no longer in use, so nothing more need be sent there."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry=False)


class MessageBackend:
    """Sends messages of one channel.

    An SMS is `{"to": digits, "body": text}`; a push is
    `{"to": user id, "token": device token, "body": text, "data": {"album_id": …, …}}`; a push to a browser has
    `endpoint`, `p256dh` and `auth` in place of the token.
    Raises `ImproperlyConfigured`, naming the variable, when a setting is missing.
    """

    channels: tuple[Channel, ...] = ("sms", "push", "web")
    required_settings: tuple[str, ...] = ()
    reaches_people = True  # False where only the operator of the server sees the messages

    def __init__(self, channel: Channel) -> None:
        if channel not in self.channels:
            raise ImproperlyConfigured(f"{type(self).__name__} sends no {channel} messages.")
        if missing := self.missing_settings():
            raise ImproperlyConfigured(f"{type(self).__name__} needs the settings: {', '.join(missing)}.")
        self.channel = channel

    @classmethod
    def missing_settings(cls) -> list[str]:
        """Returns the names of the required settings that are empty."""
        return [name for name in cls.required_settings if not getattr(settings, name, "")]

    def send(self, message: Mapping[str, object]) -> None:
        """Sends one message. Raises `MessageNotSent`."""
        raise NotImplementedError
