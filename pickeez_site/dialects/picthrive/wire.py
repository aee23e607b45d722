"""What PicThrive's clients send and read, and how it is made of the domain's objects.

Lists are made in a constant number of queries, however long they are.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from django.conf import settings
from msgspec import UNSET, UnsetType

from albums.models import Album
from albums.services import ensure_tokens
from photos import models
from photos.images import EXTENSIONS
from photos.selectors import contents_of, renditions_of
from photos.services import sort_order_of
from pickeez_site.dialects.wire import Count, Id, OpenWire, SentId, Text, Url, Wire, from_attributes
from pickeez_site.dialects.wire.types import NON_BLANK, rules
from pickeez_site.serving.media import MediaPaths, media_path, zip_path

MAX_GROUPS, MAX_PHOTOS = 1000, 5000  # in one answer
MAX_SLOTS, MAX_FILES = 100, 5000  # in one request
MAX_TEXT, MAX_SUFFIX = 500, 2000
# In Unix seconds: the years that there are dates of.
EARLIEST = int(datetime.min.replace(tzinfo=UTC).timestamp())
LATEST = int(datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp())
NOT_BLANK = rf"^[^\x00]*{NON_BLANK}[^\x00]*$"
KINDS = (models.ORIGINAL, *models.Rendition.Kind.values)  # of pictures
UUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PICTURE = rf"^/media/{UUID_PATTERN}/({'|'.join(KINDS)})/(0|[1-9][0-9]{{0,11}})-[\w-]{{24}}\.\w+$"


class PicThriveWire(Wire, rename="pascal"): ...


class Asked(OpenWire, rename="pascal"): ...


NextId = Annotated[str, rules("The Next of the answer before, to go on after it.", format="next")]
Unix = Annotated[int, rules("Unix seconds.")]
When = Annotated[Annotated[int, rules(ge=EARLIEST, le=LATEST)] | None, rules("Unix seconds.")]
NAME = f"text of at most {MAX_TEXT} characters, and not blank"
Name = Annotated[str, rules("Not blank.", max_length=MAX_TEXT, pattern=NOT_BLANK, allowed=NAME)]
OptionalText = Annotated[str, rules(max_length=MAX_TEXT, schema={"pattern": r"^[^\x00]*$"})] | None
NewName = Annotated[OptionalText, rules("None: a group without a name.")]
SUFFIX = "To be put behind the base of the Region. Works with a plain GET for one to two days."
Suffix = Annotated[str, rules(SUFFIX, format="uri-reference", schema={"pattern": "^/"})]
OF_REGIONS = rules("A name of `GET /v1/Region/`.")
Region = Annotated[str, OF_REGIONS]
Pixels = Annotated[Annotated[int, rules(ge=1)] | None, rules("Pixels of the upright picture.")]
Ratio = Annotated[Annotated[float, rules(gt=0)] | None, rules("Width / Height.")]
Colour = Annotated[str, rules(schema={"pattern": "^#[0-9a-f]{6}$"})]


class Page(PicThriveWire):
    next: Id | UnsetType = UNSET


# Groups


class Group(PicThriveWire):
    owner_id: Id
    group_id: Id
    name: Annotated[str, rules("Empty where another API made the group without a name.")]
    token: Annotated[
        str | None,
        rules("Opens the public view; null when the owner has closed that. Opened again, it is a new one."),
    ]
    count: Annotated[Count, rules("Photos in it.")]
    thumb: Suffix | None
    thumb_region: Annotated[str | None, OF_REGIONS]
    when_unix: Annotated[int | None, rules("When it took place; Unix seconds.")]
    deleted: bool
    last_updated_unix: Annotated[int, rules("Of the group or one of its photos; Unix seconds.")]
    uploading_unix: Annotated[int | None, rules("When a client last said that it uploads; Unix seconds.")]


class Groups(Page, kw_only=True):
    groups: Annotated[list[Group], rules(max_length=MAX_GROUPS)]


def groups_of(albums: Sequence[Album]) -> list[Group]:
    """Groups as their members see them."""
    tokens = ensure_tokens(albums=albums)
    contents = contents_of([album.pk for album in albums])

    def made(album: Album) -> Group:
        content = contents[album.pk]
        thumb = None if album.deleted_at else content.first
        return from_attributes(
            Group,
            album,
            group_id=album.pk,
            token=tokens[album.pk],
            count=content.count,
            thumb=media_path(thumb, models.Rendition.Kind.SMALL) if thumb else None,
            thumb_region=settings.REGION_NAME if thumb else None,
            when_unix=unix(album.event_at) if album.event_at else None,
            deleted=album.deleted_at is not None,
            last_updated_unix=unix(max(album.updated_at, content.updated_at or album.updated_at)),
            uploading_unix=unix(album.uploading_at) if album.uploading_at else None,
        )

    return [made(album) for album in albums]


# Photos


class PublicPhoto(PicThriveWire):
    """As whoever has the group's Token sees it."""

    owner_id: Id
    group_id: Annotated[Id | None, rules("Null: in its owner's library.")]
    photo_id: Id
    created: Unix
    small: Suffix | None
    watermark: Suffix | None
    watermark_small: Suffix | None
    watermark_square: Suffix | None
    deleted: bool
    sort_order: Annotated[str, rules("The file's name without its ending, unless set.")]
    ratio: Ratio
    width: Pixels
    height: Pixels
    megapixels: Annotated[float, rules(ge=0)] | None
    region: Region
    hue: Annotated[Colour | None, rules("The overall colour.")]
    last_updated_unix: Unix


class Photo(PublicPhoto):
    """As members see it. Until it is processed its renditions, sizes, Ratio and Hue are null; of a deleted one,
    which its owner sees for 30 days, all suffixes are.
    """

    medium: Suffix | None
    square: Suffix | None
    original: Suffix | None


