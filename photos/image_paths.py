"""Reads of photos by path, for clients that identify an image by its path.

The path is the one that the image was imported from (always absolute), or else its storage key (never absolute).
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Model, Q, QuerySet, When

from accounts.models import User
from albums.models import Album
from core.batching import batched
from photos.models import ImportedFile, Photo, PhotoQuerySet


class UnknownImage(Photo.DoesNotExist):
    """There is no image with this path."""


@dataclass(frozen=True)
class LibraryImage:
    path: str
    original_id: UUID


def with_path(photos: PhotoQuerySet) -> PhotoQuerySet:
    """Annotates each photo with its `path`."""
    imported = When(s3_path__startswith="/", then=F("s3_path"))
    return photos.annotate(path=Case(imported, default=F("original__key"), output_field=CharField()))


def photos_of(user: User) -> PhotoQuerySet:
    """Returns the photos that the user owns and may still see, in the library and in all albums."""
    return with_path(Photo.objects.alive().filter(owner=user))


def images_of(
    user: User,
    *,
    after: str = "",
    limit: int | None = None,
    originals: Collection[UUID] | QuerySet[Model, UUID] | None = None,
) -> list[LibraryImage]:
    """Returns the user's images ordered by path: those after the path `after`, of these originals. One query."""
    photos = photos_of(user).filter(path__gt=after)  # type: ignore[misc]  # annotated
    if originals is not None:
        photos = photos.filter(original__in=originals)
    rows = photos.order_by("path").values_list("path", "original_id").distinct()  # type: ignore[misc]  # annotated
    return [LibraryImage(*row) for row in (rows if limit is None else rows[:limit])]


def paths_by_original(user: User, originals: Collection[UUID]) -> dict[UUID, list[str]]:
    """Returns the paths of originals in the user's library, by original. One query."""
    paths: dict[UUID, list[str]] = defaultdict(list)
    for image in images_of(user, originals=originals):
        paths[image.original_id].append(image.path)
    return paths


def folder_of(paths: Iterable[str]) -> str:
    """Returns the folder below which all imported images of these lie; empty when there are none."""
    folders = {str(PurePosixPath(path).parent) for path in paths if path.startswith("/")}
    return os.path.commonpath(folders) if folders else ""


def photos_by_path(user: User, paths: Collection[str]) -> dict[str, list[Photo]]:
    """Returns the user's photos by path; a path is an import path, another spelling of one, or a storage key.

    Raises `UnknownImage` when one of the paths has no photo.
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
            same_file = photos_of(user).filter(s3_path__in=_import_paths_of_file(user, path))
            found[path] = list(same_file.select_related("original").order_by("pk"))
            if not found[path]:
                raise UnknownImage
    return found


def album_photos_at(album: Album, path: str) -> PhotoQuerySet:
    """Returns the album's photos with this path, whoever owns them. Raises `UnknownImage`."""
    names = [path, *_import_paths_of_file(album.owner, path)]
    photos = with_path(Photo.objects.alive().filter(Q(s3_path__in=names) | Q(original__key=path), album=album))
    if not photos.exists():
        raise UnknownImage
    return photos


def _import_paths_of_file(user: User, path: str) -> list[str]:
    """Returns the paths under which the user imported the file that this path leads to, e.g. through a link."""
    if not path.startswith("/"):
        return []
    try:
        location = os.path.realpath(os.fsencode(path))
    except ValueError:  # a NUL character, or a lone surrogate
        return []
    files = ImportedFile.objects.filter(owner=user, location=location)
    return list(files.values_list("photo__s3_path", flat=True))


class AlbumImagePath(NamedTuple):
    """A photo in an album, with its path."""

    album_id: UUID
    position: UUID
    path: str


def paths_in_albums(album_ids: Collection[UUID], *, after: UUID | None = None, limit: int) -> list[AlbumImagePath]:
    """Returns the paths of the albums' photos after a position, by album in the order in which they came there.

    One query.
    """
    photos = with_path(Photo.objects.alive().filter(album__in=album_ids))
    if after:
        photos = photos.filter(position__gt=after)
    return [
        AlbumImagePath(*row)
        for row in photos.order_by("album_id", "position").values_list("album_id", "position", "path")[:limit]  # type: ignore[misc]  # annotated
    ]


def paths_by_album(album_ids: Collection[UUID], *, limit: int) -> dict[UUID, list[str]]:
    """Returns each path once, by album, in the order in which they were placed; of `limit` photos in all."""
    paths: dict[UUID, dict[str, None]] = {album_id: {} for album_id in album_ids}
    for row in paths_in_albums(album_ids, limit=limit):
        paths[row.album_id][row.path] = None
    return {album_id: list(names) for album_id, names in paths.items()}


def photo_counts(album_ids: Collection[UUID]) -> dict[UUID, int]:
    """Returns the number of photos by album, in the order in which the albums are given. One query."""
    rows = Photo.objects.alive().filter(album__in=album_ids).values("album_id").annotate(size=Count("pk"))
    return {**dict.fromkeys(album_ids, 0), **dict(rows.order_by().values_list("album_id", "size"))}
