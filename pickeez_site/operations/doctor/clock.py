"""The clocks of this machine, the database and the storage. They must agree, because of leases and signed URLs."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from django.db import DatabaseError, connection

from core.deadlines import run_with_timeout
from photos.probing import StorageTrouble, probe_storage
from pickeez_site.operations.doctor.database import query_with_timeout
from pickeez_site.operations.doctor.findings import (
    TIMEOUT_SECONDS,
    Finding,
    errors_as_findings,
    ok,
    problem,
    warning,
)

# File systems may round times to two seconds, HTTP's `Date` header to one.
MAX_SKEW_SECONDS = 5.0
DATABASE_NOW = {
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
    "postgresql": "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US+00:00')",
}


@errors_as_findings("clock")
def check_clock(seconds: float = 2 * TIMEOUT_SECONDS) -> Finding:
    """Whether the clocks agree."""
    skews: dict[str, float] = {}
    unreadable = []
    for name, ask_within, read in (
        ("database", query_with_timeout, _database_now),
        ("storage", run_with_timeout, _storage_now),
    ):
        try:
            skews[name] = ask_within(seconds, partial(_skew, read))
        except (TimeoutError, DatabaseError, StorageTrouble, OSError, ValueError):
            unreadable.append(name)
    skewed = {name: skew for name, skew in skews.items() if abs(skew) > MAX_SKEW_SECONDS}
    if skewed:
        advice = "Have the clocks of all machines set by NTP."
        return problem(
            "clock", "; ".join(f"the {name}'s is {_in_words(skew)}" for name, skew in skewed.items()), advice
        )
    if unreadable:
        advice = f"See the finding about the {unreadable[0]}."
        return warning("clock", f"that of the {' and the '.join(unreadable)} cannot be read", advice)
    return ok("clock", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, as in the database and the storage")


def _skew(read: Callable[[], datetime]) -> float:
    """The number of seconds by which the other clock is ahead, less the time that reading it took."""
    before = datetime.now(UTC)
    other = read()
    after = datetime.now(UTC)
    if before <= other <= after:
        return 0.0
    return (other - (before if other < before else after)).total_seconds()


def _in_words(skew: float) -> str:
    return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's"


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(DATABASE_NOW[connection.vendor])
        return datetime.fromisoformat(cursor.fetchone()[0])


def _storage_now() -> datetime:
    return probe_storage().now
