"""Whether requests should be sent here: the checks behind `/readyz`."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from django.db import DatabaseError

from core.deadlines import run_with_timeout
from photos import storage
from pickeez_site.operations.doctor import Finding, Level
from pickeez_site.operations.doctor.broker import broker
from pickeez_site.operations.doctor.database import database, query_within
from pickeez_site.operations.doctor.queue import LATE
from pickeez_site.operations.observing.caching import Remembered
from pickeez_site.operations.observing.state import oldest_work

logger = logging.getLogger(__name__)

SECONDS = 2.0
# How long an answer is good. A failure may have left a thread behind that waits for the network: no more of those
# than one in a while.
GOOD_SECONDS, BAD_SECONDS = 1.5, 5.0
# Without these no request can be answered. Without the broker uploads are kept, and the sweep finds them; and no
# other web process would have a shorter queue.
NEEDED = ("database", "storage")


class NotWell(Exception):
    """What is wrong, in words for everybody: they name no host, unlike what `manage.py doctor` finds."""


def check_database() -> None:
    """Raises `NotWell`, as all of these checks do."""
    _refuse_problem(database(SECONDS), "It does not answer.")


def check_broker() -> None:
    _refuse_problem(broker(SECONDS), "It does not answer. Uploads are kept, and processed when it is back.")


def _refuse_problem(finding: Finding, public: str) -> None:
    if finding.level == Level.PROBLEM:
        raise NotWell(public)


def check_storage() -> None:
    """Writes nothing, unlike the doctor's: probes come all the time."""
    try:
        run_with_timeout(SECONDS, storage.check_reachable)
    except (storage.StorageUnavailable, OSError) as error:
        raise NotWell("It does not answer.") from error


def check_queue() -> None:
    try:
        seconds = query_within(SECONDS, oldest_work)
    except (DatabaseError, OSError, ValueError) as error:
        raise NotWell("Unknown while the database does not answer.") from error
    if seconds > LATE.total_seconds():
        raise NotWell(f"The oldest picture has waited for {seconds // 60:.0f} minutes.")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "broker": check_broker,
    "storage": check_storage,
    "queue": check_queue,
}


def check_all() -> dict[str, Any]:
    """What `/readyz` answers. All checks run at once and end in time."""
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        checks = dict(zip(CHECKS, pool.map(_timed, CHECKS.values()), strict=True))
    return {"ready": all(checks[name]["ok"] for name in NEEDED), "checks": checks}


def _timed(check: Callable[[], None]) -> dict[str, Any]:
    start, error = perf_counter(), ""
    try:
        check()
    except NotWell as trouble:
        error = str(trouble)
    except Exception:  # whatever is wrong, a probe gets an answer
        logger.exception("A check of the readiness failed.")
        error = "The check itself failed."
    found = {"ok": not error, "seconds": round(perf_counter() - start, 3)}
    return found | {"error": error} if error else found


def _good_for(answer: dict[str, Any]) -> float:
    return GOOD_SECONDS if all(check["ok"] for check in answer["checks"].values()) else BAD_SECONDS


readiness = Remembered(check_all, _good_for)
