"""Photos as one member sees them, streamed in the order in which they came."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, FilteredRelation, Q
from django.db.models.functions import Cast

from accounts.models import User
from photos.models import Like, Original, Photo, PhotoQuerySet

MAX_PHOTOS = 5000  # in one answer
CHUNK = 500  # rows that are read at once
COLUMNS = (
    *("id", "album_id", "owner_id", "uploader_id", "s3_path", "s3_server_id", "photo_creation_date"),
    *("local_creation_date", "num_faces", "rectangles", "detected_data", "created_at", "updated_at"),
    *("original__content_type", "original__taken_at", "original__updated_at", "original__status"),
    *(
        "original__owner_id",
        "original__key",
        "original__error",
        "name_on_device__value",
        "opinion__kind",
        "sighting__shows",
        "sighting__own_word",
    ),
)

Row = tuple[Any, ...]
Rectangle = dict[str, float]


class RenditionSize(NamedTuple):
    kind: str
    width: int
    height: int


class PhotoSeen(NamedTuple):
    """A photo and what it is to its viewer.

    What a client said of it goes before what was found: in `photo_creation_date` (the client's own words, or the
    time that the camera noted), `rectangles` and `num_faces`, which is None while nobody has looked. In
    `shows_viewer`, what the viewer says of themself (`own_word`) goes before what recognisers found.
    """

    id: UUID
    album_id: UUID | None
    owner_id: UUID
    uploader_id: UUID
    s3_path: str
    s3_server_id: str
    content_type: str
    renditions: list[RenditionSize]
    photo_creation_date: str | datetime | None
    local_creation_date: str
    rectangles: list[Rectangle]
    num_faces: int | None
    detected_data: dict[str, object] | None
    status: str
    error: str
    created_at: datetime
    updated_at: datetime
    local_id: str | None
    liked: bool
    disliked: bool
    shows_viewer: bool
    own_word: bool | None = None


class Opinions(NamedTuple):
    """What the members think of a photo, whom it shows, and what the algorithm said of it last."""

    likes: dict[UUID, str]
    shown: list[UUID]
    decided: dict[UUID, bool]


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """Photos that are read while one iterates over them, a chunk at a time; `next_after` begins the next page."""

    photos: PhotoQuerySet
    viewer: User | None
    next_after: UUID | None = None

    def __iter__(self) -> Iterator[PhotoSeen]:
        ordered = self.photos.order_by("pk")
        faces = ordered.order_by("pk", "original__faces__x", "original__faces__y")
        renditions_of = _rows_by_photo(ordered, "original__renditions", "kind", "width", "height")
        faces_of = _rows_by_photo(faces, "original__faces", "x", "y", "width", "height")
        rows = ordered.annotate(
            name_on_device=FilteredRelation("local_ids", condition=Q(local_ids__user=self.viewer)),
            opinion=FilteredRelation("likes", condition=Q(likes__user=self.viewer)),
            sighting=FilteredRelation("sightings", condition=Q(sightings__user=self.viewer)),
        )
        for row in rows.values_list(*COLUMNS, named=True).iterator(chunk_size=CHUNK):
            yield _photo_seen(row, self.viewer, renditions_of(row.id), faces_of(row.id))

    def with_opinions(self) -> Iterator[tuple[PhotoSeen, Opinions]]:
        """Each photo, and what everybody thinks of it."""
        likes = self.photos.order_by("pk", "likes__user_id")
        sightings = self.photos.order_by("pk", "sightings__user_id")
        likes_of = _rows_by_photo(likes, "likes", "user_id", "kind")
        sightings_of = _rows_by_photo(sightings, "sightings", "user_id", "shows", "found", "in_last_call")
        for photo in self:
            said = sightings_of(photo.id)
            yield (
                photo,
                Opinions(
                    likes=dict(likes_of(photo.id)),
                    shown=[user_id for user_id, shows, _, _ in said if shows],
                    decided={user_id: found for user_id, _, found, in_last_call in said if in_last_call},
                ),
            )


def photo_page(
    photos: PhotoQuerySet, viewer: User | None, *, after: UUID | None = None, limit: int = MAX_PHOTOS
) -> PhotoPage:
    """The first of the photos, or those that follow `after`, as the viewer sees them.

    `photos` is not sliced, and names every photo once.
    """
    rest = photos.filter(pk__gt=after) if after else photos
    border = list(rest.order_by("pk").values_list("pk", flat=True)[limit - 1 : limit + 1])
    if len(border) < 2:
        return PhotoPage(rest, viewer)
    return PhotoPage(rest.filter(pk__lte=border[0]), viewer, next_after=border[0])


def photo_alone(photo: Photo, viewer: User | None) -> tuple[PhotoSeen, Opinions]:
    """One photo, which may be deleted, and what everybody thinks of it. Raises `Photo.DoesNotExist`."""
    for seen in PhotoPage(Photo.objects.filter(pk=photo.pk), viewer).with_opinions():
        return seen
    raise Photo.DoesNotExist


def _photo_seen(row: Any, viewer: User | None, renditions: list[Row], faces: list[Row]) -> PhotoSeen:
    """The photo of a row of `COLUMNS`, with the (kind, width, height) and the boxes of its original.

    A path on the server's disk is shown to whoever imported the file, the original's owner, and to nobody else.
    """
    hides_path = row.s3_path.startswith("/") and (viewer is None or viewer.pk != row.original__owner_id)
    found = [{"x": x, "y": y, "width": width, "height": height} for x, y, width, height in faces]
    return PhotoSeen(
        id=row.id,
        album_id=row.album_id,
        owner_id=row.owner_id,
        uploader_id=row.uploader_id,
        s3_path=row.original__key if hides_path else row.s3_path,
        s3_server_id=row.s3_server_id,
        content_type=row.original__content_type,
        renditions=[RenditionSize(*size) for size in renditions],
        photo_creation_date=row.photo_creation_date or row.original__taken_at,
        local_creation_date=row.local_creation_date,
        rectangles=found if row.rectangles is None else row.rectangles,
        num_faces=_num_faces(row, len(found)),
        detected_data=row.detected_data,
        status=row.original__status,
        error=row.original__error,
        created_at=row.created_at,
        updated_at=max(row.updated_at, row.original__updated_at),
        local_id=row.name_on_device__value,
        liked=row.opinion__kind == Like.Kind.LIKE,
        disliked=row.opinion__kind == Like.Kind.DISLIKE,
        shows_viewer=bool(row.sighting__shows),
        own_word=row.sighting__own_word,
    )


def _num_faces(row: Any, found: int) -> int | None:
    """What the client said, or else what was found; None while nobody has looked."""
    if row.rectangles is not None:
        return len(row.rectangles)
    if row.num_faces is not None:
        number: int = row.num_faces
        return number
    return found if row.original__status == Original.Status.READY else None


def _rows_by_photo(photos: PhotoQuerySet, relation: str, *columns: str) -> Callable[[UUID], list[Row]]:
    """A reader of what a relation holds for a photo; the photos are asked for in the order of their ids.

    The rows are read alongside the photos, by one query that goes by the same order: no list of ids is sent, and
    only a chunk of rows is in memory, however many photos there are.
    """
    # As text: to make an id of each row would take longer than to read it.
    rows = photos.values_list(Cast("pk", CharField()), *(f"{relation}__{column}" for column in columns))
    by_photo = groupby(rows.iterator(chunk_size=CHUNK), key=itemgetter(0))
    groups = ((UUID(text), group) for text, group in by_photo)
    current = next(groups, None)

    def rows_of(photo_id: UUID) -> list[Row]:
        nonlocal current
        while current and current[0] < photo_id:
            current = next(groups, None)
        if not current or current[0] != photo_id:
            return []
        return [row[1:] for row in current[1] if row[1] is not None]  # None: the photo is there, and nothing of it

    return rows_of
