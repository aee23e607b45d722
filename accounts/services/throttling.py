"""Limits in time, counted in the database, so that they hold across processes and machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Use

WINDOW = timedelta(hours=1)


class TooMany(Exception):
    """Something was used too often; it may be used again after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    """How often `what` may be used `by` one phone, address or the like within any hour."""

    what: str
    by: str
    per_hour: int


@transaction.atomic
def use(limits: Sequence[Limit]) -> None:
    """Counts one use against all of the limits, or against none and raises `TooMany` when one is reached."""
    now = timezone.now()
    for limit in sorted(
        limits, key=lambda limit: (limit.what, limit.by)
    ):  # one order, or two requests wait for ever
        _lock(f"{limit.what} {limit.by}")
        recent = Use.objects.filter(what=limit.what, by=limit.by, at__gt=now - WINDOW).order_by("-at")
        oldest = recent.values_list("at", flat=True)[limit.per_hour - 1 : limit.per_hour].first()
        if oldest:
            raise TooMany(max(1, ceil((oldest + WINDOW - now).total_seconds())))
    Use.objects.bulk_create([Use(what=limit.what, by=limit.by, at=now) for limit in limits])


def _lock(name: str) -> None:
    """Lets one request at a time count and add. SQLite's transactions are already one at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def forget_old_uses() -> None:
    Use.objects.filter(at__lt=timezone.now() - WINDOW).delete()
