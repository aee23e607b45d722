"""Photos as one member sees them, newest first by the clock of whoever took them."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Func, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import User
from faces.member_view.photos import PhotoPage, PhotoSeen
from photos.models import Photo, PhotoQuerySet

MAX_ENTRIES = 5000  # in one page
CURSOR = re.compile(r"(-?[0-9]{1,12})_([0-9a-f]{32})", re.ASCII)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock has no time zone


class Moment(NamedTuple):
    """The place of a photo in a timeline: the seconds of a wall clock since 1970-01-01 00:00, and its id.

    The clock is the camera's, so that a day is a day of those who were there. A picture that does not tell
    its time is placed when it was added (UTC). Photos of the same second are ordered by their ids, as they came.
    """

    seconds: int
    photo_id: UUID

    @property
    def clock(self) -> datetime:
        """The date and time of the wall clock, without a time zone."""
        return EPOCH + timedelta(seconds=self.seconds)

    @property
    def cursor(self) -> str:
        """The moment as text, for an address."""
        return f"{self.seconds}_{self.photo_id.hex}"

    @classmethod
    def parse(cls, cursor: str) -> Self:
        """Returns the moment of a cursor. Raises `ValueError` for what `cursor` has never returned."""
        match = CURSOR.fullmatch(cursor)
        if match is None:
            raise ValueError("This is no place in a timeline.")
        return cls(int(match[1]), UUID(match[2]))


@dataclass(frozen=True, slots=True)
class Entry:
    """A photo and its place; `is_dated` is whether the picture itself tells when it was taken."""

    photo: PhotoSeen
    moment: Moment
    is_dated: bool


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Photos in order; `next_after` begins the next page."""

    entries: list[Entry]
    next_after: Moment | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a photo is in a timeline, and the photos before and after it; None at an end."""

    moment: Moment
    is_dated: bool
    newer: Moment | None
    older: Moment | None


def timeline_page(
    photos: PhotoQuerySet, viewer: User, *, after: Moment | None = None, limit: int = MAX_ENTRIES
) -> TimelinePage:
    """The first of the photos in order, or those that follow `after`, as the viewer sees them.

    `photos` is not sliced, and names every photo once. Costs four queries, however many photos there are.
    """
    ordered = _in_order(photos if after is None else _older(photos, after))
    rows = list(ordered.values_list("pk", "second", "original__taken_at")[: limit + 1])
    shown = rows[:limit]
    wanted = Photo.objects.filter(pk__in=[pk for pk, _, _ in shown])
    seen = {photo.id: photo for photo in PhotoPage(wanted, viewer)}
    return TimelinePage(
        entries=[
            Entry(seen[pk], Moment(second, pk), taken_at is not None)
            for pk, second, taken_at in shown
            if pk in seen  # it may have been purged since
        ],
        next_after=Moment(shown[-1][1], shown[-1][0]) if len(rows) > limit else None,
    )


def place_in(photos: PhotoQuerySet, photo: Photo) -> Place:
    """Returns the place of a photo among the photos, of which it need not be one. Raises `Photo.DoesNotExist`."""
    row = _with_second(Photo.objects.filter(pk=photo.pk)).values_list("second", "original__taken_at")
    second, taken_at = row.get()
    moment = Moment(second, photo.pk)
    return Place(
        moment=moment,
        is_dated=taken_at is not None,
        newer=_first(_newer(photos, moment).order_by("second", "pk")),
        older=_first(_in_order(_older(photos, moment))),
    )


class _Second(Func):
    """The whole seconds since 1970 of a time. The ORM's own arithmetic calls Python for every row of SQLite."""

    template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = "CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **context)


def _with_second(photos: QuerySet[Any]) -> QuerySet[Any]:
    taken = _Second("original__taken_at") + 60 * Coalesce("original__utc_offset", 0)
    return photos.annotate(second=Coalesce(taken, _Second("created_at"), output_field=BigIntegerField()))


def _in_order(photos: QuerySet[Any]) -> QuerySet[Any]:
    return _with_second(photos).order_by("-second", "-pk")


def _older(photos: PhotoQuerySet, moment: Moment) -> QuerySet[Any]:
    second, pk = moment
    return _with_second(photos).filter(Q(second__lt=second) | Q(second=second, pk__lt=pk))


def _newer(photos: PhotoQuerySet, moment: Moment) -> QuerySet[Any]:
    second, pk = moment
    return _with_second(photos).filter(Q(second__gt=second) | Q(second=second, pk__gt=pk))


def _first(photos: QuerySet[Any]) -> Moment | None:
    row = photos.values_list("second", "pk").first()
    return Moment(*row) if row else None
