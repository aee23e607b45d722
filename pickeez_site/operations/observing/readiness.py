"""Whether requests should be sent here: the checks behind `/readyz`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from django.db import DatabaseError

from photos import storage
from pickeez_site.operations.doctor import Level
from pickeez_site.operations.doctor.broker import broker
from pickeez_site.operations.doctor.database import database
from pickeez_site.operations.doctor.findings import within
from pickeez_site.operations.observing.caching import Remembered
from pickeez_site.operations.observing.state import alone, oldest_work

SECONDS = 2.0
LATE_SECONDS = 600  # work that is older than this is late
# How long an answer is good. A failure may have left a thread behind that waits for the network: no more of those
# than one in a while.
GOOD_SECONDS, BAD_SECONDS = 1.5, 5.0
# Without these no request can be answered. Without the broker uploads are kept, and the sweep finds them; and no
# other web process would have a shorter queue.
NEEDED = ("database", "storage")


def check_database() -> str:
    """Words for what is wrong; empty when all is well. They name no host, unlike those of `manage.py doctor`."""
    return "It does not answer." if database(SECONDS).level == Level.PROBLEM else ""


def check_broker() -> str:
    fault = "It does not answer. Uploads are kept, and processed when it is back."
    return fault if broker(SECONDS).level == Level.PROBLEM else ""


def check_storage() -> str:
    try:
        within(SECONDS, storage.look)
    except (storage.StorageUnavailable, OSError):
        return "It does not answer."
    return ""


def check_queue() -> str:
    try:
        age = within(SECONDS, lambda: alone(oldest_work))
    except (DatabaseError, OSError, ValueError):
        return "Unknown while the database does not answer."
    return f"The oldest picture has waited for {age // 60:.0f} minutes." if age > LATE_SECONDS else ""


CHECKS: dict[str, Callable[[], str]] = {
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


def _timed(check: Callable[[], str]) -> dict[str, Any]:
    start = perf_counter()
    try:
        error = check()
    except Exception:  # noqa: BLE001 - whatever is wrong, a probe gets an answer
        error = "The check itself failed."
    found = {"ok": not error, "seconds": round(perf_counter() - start, 3)}
    return found | {"error": error} if error else found


def _good_for(answer: dict[str, Any]) -> float:
    return GOOD_SECONDS if all(check["ok"] for check in answer["checks"].values()) else BAD_SECONDS


readiness = Remembered(check_all, _good_for)
