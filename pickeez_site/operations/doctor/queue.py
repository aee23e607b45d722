"""Whether the work gets done: how long the oldest of it has been waiting."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from albums.models import PendingAlbum
from photos.models import Original
from pickeez_site.operations.doctor.findings import Finding, errors_as_findings, ok, problem, warning

LATE = timedelta(minutes=10)
HOPELESS = timedelta(hours=6)


@errors_as_findings("albums queue")
def albums_queue() -> Finding:
    """How long the album at the head of the queue has been waiting."""
    try:
        waiting = PendingAlbum.objects.queued().order_by("touched_at")
        oldest = waiting.values_list("touched_at", flat=True).first()
        number = waiting.count()
    except DatabaseError as error:
        return _unreadable("albums queue", error)
    advice = "See that a worker and the scheduler run; `manage.py process_albums --all` does it here and now."
    if settings.ALBUM_PROCESSOR == "external":
        advice = "See that the outside algorithm runs; `manage.py process_albums --all` does it here and now."
    return _judged("albums queue", "albums", number, oldest, advice)


@errors_as_findings("originals queue")
def originals_queue() -> Finding:
    """How long the oldest unfinished original has been waiting."""
    try:
        waiting = Original.objects.unfinished().order_by("waiting_since")
        oldest = waiting.values_list("waiting_since", flat=True).first()
        number = waiting.count()
    except DatabaseError as error:
        return _unreadable("originals queue", error)
    advice = "See that a worker and the scheduler run, and what the worker's log says."
    return _judged("originals queue", "originals", number, oldest, advice)


def _judged(name: str, what: str, number: int, oldest: datetime | None, advice: str) -> Finding:
    if oldest is None:
        return ok(name, "nothing waits")
    age = timezone.now() - oldest
    found = f"{number} {what} wait, the oldest for {_in_words(age)}"
    if age > HOPELESS:
        return problem(name, found, advice)
    return warning(name, found, advice) if age > LATE else ok(name, found)


def _in_words(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"


def _unreadable(name: str, error: DatabaseError) -> Finding:
    return problem(name, f"it cannot be read ({type(error).__name__})", "See what is said of the database.")
