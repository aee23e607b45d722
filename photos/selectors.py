"""Reads of photos that are too large for their querysets. Each takes many ids and makes few queries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery

from accounts.models import User
from accounts.selectors import is_named
from albums.models import Album
from photos.models import UNFINISHED, ImportedFile, Like, ObjectLabel, Original, Photo, PhotoQuerySet, Rendition


def may_import(user: User) -> bool:
    """Whether the user may have files on the server's disk read: the local library's, or one of `IMPORT_USERS`."""
    return is_named(user, [settings.LOCAL_LIBRARY_USER, *settings.IMPORT_USERS])


@dataclass(frozen=True)
class Progress:
    """The numbers of an album's photos by processing status; `unfinished` includes `processing`."""

    total: int = 0
    unfinished: int = 0
    processing: int = 0
    failed: int = 0

    @property
    def done(self) -> int:
        return self.total - self.unfinished - self.failed


def progress_of(album_ids: Collection[UUID]) -> dict[UUID, Progress]:
    status = "original__status"
    rows = (
        Photo.objects.alive()
        .filter(album__in=album_ids)
        .values("album_id")
        .annotate(
            total=Count("pk"),
            unfinished=Count("pk", filter=Q(**{f"{status}__in": UNFINISHED})),
            processing=Count("pk", filter=Q(**{status: Original.Status.PROCESSING})),
            failed=Count("pk", filter=Q(**{status: Original.Status.FAILED})),
        )
    )
    return {
        row["album_id"]: Progress(row["total"], row["unfinished"], row["processing"], row["failed"])
        for row in rows
    }


def photos_liked_by(photos: PhotoQuerySet, user: User) -> PhotoQuerySet:
    """Returns those of the photos that the user likes."""
    return photos.filter(Exists(Like.objects.filter(photo=OuterRef("pk"), user=user, kind=Like.Kind.LIKE)))


def covers_of(album_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Returns the photo that stands for each album: the newest that is ready. Albums without one are left out."""
    ready = Photo.objects.alive().filter(album=OuterRef("pk"), original__status=Original.Status.READY)
    newest = Subquery(ready.order_by("-pk").values("pk")[:1])
    rows = Album.objects.filter(pk__in=album_ids).annotate(cover=newest).exclude(cover=None)
    return dict(rows.values_list("pk", "cover"))


def queue_for(original_id: UUID) -> str | None:
    """Returns the bulk queue for an imported original, so that imports never delay uploads; else None."""
    imported = ImportedFile.objects.filter(photo__original=original_id).exists()
    return settings.BULK_QUEUE if imported else None


def renditions_of(original_ids: Collection[UUID]) -> dict[UUID, list[tuple[str, int, int]]]:
    """Returns (kind, width, height) of each original's renditions."""
    found: dict[UUID, list[tuple[str, int, int]]] = defaultdict(list)
    known: dict[tuple[str, int, int], tuple[str, int, int]] = {}  # most photos share a few sizes: saves memory
    rows = Rendition.objects.filter(original__in=original_ids).values_list(
        "original_id", "kind", "width", "height"
    )
    for original_id, kind, width, height in rows.iterator():
        size = (kind, width, height)
        found[original_id].append(known.setdefault(size, size))
    return found


def labels_of(original_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Returns the names of the objects on each original, the highest score first."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = ObjectLabel.objects.filter(original__in=original_ids).order_by("-score", "name")
    for original_id, name in rows.values_list("original_id", "name"):
        found[original_id].append(name)
    return found


@dataclass
class Contents:
    """An album's number of photos, its first ready photo, and the time at which any of its photos last changed."""

    count: int = 0
    first: Photo | None = None
    updated_at: datetime | None = None


def contents_of(album_ids: Collection[UUID]) -> dict[UUID, Contents]:
    found: dict[UUID, Contents] = defaultdict(Contents)
    alive = Photo.objects.alive().filter(album__in=album_ids).order_by()
    for album_id, count in alive.values_list("album_id").annotate(n=Count("pk")):
        found[album_id].count = count
    changes = Photo.objects.filter(album__in=album_ids).order_by().values_list("album_id")
    for album_id, updated_at in changes.annotate(last=Max("updated_at")):
        found[album_id].updated_at = updated_at
    ready = Photo.objects.alive().filter(album=OuterRef("pk"), original__status=Original.Status.READY)
    first = Album.objects.filter(pk__in=album_ids).values_list(
        Subquery(ready.order_by("sort_order", "pk").values("pk")[:1]), flat=True
    )
    for photo in Photo.objects.filter(pk__in=[pk for pk in first if pk]).select_related("original"):
        if photo.album_id:
            found[photo.album_id].first = photo
    return found
