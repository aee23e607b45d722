"""The checks behind `/readyz`: whether this process can answer requests."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import NotRequired, TypedDict

from django.db import DatabaseError

from core.deadlines import run_with_timeout
from photos import storage
from pickeez_site.operations.doctor import Finding, Level
from pickeez_site.operations.doctor.broker import check_broker
from pickeez_site.operations.doctor.database import check_database, query_with_timeout
from pickeez_site.operations.doctor.queue import WARNING_AGE
from pickeez_site.operations.observing.caching import CachedResult
from pickeez_site.operations.observing.gauges import oldest_unfinished_seconds

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2.0
# How long a result is cached. A check that failed may have left a thread behind that still waits for the network,
# so failures are cached for longer, to have few such threads.
READY_SECONDS, NOT_READY_SECONDS = 1.5, 5.0
# Without these, no request can be answered. Without the broker, uploads are stored and the sweep finds them. A
# long queue is the same for all web processes.
REQUIRED = ("database", "storage")


class NotReady(Exception):
    """Says what is wrong. Everybody may read it: it names no host, unlike the findings of `manage.py doctor`."""


def require_database() -> None:
    """Raises `NotReady` if there is a problem, like all of these checks."""
    _require_no_problem(check_database(TIMEOUT_SECONDS), "It does not answer.")


def require_broker() -> None:
    finding = check_broker(TIMEOUT_SECONDS)
    _require_no_problem(finding, "It does not answer. Uploads are kept, and processed when it is back.")


def _require_no_problem(finding: Finding, public: str) -> None:
    if finding.level == Level.PROBLEM:
        raise NotReady(public)


def require_storage() -> None:
    """Reads only, unlike the doctor's check, because probes come every few seconds."""
    try:
        run_with_timeout(TIMEOUT_SECONDS, storage.check_reachable)
    except (storage.StorageUnavailable, OSError) as error:
        raise NotReady("It does not answer.") from error


def require_short_queue() -> None:
    try:
        seconds = query_with_timeout(TIMEOUT_SECONDS, oldest_unfinished_seconds)
    except (DatabaseError, OSError, ValueError) as error:
        raise NotReady("Unknown while the database does not answer.") from error
    if seconds > WARNING_AGE.total_seconds():
        raise NotReady(f"The oldest picture has waited for {seconds // 60:.0f} minutes.")


CHECKS: dict[str, Callable[[], None]] = {
    "database": require_database,
    "broker": require_broker,
    "storage": require_storage,
    "queue": require_short_queue,
}


class CheckResult(TypedDict):
    """The result of one check, as `/readyz` shows it. `error` is missing when the check is ok."""

    ok: bool
    seconds: float
    error: NotRequired[str]


class Readiness(TypedDict):
    ready: bool
    checks: dict[str, CheckResult]


def run_checks() -> Readiness:
    """The answer of `/readyz`. All checks run at the same time, each with a time limit."""
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        checks = dict(zip(CHECKS, pool.map(_run_check, CHECKS.values()), strict=True))
    return {"ready": all(checks[name]["ok"] for name in REQUIRED), "checks": checks}


def _run_check(check: Callable[[], None]) -> CheckResult:
    start, error = perf_counter(), ""
    try:
        check()
    except NotReady as not_ready:
        error = str(not_ready)
    except Exception:  # a probe gets an answer whatever happens
        logger.exception("A check of the readiness failed.")
        error = "The check itself failed."
    result: CheckResult = {"ok": not error, "seconds": round(perf_counter() - start, 3)}
    if error:
        result["error"] = error
    return result


def _cache_seconds(answer: Readiness) -> float:
    return READY_SECONDS if all(check["ok"] for check in answer["checks"].values()) else NOT_READY_SECONDS


readiness = CachedResult(run_checks, _cache_seconds)
