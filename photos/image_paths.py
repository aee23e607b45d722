"""A user's library, in which a picture is known by its path.

That is the path it was imported from, which is absolute, or its storage key, which never is.
"""

import os
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Q, QuerySet, When

from accounts.models import User
from albums.models import Album
from core.batching import batched
from photos.models import ImportedFile, Photo, PhotoQuerySet


class UnknownImage(Photo.DoesNotExist):
    """The library has no image of that path."""


@dataclass(frozen=True)
class LibraryImage:
    path: str
    original_id: UUID


def with_path(photos: PhotoQuerySet) -> PhotoQuerySet:
    """The photos, each with its `path`."""
    imported = When(s3_path__startswith="/", then=F("s3_path"))
    return photos.annotate(path=Case(imported, default=F("original__key"), output_field=CharField()))


def photos_of(user: User) -> PhotoQuerySet:
    """What the user has placed anywhere, and may still see."""
    return with_path(Photo.objects.alive().filter(owner=user))


def images_of(
    user: User,
    *,
    after: str = "",
    limit: int | None = None,
    originals: Collection[UUID] | QuerySet[Any, UUID] | None = None,
) -> list[LibraryImage]:
    """The user's images, by path; those behind `after`, and those of certain originals. One query."""
    photos = photos_of(user).filter(path__gt=after)  # type: ignore[misc]  # annotated
    if originals is not None:
        photos = photos.filter(original__in=originals)
    rows = photos.order_by("path").values_list("path", "original_id").distinct()  # type: ignore[misc]  # annotated
    return [LibraryImage(*row) for row in (rows if limit is None else rows[:limit])]


def photos_by_path(user: User, paths: Collection[str]) -> dict[str, list[Photo]]:
    """The user's photos under each of the paths: as they were imported, or their storage keys.

    Raises `UnknownImage` when there is none under one of them.
    """
    found: dict[str, list[Photo]] = defaultdict(list)
    for batch in batched(dict.fromkeys(paths)):
        wanted = set(batch)
        named = (
            photos_of(user).filter(Q(s3_path__in=batch) | Q(original__key__in=batch)).select_related("original")
        )
        for photo in named.order_by("pk"):
            for name in wanted & {photo.s3_path, photo.original.key}:
                found[name].append(photo)
    for path in paths:
        if path not in found:
            found[path] = _photos_of_file(user, path)
    return found


def album_photos_at(album: Album, path: str) -> PhotoQuerySet:
    """The photos in the album, anybody's, under a path. Raises `UnknownImage`."""
    names = [path, *_other_names(album.owner, path)]
    photos = with_path(Photo.objects.alive().filter(Q(s3_path__in=names) | Q(original__key=path), album=album))
    if not photos.exists():
        raise UnknownImage
    return photos


def _photos_of_file(user: User, path: str) -> list[Photo]:
    """The photos of the file to which another spelling of its path leads."""
    photos = photos_of(user).filter(s3_path__in=_other_names(user, path)).select_related("original")
    if not (found := list(photos.order_by("pk"))):
        raise UnknownImage
    return found


def _other_names(user: User, path: str) -> list[str]:
    """By what path the file was imported to which this path leads."""
    if not path.startswith("/"):
        return []
    try:
        location = os.path.realpath(os.fsencode(path))
    except ValueError:  # what no path can hold
        return []
    files = ImportedFile.objects.filter(owner=user, location=location)
    return list(files.values_list("photo__s3_path", flat=True))


class AlbumImagePath(NamedTuple):
    """Where an image is placed."""

    album_id: UUID
    photo_id: UUID
    path: str


def paths_in_albums(album_ids: Collection[UUID], *, after: UUID | None = None, limit: int) -> list[AlbumImagePath]:
    """The paths of the albums' photos, album by album, in the order in which they were placed. One query."""
    photos = with_path(Photo.objects.alive().filter(album__in=album_ids))
    if after:
        photos = photos.filter(pk__gt=after)
    return [
        AlbumImagePath(*row)
        for row in photos.order_by("album_id", "pk").values_list("album_id", "pk", "path")[:limit]  # type: ignore[misc]  # annotated
    ]


def photo_counts(album_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many photos there are in each album that has any."""
    rows = Photo.objects.alive().filter(album__in=album_ids).values("album_id").annotate(size=Count("pk"))
    return dict(rows.order_by().values_list("album_id", "size"))
