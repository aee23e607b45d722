"""Leases: a worker claims a row with a token for a short time, and renews the lease while it works.

The lease of a dead worker lapses, and others may claim the row. A worker that was only thought dead no longer
finds its token in the row and cannot write. A claim is a single conditional UPDATE, so it is atomic on every
database (SQLite has no `SELECT … FOR UPDATE`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import Error, connection, models
from django.utils import timezone

CLOCK_TOLERANCE = timedelta(seconds=1)  # the clocks of two machines differ, and requests take time


class Leased(models.Model):
    """A row that only one worker at a time works on."""

    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


LeasedModel = TypeVar("LeasedModel", bound=Leased)


class LeasedQuerySet(models.QuerySet[LeasedModel], Generic[LeasedModel]):
    def claim(self, pk: UUID, *, seconds: int | None = None, **changes: object) -> UUID | None:
        """Claims the row and returns the claim's token; None when the row is not, or no longer, in this queryset.

        The lease lasts `seconds`, or `LEASE_SECONDS`. The queryset must filter by the row's own columns only: when
        two workers claim at once, PostgreSQL checks nothing else again before it writes.
        """
        token = uuid4()
        claimed = self.filter(pk=pk).update(
            claim=token,
            claimed_at=timezone.now(),
            lease_until=lease_end(seconds),
            **changes,
        )
        return token if claimed else None

    def claimed_by(self, pk: UUID, token: UUID) -> "LeasedQuerySet[LeasedModel]":
        """Selects the row if the claim still holds. A worker writes only through this queryset."""
        return self.filter(pk=pk, claim=token)

    def lapsed(self) -> "LeasedQuerySet[LeasedModel]":
        """Selects the rows whose workers have stopped renewing."""
        return self.filter(lease_until__lt=timezone.now())

    def shorten(self, *, seconds: int | None = None) -> int:
        """Ends leases no later than a new one of these seconds would; returns the number of those it shortened.

        After a clock was put back, they would last longer by as much. Each is shortened by a statement of its own:
        two processes that lock many rows in different orders would wait for each other.
        """
        end = lease_end(seconds)
        too_long = self.filter(lease_until__gt=end + CLOCK_TOLERANCE).values_list("pk", flat=True)
        return sum(self.filter(pk=pk, lease_until__gt=end).update(lease_until=end) for pk in list(too_long))


class Queued(Leased):
    """A row whose work is done by a task."""

    queued_at = models.DateTimeField(null=True, blank=True, help_text="When the broker last took its task.")

    class Meta:
        abstract = True


QueuedModel = TypeVar("QueuedModel", bound=Queued)


# The columns of a row that nobody has claimed.
UNCLAIMED: dict[str, None] = {"claim": None, "claimed_at": None, "lease_until": None}


def lease_end(seconds: int | None = None) -> datetime:
    """Returns when a lease that begins now ends: after `seconds`, or `LEASE_SECONDS`."""
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS if seconds is None else seconds)


@contextmanager
def heartbeat(rows: LeasedQuerySet[LeasedModel]) -> Iterator[None]:
    """Renews the lease of the claimed row, every third of its length, while the block runs."""
    done = threading.Event()

    def renew_until_done() -> None:
        renewed = False
        while not done.wait(settings.LEASE_SECONDS / 3):
            renewed = True
            try:
                rows.all().update(lease_until=lease_end())
            except Error:
                # The next renewal may succeed, by a new connection; if none does, the lease lapses as it should.
                connection.close()
        if renewed:
            connection.close()  # this thread's own

    thread = threading.Thread(target=renew_until_done, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
