"""What this server depends on may be away for a while; that is nobody's fault and passes."""

import time

from django.db import InterfaceError, OperationalError


class Outage(Exception):
    """Something that this server depends on does not answer. Trying again later may help."""


# A database that was restarted, or is locked, says so with these.
PASSING = (Outage, OperationalError, InterfaceError)


class Pause:
    """What was found to be away is left alone for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = 0.0

    def is_away(self) -> bool:
        return time.monotonic() < self._until

    def note_away(self) -> None:
        self._until = time.monotonic() + self._seconds

    def end(self) -> None:
        self._until = 0.0


broker = Pause(seconds=5)
