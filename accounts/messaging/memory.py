"""A message backend that stores messages in memory, for tests."""

from collections.abc import Mapping

from accounts.messaging.base import Channel, MessageBackend

outbox: dict[Channel, list[dict[str, object]]] = {"sms": [], "push": [], "web": []}


class MemoryBackend(MessageBackend):
    """Appends each message to the list of its channel in `outbox`; tests clear these themselves."""

    def send(self, message: Mapping[str, object]) -> None:
        outbox[self.channel].append(dict(message))
