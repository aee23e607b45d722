"""Work is claimed by lease: whoever works on a row holds a token for a short time and renews it while working.

A worker that died stops renewing, and the row is free again; one that was only thought dead finds its token gone
and cannot write. The claim is a single conditional UPDATE, so it is atomic on every database (SQLite knows no
`SELECT … FOR UPDATE`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import Error, connection, models
from django.utils import timezone


class Leased(models.Model):
    """A row that one worker at a time may work on."""

    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


LeasedModel = TypeVar("LeasedModel", bound=Leased)


class LeasedQuerySet(models.QuerySet[LeasedModel], Generic[LeasedModel]):
    def claim(self, pk: UUID, *, leased: bool = True, **changes: Any) -> UUID | None:
        """Claims the row if it is (still) among these rows, and returns the claim's token; None when it is not.

        A claim without a lease stays until it is released. The rows must be chosen by their own columns only: when
        two claim at once, PostgreSQL looks at nothing else again before it writes.
        """
        token = uuid4()
        taken = self.filter(pk=pk).update(
            claim=token,
            claimed_at=timezone.now(),
            lease_until=lease_end() if leased else None,
            **changes,
        )
        return token if taken else None

    def claimed_by(self, pk: UUID, token: UUID) -> "LeasedQuerySet[LeasedModel]":
        """The row, if the claim still holds: whatever a worker writes, it writes through this."""
        return self.filter(pk=pk, claim=token)

    def lapsed(self) -> "LeasedQuerySet[LeasedModel]":
        return self.filter(lease_until__lt=timezone.now())


class Queued(Leased):
    """A row whose work is a task that the broker holds."""

    queued_at = models.DateTimeField(null=True, blank=True, help_text="When the broker last took its task.")

    class Meta:
        abstract = True


QueuedModel = TypeVar("QueuedModel", bound=Queued)


FREE: dict[str, None] = {"claim": None, "claimed_at": None, "lease_until": None}


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


@contextmanager
def heartbeat(rows: LeasedQuerySet[Any]) -> Iterator[None]:
    """Renews the lease of the held row every third of its length for as long as the block runs."""
    done = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(done, rows), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew_until(done: threading.Event, rows: LeasedQuerySet[Any]) -> None:
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
