"""The clocks of this machine, the database and the storage. Leases and signed URLs need them to agree."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from django.db import DatabaseError, connection

from core.deadlines import run_with_timeout
from photos.probing import StorageTrouble, probe_storage
from pickeez_site.operations.doctor.database import query_within
from pickeez_site.operations.doctor.findings import SECONDS, Finding, errors_as_findings, ok, problem, warning

MOST_SECONDS = 5.0
# A file system may round times to two seconds, the Date of HTTP to one.
DATABASE_NOW = {
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
    "postgresql": "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US+00:00')",
}


@errors_as_findings("clock")
def clock(seconds: float = 2 * SECONDS) -> Finding:
    """Whether the clocks agree."""
    skews: dict[str, float] = {}
    silent = []
    for name, ask_within, read in (
        ("database", query_within, _database_now),
        ("storage", run_with_timeout, _storage_now),
    ):
        try:
            skews[name] = ask_within(seconds, partial(_skew, read))
        except (TimeoutError, DatabaseError, StorageTrouble, OSError, ValueError):
            silent.append(name)
    apart = {name: skew for name, skew in skews.items() if abs(skew) > MOST_SECONDS}
    if apart:
        advice = "Have the clocks of all machines set by NTP."
        return problem(
            "clock", "; ".join(f"the {name}'s is {_in_words(skew)}" for name, skew in apart.items()), advice
        )
    if silent:
        advice = f"See what is said of the {silent[0]}."
        return warning("clock", f"that of the {' and the '.join(silent)} cannot be read", advice)
    return ok("clock", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, as in the database and the storage")


def _skew(read: Callable[[], datetime]) -> float:
    """By how many seconds the other clock is ahead, at least; the time that asking took speaks for it."""
    before = datetime.now(UTC)
    there = read()
    after = datetime.now(UTC)
    if before <= there <= after:
        return 0.0
    return (there - (before if there < before else after)).total_seconds()


def _in_words(skew: float) -> str:
    return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's"


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(DATABASE_NOW[connection.vendor])
        return datetime.fromisoformat(cursor.fetchone()[0])


def _storage_now() -> datetime:
    return probe_storage().now