class Photos(Page, kw_only=True):
    photos: Annotated[list[Photo], rules(max_length=MAX_PHOTOS)]


class PublicPhotos(Page, kw_only=True):
    public: Annotated[list[PublicPhoto], rules(max_length=MAX_PHOTOS)]


SomePhoto = TypeVar("SomePhoto", bound=PublicPhoto)


def photos_of(photos: Sequence[models.Photo], kind: type[SomePhoto]) -> list[SomePhoto]:
    """Photos as members see them (`Photo`) or everybody who has the group's token (`PublicPhoto`)."""
    renditions = renditions_of({photo.original_id for photo in photos})
    paths = MediaPaths()
    suffixes = [name for name in kind.__struct_fields__ if name in KINDS]

    def made(photo: models.Photo) -> SomePhoto:
        original = photo.original
        width, height = original.width, original.height
        deleted = bool(photo.deleted_at or (photo.album and photo.album.deleted_at))
        kinds = {name for name, _, _ in renditions.get(photo.original_id, ())}
        found: dict[str, Any] = {
            name: paths.rendition(photo.pk, name) if name in kinds and not deleted else None for name in suffixes
        }
        if models.ORIGINAL in found and not deleted:
            found[models.ORIGINAL] = paths.original(photo.pk, original.content_type)
        return from_attributes(
            kind,
            original,
            **found,
            owner_id=photo.owner_id,
            group_id=photo.album_id,
            photo_id=photo.pk,
            created=unix(photo.created_at),
            deleted=deleted,
            sort_order=photo.sort_order or sort_order_of(photo.s3_path),
            megapixels=round(width * height / 1_000_000, 2) if width and height else None,
            region=settings.REGION_NAME,
            last_updated_unix=unix(max(photo.updated_at, original.updated_at)),
        )

    return [made(photo) for photo in photos]


# What is done with photos


class NotWithSortOrder(Text):
    """Refused, whatever it is."""

    allowed = "left away where SortOrder is given"
    description = "Not together with SortOrder."
    schema = {"not": {}}


class Placing(Asked):
    """Moves the photo to the group, or copies it there."""

    group_id: SentId
    do_copy: bool | None = False
    sort_order: Annotated[Literal[""] | None, rules("Not together with GroupId.")] = None


class Sorting(Asked):
    """Changes the photo's place among others."""

    sort_order: Annotated[str, rules("Not blank.", max_length=models.MAX_SORT_ORDER, pattern=NOT_BLANK)]
    group_id: NotWithSortOrder | UnsetType = UNSET


class Placed(PicThriveWire):
    photo_id: Annotated[Id, rules("Of the photo, or of the new one that is its copy.")]


class ContentType(Text):
    allowed = f"one of {', '.join(EXTENSIONS)}"
    words = (*EXTENSIONS, "")


SlotCount = Annotated[int, rules(ge=1, le=MAX_SLOTS)]
TypeOfAll = Annotated[ContentType | None, rules("Of all the files; signed. Empty: any of these.")]
Bytes = Annotated[int, rules(ge=1, le=settings.MAX_PHOTO_BYTES)]
SizeOfEach = Annotated[Bytes | None, rules("Bytes of each file; signed.")]


class AddedPhoto(PicThriveWire):
    photo_id: Annotated[Id, rules("Of the photo that there will be once its file has arrived.")]
    upload_url: Annotated[Url, rules("Where to PUT the file, as it is and without a token.")]
    expires: Unix

    @classmethod
    def of(cls, slot: models.UploadSlot, url: str) -> "AddedPhoto":
        return cls(photo_id=slot.pk, upload_url=url, expires=unix(slot.expires_at))


class AddedPhotos(PicThriveWire):
    added_photos: Annotated[list[AddedPhoto], rules(min_length=1, max_length=MAX_SLOTS)]


# Archives of pictures, and where pictures are


class OwnRegion(Text):
    allowed = f"one of {settings.REGION_NAME}"
    words = (settings.REGION_NAME, "")


A_PICTURE = rules(
    "A suffix of a photo of the group, exactly as it was given out; it may have expired.",
    max_length=MAX_SUFFIX,
    format="picture",
    schema={"pattern": PICTURE},
)


class WantedPicture(Asked):
    file: Annotated[str, A_PICTURE]
    file_name: Annotated[OptionalText, rules("Its name in the archive.")] = None
    region: OwnRegion | None = None


SOME_PICTURES = rules(min_length=1, max_length=MAX_FILES, allowed=f"a list of 1 to {MAX_FILES} objects")


WantedPictures = Annotated[list[WantedPicture], SOME_PICTURES]
ZipName = Annotated[OptionalText, rules("The archive's; the group's if blank.")]


class ZipStatus(PicThriveWire):
    status: Annotated[Url, rules("Takes the token of who asked for the archive.")]


class Zip(PicThriveWire):
    progress: Annotated[float, rules(ge=0, le=1)]
    url: Suffix | None
    region: Region
    error: Annotated[str, rules("Why it cannot be made.", min_length=1)] | UnsetType = UNSET

    @classmethod
    def of(cls, archive: models.Zip) -> "Zip":
        return cls(
            progress=round(archive.done / archive.total, 3) if archive.total else 1,
            url=zip_path(archive) if archive.status == models.Zip.Status.READY else None,
            region=settings.REGION_NAME,
            error=archive.error or UNSET,
        )


class Regions(PicThriveWire):
    regions: Annotated[dict[str, Url], rules(min_length=1)]


def unix(time: datetime) -> int:
    """Unix seconds."""
    return int(time.timestamp())


def time_of(seconds: int | None) -> datetime | None:
    """The time that a client gave in Unix seconds."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
