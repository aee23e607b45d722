"""Gauges about the rows in the database and the messages at the broker, read when Prometheus asks."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import Message
from albums.models import PendingAlbum
from core.deadlines import run_with_timeout
from photos.models import FileToRemove, Original
from pickeez_site.operations.doctor.database import query_with_timeout
from pickeez_site.operations.observing.caching import CachedResult
from pickeez_site.operations.observing.queues import queue_depths

logger = logging.getLogger(__name__)

CACHE_SECONDS, CACHE_SECONDS_AFTER_FAILURE = 5.0, 10.0
TIMEOUT_SECONDS = 3.0


@dataclass(frozen=True)
class Backlog:
    """The numbers of rows, and the ages of the oldest ones in seconds."""

    originals: dict[str, int] = field(default_factory=dict)
    oldest_original: float = 0.0
    pending_albums: int = 0
    oldest_album: float = 0.0
    messages: int = 0
    files: int = 0


def read_backlog() -> Backlog:
    """Reads it with six queries, each of which uses an index."""
    unfinished = Original.objects.unfinished().order_by().values("status")
    rows = list(unfinished.annotate(number=Count("*"), oldest=Min("waiting_since")))
    albums = PendingAlbum.objects.queued().aggregate(number=Count("pk"), oldest=Min("touched_at"))
    return Backlog(
        originals=_count_originals({row["status"]: row["number"] for row in rows}),
        oldest_original=_age(min((row["oldest"] for row in rows), default=None)),
        pending_albums=albums["number"],
        oldest_album=_age(albums["oldest"]),
        messages=Message.objects.filter(sent_at=None, failed_at=None).count(),
        files=FileToRemove.objects.count(),
    )


def oldest_unfinished_seconds() -> float:
    """The number of seconds that the oldest unfinished original has waited."""
    return _age(Original.objects.unfinished().aggregate(oldest=Min("waiting_since"))["oldest"])


def _count_originals(unfinished: dict[str, int]) -> dict[str, int]:
    """The number of originals by status. Only the ready ones are many: they are the total less the others."""
    failed = Original.objects.filter(status=Original.Status.FAILED).count()
    ready = Original.objects.count() - failed - sum(unfinished.values())
    zeros: dict[str, int] = dict.fromkeys(Original.Status.values, 0)
    return zeros | unfinished | {Original.Status.FAILED.value: failed, Original.Status.READY.value: max(0, ready)}


def _age(moment: datetime | None) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds()) if moment else 0.0


def _try_backlog() -> Backlog | None:
    try:
        return query_with_timeout(TIMEOUT_SECONDS, read_backlog)
    except (DatabaseError, OSError, ValueError) as error:  # TimeoutError is an OSError
        logger.warning("The metrics lack the numbers of the database (%s).", type(error).__name__)
        return None


def _try_queue_depths() -> dict[str, int] | None:
    try:
        return run_with_timeout(TIMEOUT_SECONDS, queue_depths)
    except Exception as error:  # noqa: BLE001 - each broker's client has errors of its own
        logger.warning("The metrics lack the numbers of the broker (%s).", type(error).__name__)
        return None


def _cache_seconds(result: object) -> float:
    return CACHE_SECONDS_AFTER_FAILURE if result is None else CACHE_SECONDS


cached_backlog = CachedResult(_try_backlog, _cache_seconds)
cached_queue_depths = CachedResult(_try_queue_depths, _cache_seconds)


class BacklogCollector(Collector):
    """The gauges of the database and the broker; of one that is unreachable, only `pickeez_up`, which is 0."""

    def collect(self) -> Iterator[Metric]:
        backlog, depths = cached_backlog(), cached_queue_depths()
        up = {"database": backlog is not None, "broker": depths is not None}
        yield _labelled_gauge("up", "Whether it answers.", "what", up)
        if depths is not None:
            yield _labelled_gauge("queue_messages", "Messages that wait at the broker.", "queue", depths)
        if backlog is not None:
            yield from _backlog_gauges(backlog)


def _backlog_gauges(backlog: Backlog) -> Iterator[Metric]:
    yield _labelled_gauge("originals", "Stored pictures by state of their processing.", "state", backlog.originals)
    for name, description, value in (
        (
            "oldest_unfinished_original_seconds",
            "Age of the oldest picture that is not processed.",
            backlog.oldest_original,
        ),
        ("pending_albums", "Albums that wait to be processed.", backlog.pending_albums),
        (
            "oldest_pending_album_seconds",
            "Seconds since the longest waiting album was touched.",
            backlog.oldest_album,
        ),
        ("messages_waiting", "SMS and pushes that are neither sent nor given up.", backlog.messages),
        ("files_to_remove", "Stored files that wait to be removed.", backlog.files),
    ):
        yield GaugeMetricFamily(f"pickeez_{name}", description, value=value)


def _labelled_gauge(name: str, description: str, label: str, values: dict[str, int] | dict[str, bool]) -> Metric:
    family = GaugeMetricFamily(f"pickeez_{name}", description, labels=[label])
    for labelled, value in values.items():
        family.add_metric([labelled], value)
    return family
