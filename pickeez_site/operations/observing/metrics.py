"""What is counted and timed, in all processes; and how Prometheus is answered."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.outages import CircuitBreaker
from pickeez_site.operations.observing.prometheus_files import UNREADABLE, keep_in_files
from pickeez_site.operations.observing.sharing import files, has_place, metrics_dir, place

logger = logging.getLogger(__name__)
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

# What cannot be counted is told once a minute.
_told = CircuitBreaker(seconds=60)

keep_in_files(metrics_dir(), place)  # before the first metric is made

REQUESTS = Counter("pickeez_http_requests", "Requests answered.", ["route", "method", "status"], registry=None)
REQUEST_SECONDS = Histogram(
    "pickeez_http_request_seconds",
    "Seconds until an answer begins.",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=None,
)
TASKS = Counter(
    "pickeez_tasks",
    "Tasks of the worker; the events are started, succeeded, failed and retried.",
    ["task", "event"],
    registry=None,
)
TASK_SECONDS = Histogram(
    "pickeez_task_seconds",
    "Seconds that a task took.",
    ["task"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    registry=None,
)
STAGE_SECONDS = Histogram(
    "pickeez_stage_seconds",
    "Seconds that a stage of the processing of an original took.",
    ["stage"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=None,
)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    _write(REQUESTS.labels, (route, method, str(status)), lambda metric: metric.inc())
    _write(REQUEST_SECONDS.labels, (route, method), lambda metric: metric.observe(seconds))


def count_task(name: str, event: str) -> None:
    _write(TASKS.labels, (name, event), lambda metric: metric.inc())


def time_task(name: str, seconds: float) -> None:
    _write(TASK_SECONDS.labels, (name,), lambda metric: metric.observe(seconds))


def time_stages(stage_seconds: Mapping[str, float]) -> None:
    for stage, seconds in stage_seconds.items():
        _write(STAGE_SECONDS.labels, (stage,), lambda metric, seconds=seconds: metric.observe(seconds))


def _write(child: Callable, labels: Iterable[str], change: Callable) -> None:
    """Changes one metric. A disk that takes no files must not keep anybody from their work."""
    if not has_place():
        return
    try:
        change(child(*labels))
    except UNREADABLE:
        if not _told.is_open():
            logger.warning("A metric cannot be written.", exc_info=True)
            _told.trip()


class FilesCollector(Collector):
    """What all processes that share DATA_DIR have written."""

    def collect(self) -> Iterator[Metric]:
        try:
            yield from MultiProcessCollector.merge(files())
        except UNREADABLE:
            logger.warning("What processes have counted cannot be read.", exc_info=True)


def render(*collectors: Collector) -> bytes:
    """All of it in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in (FilesCollector(), *collectors):
        registry.register(collector)
    return generate_latest(registry)
