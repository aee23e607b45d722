"""The figures of the admin's first page: each has drawings, a caption and a table of its queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timesince import timesince

from accounts.models import User
from albums.models import PendingAlbum
from core.admin import can_view, list_url
from faces.models import Selfie
from photos.models import Original, Photo
from pickeez_site.operations.dashboard import queries
from pickeez_site.operations.dashboard.charts import Columns, Rows, columns, rows
from pickeez_site.operations.faults import Faults, faults_of_originals, faults_of_selfies

MAX_REASON = 58  # characters that fit into the width of a figure
DAY_HEIGHT, QUEUE_HEIGHT = 190, 104


@dataclass(frozen=True)
class Chart:
    """A drawing, its summary as a sentence, and its numbers as a table of (label, value)."""

    drawing: Columns | Rows
    axes: str
    summary: str
    table: Sequence[tuple[str, str]]

    @property
    def kind(self) -> str:
        return "columns" if isinstance(self.drawing, Columns) else "rows"


@dataclass(frozen=True)
class Figure:
    """One figure. Without data it has no charts, and its caption says so."""

    name: str
    title: str
    caption: str
    url: str = ""
    charts: Sequence[Chart] = field(default_factory=list)


def figures_for(user: User | AnonymousUser) -> list[Figure]:
    """The figures about the models that the operator may view."""
    figures = (
        (photos_per_day, Photo),
        (queue, PendingAlbum),
        (failures, Original),
        (originals_with_exceptions, Original),
        (selfies_with_exceptions, Selfie),
        (stages, Original),
    )
    return [draw() for draw, model in figures if can_view(user, model)]


def photos_per_day() -> Figure:
    days = [(f"{day.day} {day:%b}", count) for day, count in queries.photos_per_day().items()]
    total, (best, most) = sum(count for _, count in days), max(days, key=lambda day: day[1])
    summary = f"{total:,} photos were added in the last {len(days)} days (UTC)"
    summary += f", most on {best}: {most:,}." if total else "."
    chart = _columns(days, "photos added by day", summary, height=DAY_HEIGHT, every=7)
    return Figure("photos", "Photos per day", summary, list_url(Photo), [chart])


def queue() -> Figure:
    """Two charts with different scales, because there are many more photos than albums."""
    url = list_url(PendingAlbum)
    both = {"albums": queries.albums_waiting(), "photos": queries.originals_waiting()}
    charts = [_waiting_chart(what, waiting) for what, waiting in both.items()]
    return Figure("queue", "Queue", " ".join(chart.summary for chart in charts), url, charts)


def _waiting_chart(what: str, waiting: queries.Waiting) -> Chart:
    points = [(label, count) for (label, _), count in zip(queries.AGES, waiting.by_age, strict=True)]
    summary = f"{waiting.total:,} {what} wait"
    if waiting.oldest and waiting.total:
        summary += f", the oldest for {timesince(waiting.oldest, timezone.now(), depth=1)}"
    return _columns(points, f"{what} by how long they wait", f"{summary}.", height=QUEUE_HEIGHT)


def _columns(points: Sequence[tuple[str, int]], axes: str, summary: str, *, height: int, every: int = 1) -> Chart:
    table = [(label, f"{count:,}") for label, count in points]
    return Chart(columns(points, height=height, every=every), axes, summary, table)


def failures() -> Figure:
    reasons, total = queries.failures_by_reason(), queries.count_failures()
    failed = {"status__exact": Original.Status.FAILED.value}
    figure = Figure("failures", "Failures by reason", "No photo has failed.", list_url(Original, **failed))
    if not total:
        return figure
    points = [(reason or "without a reason", count, {**failed, "error": reason}) for reason, count in reasons]
    if rest := total - sum(count for _, count in reasons):
        points.append(("other reasons", rest, failed))
    bars = [
        (Truncator(reason).chars(MAX_REASON), count, f"{count:,}", list_url(Original, **lookup))
        for reason, count, lookup in points
    ]
    table = [(reason, f"{count:,}") for reason, count, _ in points]
    failed_so_far = f"{total:,} original{pluralize(total, ' has,s have')} failed"
    summary = f"{failed_so_far}; most often: {points[0][0]}"
    chart = Chart(rows(bars), "failed originals by reason", summary, table)
    return Figure(figure.name, figure.title, f"{failed_so_far}.", figure.url, [chart])


def originals_with_exceptions() -> Figure:
    return _exceptions("faults", "Exceptions", "photo", faults_of_originals())


def selfies_with_exceptions() -> Figure:
    return _exceptions("selfie-faults", "Exceptions on selfies", "selfie", faults_of_selfies())


def _exceptions(name: str, title: str, what: str, faults: Faults) -> Figure:
    """Says in words what the engine, or code of ours, has raised: its kinds are too many for a drawing."""
    url = list_url(faults.model, fault_at__isempty=0)
    if not faults.number:
        return Figure(name, title, f"Work on no {what} has met an exception in its last try.", url)
    met = f"{faults.number:,} {what}{pluralize(faults.number, ' has,s have')} met one in the last try"
    return Figure(name, title, f"{met}. The latest: {faults.latest}", url)


def stages() -> Figure:
    seconds = queries.seconds_per_stage()
    if not seconds:
        return Figure("stages", "Time per stage", "No photo has been processed yet.")
    table = [(stage, _duration(taken)) for stage, taken in seconds.items()]
    bars = [(stage, taken, _duration(taken), "") for stage, taken in seconds.items()]
    slowest = max(seconds, key=lambda stage: seconds[stage])
    caption = f"The median of the latest {queries.LATEST} photos; the slowest stage is {slowest}."
    chart = Chart(rows(bars), "median time by stage of the processing", caption, table)
    return Figure("stages", "Time per stage", caption, "", [chart])


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
