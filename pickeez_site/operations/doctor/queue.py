"""The queues of albums and originals: how long the oldest work has been waiting."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from albums.models import PendingAlbum
from photos.models import Original
from pickeez_site.operations.doctor.findings import Finding, errors_as_findings, ok, problem, warning

WARNING_AGE = timedelta(minutes=10)
PROBLEM_AGE = timedelta(hours=6)


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
        advice = "Check that the outside algorithm runs. `manage.py process_albums --all` processes them now."
    return _judge("albums queue", "albums", number, oldest, advice)


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
