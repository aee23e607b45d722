"""The numbers of the figures, in a fixed number of queries. Each uses an index: there may be a million photos."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Value
from django.utils import timezone

from albums.models import PendingAlbum
from photos.models import Original, Photo

DAYS = 30
MAX_REASONS = 6
LATEST = 500
# Ranges of waiting time, with their upper limits. The last one has none.
AGES = (
    ("< 1 min", timedelta(minutes=1)),
    ("1 to 5 min", timedelta(minutes=5)),
    ("5 to 30 min", timedelta(minutes=30)),
    ("½ to 2 h", timedelta(hours=2)),
    ("> 2 h", None),
)


def photos_per_day() -> dict[date, int]:
    """The number of photos added on each of the last days (UTC), oldest first. Photos in the trash count, too."""
    today = timezone.now().date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    starts = [_first_key(day) for day in (*days, today + timedelta(days=1))]
    # Keys sort by time: counting between two of them reads only the index of the primary key.
    counts = [
        Photo.objects.filter(pk__gte=start, pk__lt=end)
        .order_by()
        .annotate(number=Value(number))
        .values_list("number")
        .annotate(n=Count("*"))
        for number, (start, end) in enumerate(pairwise(starts))
    ]
    found = dict(counts[0].union(*counts[1:], all=True))
    return {day: found.get(number, 0) for number, day in enumerate(days)}


def _first_key(day: date) -> UUID:
    """The lower limit of the UUIDv7 keys that are made on this day or later."""
    milliseconds = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


@dataclass(frozen=True)
class Waiting:
    """The number of waiting rows in each range of `AGES`, and the time since when the oldest waits."""

    by_age: Sequence[int]
    oldest: datetime | None

    @property
    def total(self) -> int:
        return sum(self.by_age)


def albums_waiting() -> Waiting:
    return _waiting(PendingAlbum.objects.queued(), "touched_at")


def originals_waiting() -> Waiting:
    return _waiting(Original.objects.unfinished(), "waiting_since")


def _waiting(rows: QuerySet[Original] | QuerySet[PendingAlbum], since: str) -> Waiting:
    now = timezone.now()
    counts, younger = {}, Q()
    for number, (_, age) in enumerate(AGES):
        this = Q(**{f"{since}__gt": now - age}) if age else Q()
        counts[f"age_{number}"] = Count(since, filter=this & ~younger if younger else this)
        younger = this
    found = rows.order_by().aggregate(oldest=Min(since), **counts)
    return Waiting([found[name] for name in counts], found["oldest"])


def failures_by_reason() -> list[tuple[str, int]]:
    """The most frequent reasons why originals failed, each with the number of originals."""
    reasons = (
        Original.objects.failed().order_by().values_list("error").annotate(n=Count("*")).order_by("-n", "error")
    )
    return list(reasons[:MAX_REASONS])


def count_failures() -> int:
    return Original.objects.failed().count()


def seconds_per_stage() -> dict[str, float]:
    """The median seconds of each part of the stages, over the newest ready originals, the slowest first."""
    latest = Original.objects.filter(status=Original.Status.READY).order_by("-pk")
    rows = [row for row in latest.values_list("stage_seconds", flat=True)[:LATEST] if row]
    taken: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for part, seconds in row.items():
            taken[part].append(seconds)
    medians = [(part, statistics.median(seconds)) for part, seconds in taken.items()]
    return dict(sorted(medians, key=lambda part: part[1], reverse=True))
