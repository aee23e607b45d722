"""The sweep: the database is the truth about what is left to do, so a lost message loses nothing.

Each app says in its `sweeps.py` how its own lost work is found and sent again; one periodic task runs them all.
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
    """Sends again what should have been done by now; with `everything`, whatever is not done."""

    def __call__(self, *, everything: bool) -> None: ...


_sweeps: list[Sweep] = []


def register_sweep(sweep: Sweep) -> Sweep:
    """Has every round of the sweep call the function, after those that were registered before."""
    _sweeps.append(sweep)
    return sweep


def run_sweeps(*, everything: bool = False) -> None:
    """One round. A sweep that fails does not keep the others from their work; without the database, all wait."""
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


def missed(
    waiting: LeasedQuerySet[QueuedModel], *, most: int, again_after: timedelta, everything: bool
) -> list[QueuedModel]:
    """Rows whose tasks are to be sent: what a worker died with, then as many of the others as the broker may hold.

    `waiting` are all that can be claimed, in their order; `most` is how many the broker is to hold at once, and
    `again_after` how long after it took a task it must have lost it.
    """
    if everything:
        return list(waiting[:most])
    since = timezone.now() - again_after
    lapsed = list(waiting.filter(claim__isnull=False)[:most])
    others = unsent(waiting.filter(claim=None), most=most - len(lapsed), again_after=again_after)
    return [*(row for row in lapsed if not _is_sent(row, since)), *others]


def unsent(waiting: QuerySet[Row], *, most: int, again_after: timedelta) -> list[Row]:
    """Those of the rows, which have a `queued_at`, whose tasks the broker has not taken or must have lost.

    As many as fill up the `most` that it is to hold at once.
    """
    since = timezone.now() - again_after
    rows = list(waiting.filter(Q(queued_at=None) | Q(queued_at__lt=since))[: max(0, most)])
    room = most - waiting.filter(queued_at__gte=since).count() if rows else 0
    return rows[: max(0, room)]


def _is_sent(row: Queued, since: datetime) -> bool:
    """Whether it was sent since its worker died; for sure, for the clocks of two machines are not the same."""
    died_at = row.lease_until + timedelta(seconds=settings.LEASE_SECONDS) if row.lease_until else since
    return row.queued_at is not None and row.queued_at >= max(since, died_at)
