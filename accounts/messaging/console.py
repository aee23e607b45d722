"""A message backend that writes to standard output, for development."""

import json
import sys
import threading
from collections.abc import Mapping
from typing import TextIO

from django.core.serializers.json import DjangoJSONEncoder

from accounts.messaging.base import Channel, MessageBackend

_lock = threading.Lock()


class ConsoleBackend(MessageBackend):
    """Writes each message to `stream` in one line, as the channel and the message's JSON."""

    reaches_people = False

    def __init__(self, channel: Channel, *, stream: TextIO | None = None) -> None:
        super().__init__(channel)
        self.stream = stream or sys.stdout

    def send(self, message: Mapping[str, object]) -> None:
        line = json.dumps(dict(message), cls=DjangoJSONEncoder, ensure_ascii=False)
        with _lock:
            self.stream.write(f"{self.channel}: {line}\n")
            self.stream.flush()
