"""What PictoPy's clients send and read."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from albums.models import Album as StoredAlbum
from faces.library_selectors import Match
from photos.image_paths import AlbumImagePath, LibraryImage
from photos.objects.coco import NAMES
from pickeez_site.dialects.wire import OpenWire, SentId, Wire

MAX_ROWS = 5000  # in one answer
MAX_NAME = 500
MAX_DESCRIPTION = 10_000
MAX_PATH = 4096
MAX_OFFSET = 1_000_000

AlbumName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_NAME,
        description="One of the caller's own albums.",
        extra_json_schema={"format": "album-name"},
    ),
]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION)]
Path = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_PATH,
        description="The path by which the image was imported, or its storage key.",
        extra_json_schema={"format": "image-path"},
    ),
]
Paths = list[Path]
FolderPath = Annotated[
    str,
    Meta(
        max_length=MAX_PATH,
        description="The folder below which all imported images of the answer lie; empty when there are none.",
    ),
]
FileName = Annotated[str, Meta(description="The last part of the path.")]
ClassName = Annotated[str, Meta(description="One of the classes of COCO.", extra_json_schema={"enum": [*NAMES]})]
ClassNames = Annotated[list[ClassName], Meta(min_length=1, extra_json_schema={"uniqueItems": True})]
NoClass = Annotated[
    Literal["None"], Meta(description="No objects were found, or the image has not been looked at yet.")
]
NONE: Literal["None"] = "None"

# The envelope of every answer. It has no description: what its data are, each operation says.

Data = TypeVar("Data")


class Success(Wire, Generic[Data]):
    data: Data
    message: Annotated[str, Meta(min_length=1)]
    success: Literal[True]


class Page(Success[Data], Generic[Data], kw_only=True):
    next_after: (
        Annotated[
            str,
            Meta(
                min_length=1,
                description=f"What to send as `after` for the rest, where there are more than {MAX_ROWS} rows.",
            ),
        ]
        | UnsetType
    ) = UNSET


def success(data: Data, message: str) -> Success[Data]:
    return Success(data=data, message=message, success=True)


def page(data: Data, message: str, next_after: str | None) -> Page[Data]:
    """Some rows, and what to ask for when there are more."""
    return Page(data=data, message=message, success=True, next_after=next_after or UNSET)


Cursor = Annotated[
    str, Meta(max_length=MAX_PATH, description="An answer's `next_after`: goes on where that one ended.")
]


class After(OpenWire):
    after: Cursor = ""


# Albums: what clients send names one as `name` or as `album_name`


class Named(OpenWire):
    name: Annotated[AlbumName, Meta(description="The album's; `album_name` is understood too.")]


class AlbumNamed(OpenWire):
    album_name: Annotated[AlbumName, Meta(description="`name` is understood too.", examples=["Summer"])]


class NewAlbum(Named):
    description: Description | None = None


class Described(Named):
    description: Description


class Pictures(OpenWire):
    paths: Paths


class Picture(OpenWire):
    path: Annotated[Path, Meta(examples=["/pictures/trip/1.png"])]


class AddedImages(AlbumNamed):
    paths: Paths


class RemovedImage(AlbumNamed):
    path: Path


class AlbumPage(AlbumNamed):
    after: Cursor = ""


class CreatedAlbum(Wire):
    album_name: AlbumName
    description: Description


class DescribedAlbum(Wire):
    album_name: AlbumName
    new_description: Description


class AlbumWithImages(Wire):
    album_name: AlbumName
    paths: Paths


class AlbumWithoutImage(Wire):
    album_name: AlbumName
    path: Path


class Album(Wire):
    album_name: AlbumName
    photos: Paths
    folder_path: FolderPath

    @classmethod
    def of(cls, name: str, paths: Sequence[str]) -> "Album":
        return cls(album_name=name, photos=list(paths), folder_path=folder_of(paths))


class ListedAlbum(Wire):
    album_name: Annotated[str, Meta(description="Empty where another client has given none.")]
    image_paths: Paths
    description: str


ListedAlbums = list[ListedAlbum]


def listed_albums(albums: Sequence[StoredAlbum], rows: Iterable[AlbumImagePath]) -> ListedAlbums:
    paths: dict[UUID, dict[str, None]] = {album.pk: {} for album in albums}
    for row in rows:
        paths[row.album_id][row.path] = None
    return [
        ListedAlbum(album_name=album.name, image_paths=list(paths[album.pk]), description=album.description)
        for album in albums
    ]


# Images, and what is on them


class Folder(OpenWire):
    folder_path: Path


class Images(Wire):
    image_files: Paths
    folder_path: FolderPath

    @classmethod
    def of(cls, images: Iterable[LibraryImage]) -> "Images":
        paths = [image.path for image in images]
        return cls(image_files=paths, folder_path=folder_of(paths))


class NoClasses(Wire):
    class_ids: NoClass


class Objects(Wire):
    images: Annotated[
        dict[str, ClassNames | NoClass], Meta(description="Paths, each with the classes on it, the surest first.")
    ]
    folder_path: FolderPath

    @classmethod
    def of(cls, images: Sequence[LibraryImage], labels: Mapping[UUID, list[str]]) -> "Objects":
        return cls(
            images={image.path: labels.get(image.original_id) or NONE for image in images},
            folder_path=folder_of(image.path for image in images),
        )


def folder_of(paths: Iterable[str]) -> str:
    """The folder below which all imported images of these lie; empty when there are none."""
    folders = {str(PurePosixPath(path).parent) for path in paths if path.startswith("/")}
    return os.path.commonpath(folders) if folders else ""


# Who is on them


class Section(OpenWire):
    """Empty counts as missing."""

    limit: Annotated[int, Meta(ge=0, le=MAX_ROWS)] | Literal[""] = MAX_ROWS
    offset: Annotated[int, Meta(ge=0, le=MAX_OFFSET)] | Literal[""] = 0


class SimilarPair(Wire):
    image1: FileName
    image2: FileName
    similarity: Annotated[
        float,
        Meta(ge=-1, le=1, description="The cosine of the two faces that are most alike; six decimals."),
    ]

    @classmethod
    def of(cls, match: Match) -> "SimilarPair":
        image1, image2 = (PurePosixPath(path).name for path in (match.path1, match.path2))
        return cls(image1=image1, image2=image2, similarity=round(match.similarity, 6))


class SimilarPairs(Wire):
    similar_pairs: list[SimilarPair]


class Clusters(Wire):
    clusters: Annotated[dict[SentId, Paths], Meta(description="Paths by the person's id, which stays the same.")]

    @classmethod
    def of(cls, people: Mapping[UUID, set[UUID]], images: Iterable[LibraryImage]) -> "Clusters":
        """The paths of the originals on which each person is."""
        paths: dict[UUID, list[str]] = defaultdict(list)
        for image in images:
            paths[image.original_id].append(image.path)
        return cls(
            clusters={
                str(person): sorted(path for original in originals for path in paths[original])
                for person, originals in people.items()
            }
        )


class PicturePage(Picture):
    after: Cursor = ""


class RelatedImages(Wire):
    related_images: Paths
