"""All checks by name, in the order in which their findings help: what others rest on comes first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from pickeez_site.operations.doctor.broker import broker, scheduler, workers
from pickeez_site.operations.doctor.clock import clock
from pickeez_site.operations.doctor.configuration import configuration, data_dir
from pickeez_site.operations.doctor.database import database, migrations
from pickeez_site.operations.doctor.findings import Finding, Level
from pickeez_site.operations.doctor.models import face_models, object_model
from pickeez_site.operations.doctor.queue import albums_queue, originals_queue
from pickeez_site.operations.doctor.storage import storage


class Check(NamedTuple):
    """A look, and the names of findings without which it makes no sense."""

    look: Callable[[], Finding]
    needs: frozenset[str] = frozenset()


DATABASE = frozenset({"database"})
TABLES = frozenset({"database", "migrations"})
BROKER = frozenset({"broker"})
# What `--only` takes; `settings` comes last, and may find several things.
CHECKS: Mapping[str, tuple[Check, ...]] = {
    "data": (Check(data_dir),),
    "database": (Check(database), Check(migrations, DATABASE)),
    "storage": (Check(storage),),
    "broker": (Check(broker), Check(workers, BROKER), Check(scheduler)),
    "queue": (Check(albums_queue, TABLES), Check(originals_queue, TABLES)),
    "models": (Check(face_models), Check(object_model)),
    "clock": (Check(clock),),
}
SETTINGS = "settings"
NAMES = (*CHECKS, SETTINGS)


def examine(names: Iterable[str] = NAMES) -> Iterator[Finding]:
    """The findings, one after the other."""
    wanted = set(names)
    broken: set[str] = set()
    for look, needs in (check for name, checks in CHECKS.items() if name in wanted for check in checks):
        if broken & needs:
            continue
        finding = look()
        if finding.level == Level.PROBLEM:
            broken.add(finding.name)
        yield finding
    if SETTINGS in wanted:
        yield from configuration()
