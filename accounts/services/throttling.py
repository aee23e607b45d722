"""Rate limits, counted in the database so that they hold across processes and machines."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import RateLimitHit

WINDOW = timedelta(hours=1)


class RateLimitExceeded(Exception):
    """A rate limit was exceeded. The caller may try again after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True)
class RateLimit:
    """Allows `what` at most `per_hour` times within any hour `by` one phone, address or the like."""

    what: str
    by: str
    per_hour: int


def under_limit(*, what: str, by: Collection[str], per_hour: int) -> set[str]:
    """Returns the phones (or the like) that have not reached the limit, and counts one hit for each of them."""
    recent = RateLimitHit.objects.filter(what=what, by__in=by, at__gt=timezone.now() - WINDOW)
    counts = Counter(recent.values_list("by", flat=True))
    allowed = {one for one in by if counts[one] < per_hour}
    RateLimitHit.objects.bulk_create([RateLimitHit(what=what, by=one) for one in allowed])
    return allowed


@transaction.atomic
def consume(limits: Sequence[RateLimit], *, times: int = 1) -> None:
    """Counts hits against all of the limits, or none and raises `RateLimitExceeded` when one would be exceeded."""
    now = timezone.now()
    # Sorted, because two requests that lock in different orders would wait for each other for ever.
    for limit in sorted(limits, key=lambda limit: (limit.what, limit.by)):
        _lock(f"{limit.what} {limit.by}")
        recent = RateLimitHit.objects.filter(what=limit.what, by=limit.by, at__gt=now - WINDOW).order_by("-at")
        allowed = max(limit.per_hour - times, 0)
        blocking_hit_at = recent.values_list("at", flat=True)[allowed : allowed + 1].first()
        if blocking_hit_at or times > limit.per_hour:
            wait = (blocking_hit_at or now) + WINDOW - now
            raise RateLimitExceeded(max(1, ceil(wait.total_seconds())))
    RateLimitHit.objects.bulk_create(
        [RateLimitHit(what=limit.what, by=limit.by, at=now) for limit in limits for _ in range(times)]
    )


def _lock(name: str) -> None:
    """Lets only one request at a time count and add hits. SQLite runs one writing transaction at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def delete_old_hits() -> None:
    RateLimitHit.objects.filter(at__lt=timezone.now() - WINDOW).delete()
