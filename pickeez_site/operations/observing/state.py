"""What stands in the database and waits at the broker, found out when Prometheus asks."""

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
from pickeez_site.operations.doctor.database import query_within
from pickeez_site.operations.observing.caching import Remembered
from pickeez_site.operations.observing.queues import queue_depths

logger = logging.getLogger(__name__)

REMEMBERED_SECONDS = 5.0
DEADLINE_SECONDS = 3.0


@dataclass(frozen=True)
class State:
    """Numbers of rows, and ages in seconds; None for what could not be found out."""

    originals: dict[str, int] = field(default_factory=dict)
    oldest_original: float = 0.0
    pending_albums: int = 0
    oldest_album: float = 0.0
    messages: int = 0
    files: int = 0


def read_state() -> State:
    """Costs six queries, each answered from an index."""
    counts, oldest = _unfinished()
    albums = PendingAlbum.objects.queued().aggregate(number=Count("pk"), oldest=Min("touched_at"))
    return State(
        originals=_count_originals(counts),
        oldest_original=_age(oldest),
        pending_albums=albums["number"],
        oldest_album=_age(albums["oldest"]),
        messages=Message.objects.filter(sent_at=None, failed_at=None).count(),
        files=FileToRemove.objects.count(),
    )


def _unfinished() -> tuple[dict[str, int], datetime | None]:
    """How many originals are not processed, by status, and since when the oldest waits."""
    unfinished = Original.objects.unfinished().order_by().values("status")
    rows = unfinished.annotate(number=Count("*"), oldest=Min("waiting_since"))
    found = [(row["status"], row["number"], row["oldest"]) for row in rows]
    counts = {status: number for status, number, _ in found}
    return counts, min((oldest for *_, oldest in found), default=None)


def oldest_work() -> float:
    """For how many seconds the oldest original that is not processed has waited."""
    return _age(Original.objects.unfinished().aggregate(oldest=Min("waiting_since"))["oldest"])


def _count_originals(unfinished: dict[str, int]) -> dict[str, int]:
    """By status. All but the ready ones are few; those are what is left of all."""
    failed = Original.objects.filter(status=Original.Status.FAILED).count()
    ready = Original.objects.count() - failed - sum(unfinished.values())
    zeros: dict[str, int] = dict.fromkeys(Original.Status.values, 0)
    return zeros | unfinished | {Original.Status.FAILED.value: failed, Original.Status.READY.value: max(0, ready)}


def _age(moment: datetime | None) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds()) if moment else 0.0


def _try_state() -> State | None:
    try:
        return query_within(DEADLINE_SECONDS, read_state)
    except (DatabaseError, OSError, ValueError) as error:  # TimeoutError is an OSError
        logger.warning("The metrics lack what stands in the database (%s).", type(error).__name__)
        return None


def _try_queues() -> dict[str, int] | None:
    try:
        return run_with_timeout(DEADLINE_SECONDS, queue_depths)
    except Exception as error:  # noqa: BLE001 - each broker's client has errors of its own
        logger.warning("The metrics lack what waits at the broker (%s).", type(error).__name__)
        return None


state = Remembered(_try_state, lambda found: REMEMBERED_SECONDS if found else 2 * REMEMBERED_SECONDS)
queues = Remembered(_try_queues, lambda found: REMEMBERED_SECONDS if found is not None else 2 * REMEMBERED_SECONDS)


class StateCollector(Collector):
    """Gauges of the database and the broker; where one is away only its `pickeez_up` is 0."""

    def collect(self) -> Iterator[Metric]:
        found, waiting = state(), queues()
        yield _gauge(
            "up", "Whether it answers.", "what", {"database": found is not None, "broker": waiting is not None}
        )
        if waiting is not None:
            yield _gauge("queue_messages", "Messages that wait at the broker.", "queue", waiting)
        if found is not None:
            yield from _gauges(found)


def _gauges(found: State) -> Iterator[Metric]:
    yield _gauge("originals", "Stored pictures by state of their processing.", "state", found.originals)
    for name, words, value in (
        (
            "oldest_unfinished_original_seconds",
            "Age of the oldest picture that is not processed.",
            found.oldest_original,
        ),
        ("pending_albums", "Albums that wait to be processed.", found.pending_albums),
        (
            "oldest_pending_album_seconds",
            "Seconds since the longest waiting album was touched.",
            found.oldest_album,
        ),
        ("messages_waiting", "SMS and pushes that are neither sent nor given up.", found.messages),
        ("files_to_remove", "Stored files that nothing needs any more, or may not.", found.files),
    ):
        yield GaugeMetricFamily(f"pickeez_{name}", words, value=value)


def _gauge(name: str, words: str, label: str, values: dict[str, int] | dict[str, bool]) -> Metric:
    family = GaugeMetricFamily(f"pickeez_{name}", words, labels=[label])
    for labelled, value in values.items():
        family.add_metric([labelled], value)
    return family
