"""What this server depends on may be away for a while; that is nobody's fault and passes."""

import sqlite3
import time
from collections.abc import Callable, Iterable

from django.db import IntegrityError, InterfaceError, OperationalError, connection


class Outage(Exception):
    """Something that this server depends on does not answer. Trying again later may help."""


# A database that was restarted, or is locked, says so with these.
TRANSIENT_ERRORS = (Outage, OperationalError, InterfaceError)


# SQLSTATE foreign_key_violation, https://www.postgresql.org/docs/current/errcodes-appendix.html
_FOREIGN_KEY_VIOLATION = "23503"


def is_lost_row(error: Exception) -> bool:
    """Whether a row could not be written because what it belongs to was removed at the same moment.

    The same request finds that out beforehand when it comes again.
    """
    if not isinstance(error, IntegrityError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
    return getattr(cause, "sqlstate", None) == _FOREIGN_KEY_VIOLATION


def retry_until_written(write: Callable[[], object], *, pauses: Iterable[float] = (0, 1, 2, 4, 8)) -> None:
    """Writes what must not be left unwritten, after each of the pauses (in seconds) until it is written.

    A connection that has failed is given up first: a database that was restarted takes new ones. Raises what the
    last attempt did.
    """
    for pause in pauses:
        time.sleep(pause)
        if connection.errors_occurred:
            connection.close()
        try:
            write()
        except TRANSIENT_ERRORS as error:
            last = error
        else:
            return
    raise last


class CircuitBreaker:
    """What was found to be away is left alone for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self._until

    def trip(self) -> None:
        self._until = time.monotonic() + self._seconds

    def reset(self) -> None:
        self._until = 0.0


broker_circuit = CircuitBreaker(seconds=5)
