"""A user's library, in which a picture is known by its path.

That is the path it was imported from, which is absolute, or its storage key, which never is.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Case, CharField, F, Q, When

from accounts.models import User
from photos.models import ImportedFile, Photo, PhotoQuerySet

BATCH = 500  # databases bound the number of parameters of a query
Item = TypeVar("Item")


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


def images_of(user: User, *, after: str = "", limit: int | None = None) -> list[LibraryImage]:
    """The user's images, by path; those behind `after`. One query."""
    rows = photos_of(user).filter(path__gt=after).order_by("path").values_list("path", "original_id").distinct()
    return [LibraryImage(*row) for row in (rows if limit is None else rows[:limit])]


def photos_at(user: User, paths: Collection[str]) -> dict[str, list[Photo]]:
    """The user's photos under each of the paths: as they were imported, or their storage keys.

    Raises `UnknownImage` when there is none under one of them.
    """
    found: dict[str, list[Photo]] = defaultdict(list)
    for batch in _batches(list(dict.fromkeys(paths))):
        wanted = set(batch)
        named = photos_of(user).filter(Q(s3_path__in=batch) | Q(original__key__in=batch)).select_related("original")
        for photo in named.order_by("pk"):
            for name in wanted & {photo.s3_path, photo.original.key}:
                found[name].append(photo)
    for path in paths:
        if path not in found:
            found[path] = _photos_of_file(user, path)
    return found


def _photos_of_file(user: User, path: str) -> list[Photo]:
    """The photos of the file to which another spelling of its path leads."""
    if path.startswith("/"):
        location = os.path.realpath(os.fsencode(path))
        names = ImportedFile.objects.filter(owner=user, location=location).values("photo__s3_path")
        if photos := list(photos_of(user).filter(s3_path__in=names).select_related("original").order_by("pk")):
            return photos
    raise UnknownImage


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
