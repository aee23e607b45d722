"""The broker, the workers that listen to it, and the scheduler that sends the periodic tasks."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from kombu.exceptions import KombuError, OperationalError

from core.deadlines import run_with_timeout
from pickeez_site.celery import app
from pickeez_site.operations.doctor.findings import (
    TIMEOUT_SECONDS,
    Finding,
    errors_as_findings,
    first_line,
    ok,
    problem,
    warning,
)

WORKER_TIMEOUT_SECONDS = 3.0
# Celery's scheduler writes its file every three minutes.
SCHEDULE_WRITTEN_EVERY = timedelta(minutes=3)
ERRORS = (OperationalError, KombuError, OSError, ValueError, ImportError)
START = "`make run` starts one, and so does `celery --app pickeez_site"


@errors_as_findings("broker")
def check_broker(seconds: float = TIMEOUT_SECONDS) -> Finding:
    """Whether the broker accepts tasks."""
    try:
        address = run_with_timeout(seconds, _connect)
    except TimeoutError:
        return problem("broker", f"no answer within {seconds:g} s", _check_url())
    except ERRORS as error:
        return problem("broker", f"it cannot be reached ({first_line(error)})", _check_url())
    return ok("broker", f"{address} accepts tasks")


def _connect() -> str:
    """Connects to the broker and returns its address without the password. Raises kombu's errors or `OSError`."""
    with app.connection_for_write() as connection:
        address: str = connection.as_uri()
        if settings.CELERY_BROKER_URL == settings.EMBEDDED_BROKER:
            folder = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"can be written")
            return f"the embedded one in {folder}"
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
        return address


@errors_as_findings("workers")
def check_workers(seconds: float = WORKER_TIMEOUT_SECONDS) -> Finding:
    """Whether a worker answers."""
    try:
        names = run_with_timeout(
            seconds + TIMEOUT_SECONDS, lambda: app.control.inspect(timeout=seconds, limit=1).ping() or {}
        )
    except TimeoutError:
        return problem(
            "workers", f"the broker gave no answer within {seconds + TIMEOUT_SECONDS:g} s", _check_url()
        )
    except ERRORS as error:
        return problem("workers", f"they cannot be asked ({first_line(error)})", _check_url())
    if not names:
        advice = f"Start one: {START} worker`."
        return problem("workers", f"none answers within {seconds:g} s", advice)
    return ok("workers", f"{next(iter(names))} answers")


@errors_as_findings("scheduler")
def check_scheduler() -> Finding:
    """Whether the scheduler has run recently, judged by the file that it writes into DATA_DIR."""
    file = Path(settings.CELERY_BEAT_SCHEDULE_FILENAME)
    written = [path.stat().st_mtime for path in file.parent.glob(f"{file.name}*") if path.is_file()]
    advice = f"Start one, on one machine only: {START} beat`."
    if not written:
        return warning("scheduler", "none has run with this DATA_DIR", f"If none runs elsewhere: {advice}")
    age = datetime.now(UTC) - datetime.fromtimestamp(max(written), UTC)
    if age > 2 * SCHEDULE_WRITTEN_EVERY:
        return problem("scheduler", f"it last wrote its file {_minutes(age)} minutes ago", advice)
    return ok("scheduler", f"it wrote its file {_minutes(age)} minutes ago")


def _minutes(age: timedelta) -> int:
    return max(0, int(age.total_seconds() // 60))


def _check_url() -> str:
    if settings.CELERY_BROKER_URL == settings.EMBEDDED_BROKER:
        return "Check that this user may write to DATA_DIR."
    return "Check CELERY_BROKER_URL, and that the broker is running and lets this machine in."
