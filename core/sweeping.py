"""The sweep: the database knows what is left to do, so a lost message loses no work.

Each app finds its lost work and sends it again, by a function in its `sweeps.py`; one periodic task calls all.
"""

import logging
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from core.leases import LeasedQuerySet, Queued, QueuedModel
from core.outages import Outage

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)


class Sweep(Protocol):
    """Sends lost work again; with `everything`, all work that is not done."""

    def __call__(self, *, everything: bool) -> None: ...


_sweeps: list[Sweep] = []


def register_sweep(sweep: Sweep) -> Sweep:
    """Adds a function that every round of the sweep calls, after the ones registered before. A decorator."""
    _sweeps.append(sweep)
    return sweep


def run_sweeps(*, everything: bool = False) -> None:
    """Runs one round of all sweeps. One that fails stops no other; without a database, the round ends."""
    for sweep in _sweeps:
        try:
            sweep(everything=everything)
        except (OperationalError, InterfaceError) as error:
            logger.warning("The sweep waits for the database: %s", type(error).__name__)
            return
        except Outage as error:
            logger.warning("A sweep waits: %s", type(error).__name__)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            logger.exception("A sweep has failed.")


def rows_to_send(
    claimable: LeasedQuerySet[QueuedModel], *, limit: int, resend_after: timedelta, everything: bool
) -> list[QueuedModel]:
    """Returns the rows whose tasks must be sent: first those of dead workers, then others while there is room.

    `claimable` are all rows that can be claimed, in their order. `limit` is how many tasks the broker may hold at
    once. `resend_after` is the time after which a task that the broker accepted counts as lost.
    """
    if everything:
        return list(claimable[:limit])
    since = timezone.now() - resend_after
    lapsed = list(claimable.filter(claim__isnull=False)[:limit])
    others = unsent_rows(claimable.filter(claim=None), limit=limit - len(lapsed), resend_after=resend_after)
    return [*(row for row in lapsed if not _was_sent_after_its_worker_died(row, since)), *others]


def unsent_rows(waiting: QuerySet[Row], *, limit: int, resend_after: timedelta) -> list[Row]:
    """Returns the rows whose tasks the broker has not accepted or must have lost, up to its `limit`.

    The rows must have a `queued_at`.
    """
    since = timezone.now() - resend_after
    rows = list(waiting.filter(Q(queued_at=None) | Q(queued_at__lt=since))[: max(0, limit)])
    room = limit - waiting.filter(queued_at__gte=since).count() if rows else 0
    return rows[: max(0, room)]


def _was_sent_after_its_worker_died(row: Queued, since: datetime) -> bool:
    # One lease more, because the clocks of two machines differ.
    died_at = row.lease_until + timedelta(seconds=settings.LEASE_SECONDS) if row.lease_until else since
    return row.queued_at is not None and row.queued_at >= max(since, died_at)
