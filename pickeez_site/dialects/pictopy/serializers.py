"""PictoPy's objects."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from albums.models import Album
from faces.library import Match
from photos.image_paths import AlbumImagePath, LibraryImage

NONE = "None"


def folder_of(paths: Iterable[str]) -> str:
    """The folder below which all imported images of these lie; empty when there are none."""
    folders = {str(PurePosixPath(path).parent) for path in paths if path.startswith("/")}
    return os.path.commonpath(folders) if folders else ""


def album_fields(name: str, paths: Sequence[str]) -> dict[str, Any]:
    return {"album_name": name, "photos": paths, "folder_path": folder_of(paths)}


def listed_albums(albums: Sequence[Album], rows: Iterable[AlbumImagePath]) -> list[dict[str, Any]]:
    paths: dict[UUID, dict[str, None]] = {album.pk: {} for album in albums}
    for row in rows:
        paths[row.album_id][row.path] = None
    return [
        {"album_name": album.name, "image_paths": list(paths[album.pk]), "description": album.description}
        for album in albums
    ]


def images_fields(images: Sequence[LibraryImage]) -> dict[str, Any]:
    paths = [image.path for image in images]
    return {"image_files": paths, "folder_path": folder_of(paths)}


def objects_fields(images: Sequence[LibraryImage], labels: Mapping[UUID, list[str]]) -> dict[str, Any]:
    return {
        "images": {image.path: labels.get(image.original_id) or NONE for image in images},
        "folder_path": folder_of(image.path for image in images),
    }


def match_fields(match: Match) -> dict[str, Any]:
    names = (PurePosixPath(path).name for path in (match.path1, match.path2))
    return {**dict(zip(("image1", "image2"), names, strict=True)), "similarity": round(match.similarity, 6)}


def clusters_fields(people: Mapping[UUID, set[UUID]], images: Iterable[LibraryImage]) -> dict[str, list[str]]:
    """{person: paths} of the originals on which each is."""
    paths: dict[UUID, list[str]] = defaultdict(list)
    for image in images:
        paths[image.original_id].append(image.path)
    return {
        str(person): sorted(path for original in originals for path in paths[original])
        for person, originals in people.items()
    }
