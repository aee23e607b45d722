"""Rate limits, counted in the database so that they hold across processes and machines."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.models import RateLimitHit
from core.addresses import customer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class RateLimitExceeded(Exception):
    """A rate limit was exceeded. The caller may try again after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class MoreThanLimit(RateLimitExceeded):
    """More was asked for at once than is ever allowed. Waiting does not help. The text is for users."""

    def __init__(self, limit: int, window: timedelta) -> None:
        super().__init__(int(window.total_seconds()))
        self.limit = limit
        self.window = window

    def __str__(self) -> str:
        time = "a day" if self.window == DAY else "an hour"
        return f"Only {self.limit} are possible within {time}. Please send fewer at once."


@dataclass(frozen=True)
class RateLimit:
    """Allows `what` at most `most` times within any `window` (an hour) `by` one phone, address or the like."""

    what: str
    by: str
    most: int
    times: int = 1  # how many uses are counted now
    window: timedelta = HOUR  # at most a day: older uses are forgotten


def address_limit(what: str, address: str, per_hour: int) -> RateLimit:
    """Returns the limit for an IP address."""
    return RateLimit(what, customer(address), per_hour)


def under_limit(*, what: str, by: Collection[str], per_hour: int, per_day: int) -> set[str]:
    """Returns the phones (or the like) that have not reached the limits, and counts one hit for each of them."""
    per_day = max(per_day, per_hour)
    now = timezone.now()
    recent = RateLimitHit.objects.filter(what=what, by__in=by, at__gt=now - DAY).values_list("by", "at")
    in_a_day = Counter(one for one, _ in recent)
    in_an_hour = Counter(one for one, at in recent if at > now - HOUR)
    allowed = {one for one in by if in_an_hour[one] < per_hour and in_a_day[one] < per_day}
    RateLimitHit.objects.bulk_create([RateLimitHit(what=what, by=one) for one in allowed])
    return allowed


@transaction.atomic
def consume(limits: Sequence[RateLimit]) -> None:
    """Counts hits against all of the limits, or none and raises `RateLimitExceeded` when one would be exceeded.

    Limits of one thing by the hour and by the day share their hits.

    Raises `MoreThanLimit` when one is exceeded even without earlier hits.
    """
    now = timezone.now()
    # Sorted, because two requests that lock in different orders would wait for each other for ever.
    for limit in sorted(limits, key=lambda limit: (limit.what, limit.by, limit.window)):
        if limit.times > limit.most:
            raise MoreThanLimit(limit.most, limit.window)
        _lock(f"{limit.what} {limit.by}")
        _check(limit, now)
    RateLimitHit.objects.bulk_create(
        [
            RateLimitHit(what=what, by=by, times=times, at=now)
            for what, by, times in dict.fromkeys((limit.what, limit.by, limit.times) for limit in limits)
        ]
    )


def check_limits(limits: Sequence[RateLimit]) -> None:
    """Raises `RateLimitExceeded` when one of the limits would be exceeded; counts nothing."""
    for limit in limits:
        _check(limit, timezone.now())


def _check(limit: RateLimit, now: datetime) -> None:
    recent = RateLimitHit.objects.filter(what=limit.what, by=limit.by, at__gt=now - limit.window)
    total = recent.aggregate(total=Sum("times"))["total"] or 0
    if (excess := total + limit.times - limit.most) > 0:
        wait = _time_of_hit(recent, excess) + limit.window - now
        raise RateLimitExceeded(max(1, ceil(wait.total_seconds())))


def _time_of_hit(hits: QuerySet[RateLimitHit], excess: int) -> datetime:
    """Returns the time of the hit after whose end there are `excess` uses fewer."""
    for at, times in hits.order_by("at").values_list("at", "times").iterator():
        excess -= times
        if excess <= 0:
            return at
    return timezone.now()


def _lock(name: str) -> None:
    """Lets only one request at a time count and add hits. SQLite runs one writing transaction at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def delete_old_hits() -> None:
    RateLimitHit.objects.filter(at__lt=timezone.now() - DAY).delete()
