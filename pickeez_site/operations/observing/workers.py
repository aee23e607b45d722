"""The worker's logs and metrics: a line and a count for each task, with the id of the request that caused it."""

import logging
import logging.config
from contextvars import Token
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from celery import signals
from django.conf import settings

from pickeez_site.operations.observing.context import request_id, task_id
from pickeez_site.operations.observing.metrics import count_task, time_task

logger = logging.getLogger("pickeez.tasks")

HEADER = "request_id"
EVENTS = {"SUCCESS": "succeeded", "FAILURE": "failed", "RETRY": "retried"}
PERIODIC = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


@dataclass(frozen=True)
class Running:
    start: float
    request: Token[str]
    task: Token[str]


_running: dict[str, Running] = {}


@signals.setup_logging.connect
def set_up_logging(**_: Any) -> None:
    """Celery leaves the logs alone where somebody else sets them up."""
    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def pass_request_id(headers: dict[str, Any], **_: Any) -> None:
    if known := request_id.get():
        headers.setdefault(HEADER, known)


@signals.task_prerun.connect
def begin(task_id: str, task: Any, **_: Any) -> None:
    known = task.request.get(HEADER) or request_id.get()
    _running[task_id] = Running(perf_counter(), request_id.set(str(known)), _set_task(task_id))
    count_task(task.name, "started")


def _set_task(identity: str) -> Token[str]:
    return task_id.set(identity)


@signals.task_postrun.connect
def end(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    running = _running.pop(task_id, None)
    if running is None:
        return
    seconds, event = perf_counter() - running.start, EVENTS.get(state or "", "failed")
    count_task(task.name, event)
    time_task(task.name, seconds)
    _say(task.name, seconds, event)
    _leave(running)


def _say(name: str, seconds: float, event: str) -> None:
    """What runs every few seconds, as it should, is told to nobody who has not asked."""
    level = logging.DEBUG if name in PERIODIC and event == "succeeded" else logging.INFO
    facts = {"task": name, "outcome": event, "seconds": round(seconds, 3)}
    logger.log(level, "%(task)s %(outcome)s in %(seconds)s s", facts, extra=facts)


def _leave(running: Running) -> None:
    task_id.reset(running.task)
    request_id.reset(running.request)


@signals.worker_ready.connect
def serve_metrics(**_: Any) -> None:
    """The worker's own `/metrics`, for machines without a web process."""
    if not settings.METRICS_PORT:
        return
    from prometheus_client import CollectorRegistry, start_http_server

    from pickeez_site.operations.observing.metrics import FilesCollector

    registry = CollectorRegistry()
    registry.register(FilesCollector())
    start_http_server(settings.METRICS_PORT, settings.METRICS_HOST, registry)
    logger.info("Metrics are served on %s:%s.", settings.METRICS_HOST, settings.METRICS_PORT)
