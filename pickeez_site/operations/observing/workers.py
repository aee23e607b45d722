"""The worker's logs and metrics: it logs and counts each task, with the id of the request that caused it."""

import logging
import logging.config
from contextvars import Token
from dataclasses import dataclass
from time import perf_counter

from celery import Task, signals
from django.conf import settings

from pickeez_site.operations.observing import context
from pickeez_site.operations.observing.metrics import count_task, time_task

logger = logging.getLogger("pickeez.tasks")

HEADER = "request_id"
EVENTS = {"SUCCESS": "succeeded", "FAILURE": "failed", "RETRY": "retried"}
PERIODIC = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


@dataclass(frozen=True)
class RunningTask:
    start: float
    request_id_token: Token[str]
    task_id_token: Token[str]


_running: dict[str, RunningTask] = {}


@signals.setup_logging.connect
def set_up_logging(**_: object) -> None:
    """Configures the logs. Celery does not configure them itself when this signal has a receiver."""
    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def pass_request_id(headers: dict[str, object], **_: object) -> None:
    if request_id := context.request_id.get():
        headers.setdefault(HEADER, request_id)


@signals.task_prerun.connect
def on_task_start(task_id: str, task: Task, **_: object) -> None:
    request_id = str(task.request.get(HEADER) or context.request_id.get())
    _running[task_id] = RunningTask(
        perf_counter(), context.request_id.set(request_id), context.task_id.set(task_id)
    )
    count_task(task.name, "started")


@signals.task_postrun.connect
def on_task_end(task_id: str, task: Task, state: str | None = None, **_: object) -> None:
    running = _running.pop(task_id, None)
    if running is None:
        return
    seconds, event = perf_counter() - running.start, EVENTS.get(state or "", "failed")
    count_task(task.name, event)
    time_task(task.name, seconds)
    # A periodic task that succeeds, every few seconds, would fill the log.
    level = logging.DEBUG if task.name in PERIODIC and event == "succeeded" else logging.INFO
    facts = {"task": task.name, "outcome": event, "seconds": round(seconds, 3)}
    logger.log(level, "%(task)s %(outcome)s in %(seconds)s s", facts, extra=facts)
    context.task_id.reset(running.task_id_token)
    context.request_id.reset(running.request_id_token)


@signals.worker_ready.connect
def serve_metrics(**_: object) -> None:
    """Serves the worker's own `/metrics`, for machines without a web process."""
    if not settings.METRICS_PORT:
        return
    from prometheus_client import CollectorRegistry, start_http_server

    from pickeez_site.operations.observing.metrics import FilesCollector

    registry = CollectorRegistry()
    registry.register(FilesCollector())
    start_http_server(settings.METRICS_PORT, settings.METRICS_HOST, registry)
    logger.info("Metrics are served on %s:%s.", settings.METRICS_HOST, settings.METRICS_PORT)
