"""The counters and histograms of all processes, and their rendering for Prometheus."""

import logging
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.outages import CircuitBreaker
from pickeez_site.operations.observing.metric_files import claim_files, metric_files, metrics_dir, process_name
from pickeez_site.operations.observing.prometheus_internals import UNREADABLE, keep_in_files

logger = logging.getLogger(__name__)
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

# Closed when a failure to write a metric may be logged again: once a minute.
_warned = CircuitBreaker(seconds=60)

keep_in_files(metrics_dir(), process_name)  # must come before the first metric is made

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
    _add(REQUESTS, (route, method, str(status)))
    _add(REQUEST_SECONDS, (route, method), seconds)


def count_task(name: str, event: str) -> None:
    _add(TASKS, (name, event))


def time_task(name: str, seconds: float) -> None:
    _add(TASK_SECONDS, (name,), seconds)


def time_stages(stage_seconds: Mapping[str, float]) -> None:
    for stage, seconds in stage_seconds.items():
        _add(STAGE_SECONDS, (stage,), seconds)


def _add(metric: Counter | Histogram, labels: Iterable[str], amount: float = 1) -> None:
    """Increments a counter, or adds an observation to a histogram.

    When the disk cannot be written to, the amount is lost and the caller goes on.
    """
    if not claim_files():
        return
    try:
        labelled = metric.labels(*labels)
        if isinstance(labelled, Counter):
            labelled.inc(amount)
        else:
            labelled.observe(amount)
    except UNREADABLE:
        if not _warned.is_open():
            logger.warning("A metric cannot be written.", exc_info=True)
            _warned.trip()


class FilesCollector(Collector):
    """The metrics of all processes that share DATA_DIR."""

    def collect(self) -> Iterator[Metric]:
        try:
            yield from MultiProcessCollector.merge(metric_files())
        except UNREADABLE:
            logger.warning("The metrics of the processes cannot be read.", exc_info=True)


def render_metrics(*collectors: Collector) -> bytes:
    """The metrics of all processes and of these collectors, in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in (FilesCollector(), *collectors):
        registry.register(collector)
    return generate_latest(registry)
