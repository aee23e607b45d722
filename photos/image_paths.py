"""Reads of photos by path, for clients that identify an image by its path.

To its importer, the path is the one that the image was imported from (always absolute). Otherwise it is the
storage key (never absolute), or, to the local library's user, the path of the stored file, which their client can
open.
"""

import os
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Case, CharField, Count, F, Model, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from accounts.models import User
from accounts.selectors import is_named
from albums.models import Album
from core.batching import batched
from photos import storage
from photos.models import UNFINISHED, ImportedFile, Original, Photo, PhotoQuerySet
from photos.selectors import may_import


class UnknownImage(Photo.DoesNotExist):
    """There is no image with this path."""


@dataclass(frozen=True)
class LibraryImage:
    path: str
    original_id: UUID


class AmbiguousName(Exception):
    """Several images have this file name."""


def with_path(photos: PhotoQuerySet, viewer: User) -> PhotoQuerySet:
    """Annotates each photo with its `path`, as the viewer is to see it."""
    imported = When(s3_path__startswith="/", owner=viewer, original__owner=viewer, then=F("s3_path"))
    stored = Concat(Value(_stored_files(viewer)), F("original__key"))
    return photos.annotate(path=Case(imported, default=stored, output_field=CharField()))


def _stored_files(viewer: User) -> str:
    """Returns what stands before the storage key in the path of a stored file; empty when it cannot be opened."""
    folder = storage.local_folder() if is_named(viewer, [settings.LOCAL_LIBRARY_USER]) else None
    return f"{folder.rstrip('/')}/" if folder else ""


def library_folder(user: User) -> str:
    """Returns the first folder from which the user may import pictures; empty when there is none."""
    return str(settings.IMPORT_ROOTS[0]) if settings.IMPORT_ROOTS and may_import(user) else ""


def photos_of(user: User) -> PhotoQuerySet:
    """Returns the photos that the user owns and may still see, in the library and in all albums."""
    return with_path(Photo.objects.alive().filter(owner=user), user)


def images_of(
    user: User,
    *,
    after: str = "",
    limit: int | None = None,
    originals: Collection[UUID] | QuerySet[Model, UUID] | None = None,
    looked_at: bool = False,
) -> list[LibraryImage]:
    """Returns the user's images ordered by path: those after the path `after`, of these originals. One query.

    With `looked_at` only those on which objects have been looked for.
    """
    photos = photos_of(user).filter(path__gt=after)  # type: ignore[misc]  # annotated
    if looked_at:
        before = Q(original__status__in=UNFINISHED, original__processed_at__isnull=False)
        photos = photos.filter(Q(original__status=Original.Status.READY) | before)
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


def photos_by_path(user: User, paths: Collection[str]) -> dict[str, list[Photo]]:
    """Returns the user's photos by path; also by a storage key, or another spelling of an import path.

    Raises `UnknownImage` when one of the paths has no photo.
    """
    found: dict[str, list[Photo]] = defaultdict(list)
    stored = _stored_files(user)
    for batch in batched(dict.fromkeys(paths)):
        wanted = set(batch)
        keys = [path.removeprefix(stored) for path in batch]
        named = photos_of(user).filter(Q(s3_path__in=batch) | Q(original__key__in=keys)).select_related("original")
        for photo in named.order_by("pk"):
            for name in wanted & {photo.s3_path, photo.original.key, f"{stored}{photo.original.key}"}:
                found[name].append(photo)
    for path in paths:
        if path not in found:
            same_file = photos_of(user).filter(s3_path__in=_import_paths_of_file(user, path))
            found[path] = list(same_file.select_related("original").order_by("pk"))
            if not found[path]:
                raise UnknownImage
    return found


def path_of(user: User, name: str) -> str:
    """Returns the path of the user's image with this file name; `name` itself when it is a path or names none.

    Raises `AmbiguousName` when it names several.
    """
    if "/" in name:
        return name
    photos = photos_of(user)
    if photos.filter(path=name).exists():  # type: ignore[misc]  # annotated
        return name
    named = photos.filter(path__endswith=f"/{name}").order_by()  # type: ignore[misc]  # annotated
    paths = list(named.values_list("path", flat=True).distinct()[:2])  # type: ignore[misc]  # annotated
    if len(paths) > 1:
        raise AmbiguousName
    return paths[0] if paths else name


def album_photos_at(album: Album, path: str) -> PhotoQuerySet:
    """Returns the photos in the owner's album with this path, whoever owns them.

    Raises `UnknownImage` when there are none, and the album's owner has no such image either.
    """
    user, key = album.owner, path.removeprefix(_stored_files(album.owner))
    names = Q(s3_path__in=[path, *_import_paths_of_file(user, path)])
    of_others = Q(s3_path__startswith="/") & ~Q(owner=user)
    photos = Photo.objects.alive().filter((names & ~of_others) | Q(original__key=key), album=album)
    if not photos.exists():
        photos_by_path(user, [path])
    return photos


def _import_paths_of_file(user: User, path: str) -> list[str]:
    """Returns the paths under which the user imported the file that this path leads to, e.g. through a link."""
    if not path.startswith("/") or not may_import(user):
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


def paths_in_albums(
    viewer: User, album_ids: Collection[UUID], *, after: UUID | None = None, limit: int
) -> list[AlbumImagePath]:
    """Returns the paths of the albums' photos after a position, by album in the order in which they came there.

    One query.
    """
    photos = with_path(Photo.objects.alive().filter(album__in=album_ids), viewer)
    if after:
        photos = photos.filter(position__gt=after)
    return [
        AlbumImagePath(*row)
        for row in photos.order_by("album_id", "position").values_list("album_id", "position", "path")[:limit]  # type: ignore[misc]  # annotated
    ]


def paths_by_album(viewer: User, album_ids: Collection[UUID], *, limit: int) -> dict[UUID, list[str]]:
    """Returns each path once, by album, in the order in which they were placed; of `limit` photos in all."""
    paths: dict[UUID, dict[str, None]] = {album_id: {} for album_id in album_ids}
    for row in paths_in_albums(viewer, album_ids, limit=limit):
        paths[row.album_id][row.path] = None
    return {album_id: list(names) for album_id, names in paths.items()}


def photo_counts(album_ids: Collection[UUID]) -> dict[UUID, int]:
    """Returns the number of photos by album, in the order in which the albums are given. One query."""
    rows = Photo.objects.alive().filter(album__in=album_ids).values("album_id").annotate(size=Count("pk"))
    return {**dict.fromkeys(album_ids, 0), **dict(rows.order_by().values_list("album_id", "size"))}
