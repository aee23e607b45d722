"""The database: whether it answers, how fast, and whether all migrations are applied."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from core.deadlines import run_with_timeout
from pickeez_site.operations.doctor.findings import (
    TIMEOUT_SECONDS,
    Finding,
    errors_as_findings,
    first_line,
    ok,
    problem,
    warning,
)

SLOW_SECONDS = 0.1

Result = TypeVar("Result")


@errors_as_findings("database")
def check_database(seconds: float = TIMEOUT_SECONDS) -> Finding:
    """Whether the database answers, and how fast."""
    try:
        version, took = query_with_timeout(seconds, _measure_query)
    except TimeoutError:
        return problem("database", f"no answer within {seconds:g} s", _check_url())
    except (DatabaseError, OSError, ValueError) as error:
        return problem("database", f"it cannot be reached ({first_line(error)})", _check_url())
    milliseconds = f"{took * 1000:.1f} ms"
    if took > SLOW_SECONDS:
        advice = "Move it nearer to this machine, or find out what keeps it busy."
        return warning("database", f"{version} answers only after {milliseconds}", advice)
    if connection.vendor == "sqlite" and not version.endswith("wal"):
        advice = "Put DATA_DIR on a local disk: on this one, readers and writers wait for each other."
        return warning("database", f"{version} instead of wal", advice)
    return ok("database", f"{version}, answers in {milliseconds}")


@errors_as_findings("migrations")
def check_migrations(seconds: float = 2 * TIMEOUT_SECONDS) -> Finding:
    """Whether all migrations of this version are applied."""
    try:
        missing = query_with_timeout(seconds, _missing_migrations)
    except TimeoutError:
        return problem("migrations", f"no answer within {seconds:g} s", _check_url())
    except (DatabaseError, OSError, ValueError) as error:
        return problem("migrations", f"they cannot be read ({first_line(error)})", _check_url())
    if missing:
        return problem(
            "migrations", f"{len(missing)} are not applied, from {missing[0]} on", "Run `manage.py migrate`."
        )
    return ok("migrations", "all applied")


def query_with_timeout(seconds: float, query: Callable[[], Result]) -> Result:
    """What `query` returns or raises; `TimeoutError` when the time is up.

    The query runs in its own thread and so on its own connection, which is closed afterwards.
    """

    def run() -> Result:
        try:
            return query()
        finally:
            connection.close()

    return run_with_timeout(seconds, run)


def _measure_query() -> tuple[str, float]:
    """The version of the database (with SQLite's journal mode), and the seconds of one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        started = perf_counter()
        cursor.execute("SELECT 1")
        took = perf_counter() - started
    version = ".".join(map(str, connection.get_database_version()))
    if connection.vendor != "sqlite":
        return f"{connection.display_name} {version}", took
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        return f"SQLite {version}, journal {cursor.fetchone()[0]}", took


def _missing_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def _check_url() -> str:
    if connection.vendor == "sqlite":
        return "Check that DATABASE_URL or DATA_DIR names a place that this user may write to."
    return "Check DATABASE_URL, and that the database is running and lets this machine in."
