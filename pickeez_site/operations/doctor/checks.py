"""All checks by name. A check that others depend on comes before them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from pickeez_site.operations.doctor.broker import check_broker, check_scheduler, check_workers
from pickeez_site.operations.doctor.clock import check_clock
from pickeez_site.operations.doctor.configuration import check_data_dir, check_settings
from pickeez_site.operations.doctor.database import check_database, check_migrations
from pickeez_site.operations.doctor.emails import check_emails
from pickeez_site.operations.doctor.findings import Finding, Level
from pickeez_site.operations.doctor.models import (
    check_face_models,
    check_faults,
    check_object_detector,
    check_what_other_engines_saw,
)
from pickeez_site.operations.doctor.queue import check_albums_queue, check_originals_queue, check_taken_outside
from pickeez_site.operations.doctor.storage import check_storage


class Check(NamedTuple):
    """A check, and the names of the findings that must not be problems before it runs."""

    run: Callable[[], Finding]
    needs: frozenset[str] = frozenset()


DATABASE = frozenset({"database"})
TABLES = frozenset({"database", "migrations"})
BROKER = frozenset({"broker"})
# The names that `--only` accepts. `settings` is apart: it runs last, and may have several findings.
CHECKS: Mapping[str, tuple[Check, ...]] = {
    "data": (Check(check_data_dir),),
    "database": (Check(check_database), Check(check_migrations, DATABASE)),
    "storage": (Check(check_storage),),
    "broker": (Check(check_broker), Check(check_workers, BROKER), Check(check_scheduler)),
    "queue": (
        Check(check_albums_queue, TABLES),
        Check(check_taken_outside, TABLES),
        Check(check_originals_queue, TABLES),
    ),
    "models": (
        Check(check_face_models),
        Check(check_what_other_engines_saw, TABLES),
        Check(check_faults, TABLES),
        Check(check_object_detector),
    ),
    "email": (Check(check_emails, TABLES),),
    "clock": (Check(check_clock),),
}
SETTINGS = "settings"
CHECK_NAMES = (*CHECKS, SETTINGS)


def run_checks(names: Iterable[str] = CHECK_NAMES) -> Iterator[Finding]:
    """Runs the checks of these names and yields their findings."""
    wanted = set(names)
    problems: set[str] = set()
    for run, needs in (check for name, checks in CHECKS.items() if name in wanted for check in checks):
        if problems & needs:
            continue
        finding = run()
        if finding.level == Level.PROBLEM:
            problems.add(finding.name)
        yield finding
    if SETTINGS in wanted:
        yield from check_settings()
