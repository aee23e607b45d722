"""The queues of albums and originals: how long the oldest work has been waiting, and what an algorithm holds."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Min
from django.utils import timezone

from albums.models import PendingAlbum
from photos.models import Original
from pickeez_site.operations.doctor.findings import Finding, errors_as_findings, ok, problem, warning

WARNING_AGE = timedelta(minutes=10)
PROBLEM_AGE = HELD_LONG = timedelta(hours=6)
_CHECK_ALGORITHM = "Check that the outside algorithm runs."


@errors_as_findings("albums queue")
def check_albums_queue() -> Finding:
    """How long the album at the head of the queue has been waiting."""
    try:
        waiting = PendingAlbum.objects.queued().order_by("touched_at")
        oldest = waiting.values_list("touched_at", flat=True).first()
        number = waiting.count()
    except DatabaseError as error:
        return _unreadable("albums queue", error)
    advice = "Check that a worker and the scheduler run. `manage.py process_albums --all` processes them now."
    if settings.ALBUM_PROCESSOR == "external":
        advice = f"{_CHECK_ALGORITHM} `manage.py process_albums --all` processes them now."
    return _judge("albums queue", "albums", number, oldest, advice)


@errors_as_findings("outside algorithm")
def check_taken_outside() -> Finding:
    """Whether an outside algorithm was heard of, in time, about the albums that it took."""
    name = "outside algorithm"
    try:
        lapsed = PendingAlbum.objects.lapsed_outside()
        number_lapsed = lapsed.count()
        first_lapsed = lapsed.aggregate(first=Min("lease_until"))["first"]
        taken = PendingAlbum.objects.handed_out().taken()
        number, first = taken.count(), taken.aggregate(first=Min("claimed_at"))["first"]
    except DatabaseError as error:
        return _unreadable(name, error)
    if number_lapsed:
        found = f"nothing was heard of {number_lapsed} albums that it took, and the first is free"
        found += f" for {_in_words(timezone.now() - first_lapsed)}" if first_lapsed else ""
        return warning(name, found, f"{_CHECK_ALGORITHM} Its next requests get them again.")
    if not first:
        return ok(name, "it holds no albums")
    age = timezone.now() - first
    found = f"it holds {number} albums, the first for {_in_words(age)}"
    advice = f"{_CHECK_ALGORITHM} “Set pending” in the admin gives its albums to others."
    return warning(name, found, advice) if age > HELD_LONG else ok(name, found)


@errors_as_findings("originals queue")
def check_originals_queue() -> Finding:
    """How long the oldest unfinished original has been waiting."""
    try:
        waiting = Original.objects.unfinished().order_by("waiting_since")
        oldest = waiting.values_list("waiting_since", flat=True).first()
        number = waiting.count()
    except DatabaseError as error:
        return _unreadable("originals queue", error)
    advice = "Check that a worker and the scheduler run, and read the worker's log."
    return _judge("originals queue", "originals", number, oldest, advice)


def _judge(name: str, what: str, number: int, oldest: datetime | None, advice: str) -> Finding:
    if oldest is None:
        return ok(name, "nothing waits")
    age = timezone.now() - oldest
    found = f"{number} {what} wait, the oldest for {_in_words(age)}"
    if age > PROBLEM_AGE:
        return problem(name, found, advice)
    return warning(name, found, advice) if age > WARNING_AGE else ok(name, found)


def _in_words(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"


def _unreadable(name: str, error: DatabaseError) -> Finding:
    return problem(name, f"it cannot be read ({type(error).__name__})", "See the finding about the database.")
