"""What PictoPy's clients send and read."""

from collections.abc import Callable, Mapping
from itertools import accumulate
from pathlib import PurePosixPath
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from msgspec import UNSET, UnsetType

from albums import models
from faces.library_selectors import Match
from photos.objects.coco import NAMES
from pickeez_site.dialects.wire import SentId, Wire
from pickeez_site.dialects.wire.types import rules

MAX_ROWS = 5000  # in one answer
MAX_PATH = 4096
FOLDER = "The first folder from which the caller may import images; empty when there is none. Always the same."
REST = f"What to send as `after` for the rest, where there are more than {MAX_ROWS} rows."

AlbumName = Annotated[
    str, rules("One of the caller's own albums.", min_length=1, max_length=500, format="album-name")
]
# As requests have it, which may say it by the other of its two names.
GivenName = Annotated[AlbumName, rules("The album's; `album_name` is understood too.", also="album_name")]
GivenAlbum = Annotated[AlbumName, rules("`name` is understood too.", also="name", examples=["Summer"])]
Description = Annotated[str, rules(max_length=10_000)]
AnyPath = Annotated[str, rules(min_length=1, max_length=MAX_PATH, format="image-path")]
SHOWN = (
    "Of an imported image the file, to its importer. Otherwise the stored file, to the user of this machine's own "
)
SHOWN += "library where that can be opened, or the storage key."
Path = Annotated[AnyPath, rules(SHOWN)]
GivenPath = Annotated[Path, rules(examples=["/pictures/trip/1.png"])]
Paths = list[Path]
FolderPath = Annotated[str, rules(FOLDER, max_length=MAX_PATH)]
FileName = Annotated[str, rules("The last part of the path.")]
ClassName = Annotated[str, rules("One of the classes of COCO.", schema={"enum": NAMES})]
ClassNames = Annotated[list[ClassName], rules(min_length=1, schema={"uniqueItems": True})]
NoClass = Annotated[Literal["None"], rules("No objects were found, or the image has not been looked at yet.")]
ClassesByPath = dict[str, ClassNames | NoClass]
Cursor = Annotated[str, rules("An answer's `next_after`: goes on where that one ended.", max_length=MAX_PATH)]
# Empty counts as missing.
Limit = Annotated[int, rules(ge=0, le=MAX_ROWS)] | Literal[""]
Offset = Annotated[int, rules(ge=0, le=1_000_000)] | Literal[""]
Cosine = Annotated[float, rules("The cosine of the two faces that are most alike; six decimals.", ge=-1, le=1)]

# The envelope of every answer. It has no description: what its data are, each operation says.

Data = TypeVar("Data")
Row = TypeVar("Row")


class Success(Wire, Generic[Data]):
    data: Data
    message: Annotated[str, rules(min_length=1)]
    success: Literal[True]


class Page(Success[Data], Generic[Data]):
    next_after: Annotated[str, rules(REST, min_length=1)] | UnsetType = UNSET


def success(data: Data, message: str) -> Success[Data]:
    return Success(data=data, message=message, success=True)


def page(data: Data, next_after: str | None, message: str) -> Page[Data]:
    """Some rows, and what to ask for when there are more."""
    return Page(data=data, message=message, success=True, next_after=next_after or UNSET)


def first_rows(rows: list[Row], cursor: Callable[[Row], object]) -> tuple[list[Row], str | None]:
    """The rows of one answer, and where to go on when there is one more."""
    shown = rows[:MAX_ROWS]
    return shown, str(cursor(shown[-1])) if len(rows) > len(shown) else None


def first_groups(sizes: Mapping[UUID, int]) -> tuple[list[UUID], str | None]:
    """The groups of one answer, at least one, and where to go on when there are more. A group is a row, too."""
    totals = accumulate(1 + size for size in sizes.values())
    shown = [pk for pk, total in zip(sizes, totals, strict=True) if total <= MAX_ROWS] or [*sizes][:1]
    return shown, str(shown[-1]) if len(shown) < len(sizes) else None


class CreatedAlbum(Wire):
    album_name: AlbumName
    description: Description | None


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


class ListedAlbum(Wire):
    album_name: Annotated[AlbumName, rules("The id of an album to which another client has given no name.")]
    image_paths: Paths
    description: str

    @classmethod
    def of(cls, album: models.Album, paths: Paths) -> "ListedAlbum":
        return cls(album_name=album.name or str(album.pk), image_paths=paths, description=album.description)


class Images(Wire):
    image_files: Paths
    folder_path: FolderPath


class NoClasses(Wire):
    class_ids: NoClass


class Objects(Wire):
    images: Annotated[ClassesByPath, rules("Paths, each with the classes on it, the surest first.")]
    folder_path: FolderPath


class SimilarPair(Wire):
    image1: FileName
    image2: FileName
    similarity: Cosine

    @classmethod
    def of(cls, match: Match) -> "SimilarPair":
        image1, image2 = (PurePosixPath(path).name for path in (match.path1, match.path2))
        return cls(image1=image1, image2=image2, similarity=round(match.similarity, 6))


class SimilarPairs(Wire):
    similar_pairs: list[SimilarPair]


class Clusters(Wire):
    clusters: Annotated[dict[SentId, Paths], rules("Paths by the person's id, which stays the same.")]


class RelatedImages(Wire):
    related_images: Paths
