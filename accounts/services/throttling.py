"""Limits in time, counted in the database, so that they hold across processes and machines."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import RateLimitHit

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


def under_limit(*, what: str, by: Collection[str], per_hour: int) -> set[str]:
    """Those of the phones (or the like) that have not reached the limit; one use is counted for each of them."""
    recent = RateLimitHit.objects.filter(what=what, by__in=by, at__gt=timezone.now() - WINDOW)
    counts = Counter(recent.values_list("by", flat=True))
    free = {one for one in by if counts[one] < per_hour}
    RateLimitHit.objects.bulk_create([RateLimitHit(what=what, by=one) for one in free])
    return free


@transaction.atomic
def consume(limits: Sequence[Limit], *, times: int = 1) -> None:
    """Counts so many uses against all of the limits, or none and raises `TooMany` when one would be passed."""
    now = timezone.now()
    for limit in sorted(
        limits, key=lambda limit: (limit.what, limit.by)
    ):  # one order, or two requests wait for ever
        _lock(f"{limit.what} {limit.by}")
        recent = RateLimitHit.objects.filter(what=limit.what, by=limit.by, at__gt=now - WINDOW).order_by("-at")
        left = max(limit.per_hour - times, 0)
        last_in_the_way = recent.values_list("at", flat=True)[left : left + 1].first()
        if last_in_the_way or times > limit.per_hour:
            wait = (last_in_the_way or now) + WINDOW - now
            raise TooMany(max(1, ceil(wait.total_seconds())))
    RateLimitHit.objects.bulk_create(
        [RateLimitHit(what=limit.what, by=limit.by, at=now) for limit in limits for _ in range(times)]
    )


def _lock(name: str) -> None:
    """Lets one request at a time count and add. SQLite's transactions are already one at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def forget_old_hits() -> None:
    RateLimitHit.objects.filter(at__lt=timezone.now() - WINDOW).delete()
