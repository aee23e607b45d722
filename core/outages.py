"""Outages: services that this server depends on may be unreachable for a while, without any fault in the work."""

import sqlite3
import time
from collections.abc import Callable, Iterable

from django.db import IntegrityError, InterfaceError, OperationalError, connection


class Outage(Exception):
    """A service that this server depends on does not answer. Trying again later may help."""


# Django raises the last two when a database was restarted or is locked.
TRANSIENT_ERRORS = (Outage, OperationalError, InterfaceError)


# SQLSTATE foreign_key_violation, https://www.postgresql.org/docs/current/errcodes-appendix.html
_FOREIGN_KEY_VIOLATION = "23503"


def is_foreign_key_violation(error: Exception) -> bool:
    """Returns whether a row could not be written because the row that it refers to was removed at the same moment.

    When the client repeats the request, the usual checks find the missing row.
    """
    if not isinstance(error, IntegrityError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
    return getattr(cause, "sqlstate", None) == _FOREIGN_KEY_VIOLATION


def retry_until_written(write: Callable[[], object], *, pauses: Iterable[float] = (0, 1, 2, 4, 8)) -> None:
    """Calls `write` after each of the pauses (in seconds) until it succeeds; for rows that must be written.

    Closes a connection that has failed before it tries again: a restarted database only accepts new ones. Raises
    the error of the last try.
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
    """Remembers for some seconds that a service was unreachable, so that callers leave it alone for that time."""

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
