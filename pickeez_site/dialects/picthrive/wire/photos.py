"""Photos. Lists are made in a constant number of queries, however long they are."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from django.conf import settings
from msgspec import UNSET, Meta, UnsetType

from photos.images import EXTENSIONS
from photos.models import MAX_SORT_ORDER, ORIGINAL
from photos.models import Photo as StoredPhoto
from photos.selectors import renditions_of
from photos.services import sort_order_of
from pickeez_site.dialects.picthrive.wire.values import (
    KINDS,
    NOT_BLANK,
    Asked,
    Page,
    PicThriveWire,
    Region,
    Suffix,
    Unix,
    unix,
)
from pickeez_site.dialects.wire import Id, SentId, Text, Url
from pickeez_site.serving.media import MediaPaths

MAX_PHOTOS = 5000  # in one answer
MAX_SLOTS = 100
MEGA = 1_000_000
Pixels = Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="Pixels of the upright picture.")]


class ContentType(Text):
    allowed = f"one of {', '.join(EXTENSIONS)}"
    schema = {"enum": [*EXTENSIONS, ""]}

    @classmethod
    def is_good(cls, text: str) -> bool:
        return text == "" or text in EXTENSIONS


class Refused(Text):
    """A member that is refused, whatever it is."""

    allowed = "left away where SortOrder is given"
    schema = {"not": {}, "description": "Not together with SortOrder."}

    @classmethod
    def is_good(cls, text: str) -> bool:
        return False


class PublicPhoto(PicThriveWire):
    """As whoever has the group's Token sees it."""

    owner_id: Id
    group_id: Annotated[Id | None, Meta(description="Null: in its owner's library.")]
    photo_id: Id
    created: Unix
    small: Suffix | None
    watermark: Suffix | None
    watermark_small: Suffix | None
    watermark_square: Suffix | None
    deleted: bool
    sort_order: Annotated[str, Meta(description="The file's name without its ending, unless set.")]
    ratio: Annotated[Annotated[float, Meta(gt=0)] | None, Meta(description="Width / Height.")]
    width: Pixels
    height: Pixels
    megapixels: Annotated[float, Meta(ge=0)] | None
    region: Region
    hue: Annotated[
        Annotated[str, Meta(extra_json_schema={"pattern": "^#[0-9a-f]{6}$"})] | None,
        Meta(description="The overall colour."),
    ]
    last_updated_unix: Unix


class Photo(PublicPhoto):
    """As members see it. Until it is processed its renditions, sizes, Ratio and Hue are null; of a deleted one,
    which its owner sees for 30 days, all suffixes are.
    """

    medium: Suffix | None
    square: Suffix | None
    original: Suffix | None


class Placing(Asked):
    """Moves the photo to the group, or copies it there."""

    group_id: SentId
    do_copy: bool | None = False
    sort_order: Annotated[Literal[""] | None, Meta(description="Not together with GroupId.")] = None


class Sorting(Asked):
    """Changes the photo's place among others."""

    sort_order: Annotated[str, Meta(max_length=MAX_SORT_ORDER, pattern=NOT_BLANK, description="Not blank.")]
    group_id: Refused | UnsetType = UNSET


class Placed(PicThriveWire):
    photo_id: Annotated[Id, Meta(description="Of the photo, or of the new one that is its copy.")]


class Photos(Page, kw_only=True):
    photos: Annotated[list[Photo], Meta(max_length=MAX_PHOTOS)]


class PublicPhotos(Page, kw_only=True):
    public: Annotated[list[PublicPhoto], Meta(max_length=MAX_PHOTOS)]


class PhotosToAdd(Asked):
    add_photos: Annotated[int, Meta(ge=1, le=MAX_SLOTS)]
    content_type: Annotated[
        ContentType | None, Meta(description="Of all the files; signed. Empty: any of these.")
    ] = None
    size: Annotated[
        Annotated[int, Meta(ge=1, le=settings.MAX_PHOTO_BYTES)] | None,
        Meta(description="Bytes of each file; signed."),
    ] = None


class AddedPhoto(PicThriveWire):
    photo_id: Annotated[Id, Meta(description="Of the photo that there will be once its file has arrived.")]
    upload_url: Annotated[Url, Meta(description="Where to PUT the file, as it is and without a token.")]
    expires: Unix


class AddedPhotos(PicThriveWire):
    added_photos: Annotated[list[AddedPhoto], Meta(min_length=1, max_length=MAX_SLOTS)]


SomePhoto = TypeVar("SomePhoto", bound=PublicPhoto)


def photos_of(stored: Sequence[StoredPhoto], kind: type[SomePhoto]) -> list[SomePhoto]:
    """Photos as members see them (`Photo`) or everybody who has the group's token (`PublicPhoto`)."""
    renditions = renditions_of({photo.original_id for photo in stored})
    paths = MediaPaths()
    suffixes = [name for name in kind.__struct_fields__ if name in KINDS]

    def made(photo: StoredPhoto) -> SomePhoto:
        original = photo.original
        deleted = is_deleted(photo)
        kinds = {name for name, _, _ in renditions.get(photo.original_id, ())}
        found: dict[str, Any] = {
            name: paths.rendition(photo.pk, name) if name in kinds and not deleted else None for name in suffixes
        }
        if ORIGINAL in found and not deleted:
            found[ORIGINAL] = paths.original(photo.pk, original.content_type)
        return kind(
            **found,
            owner_id=photo.owner_id,
            group_id=photo.album_id,
            photo_id=photo.pk,
            created=unix(photo.created_at),
            deleted=deleted,
            sort_order=photo.sort_order or sort_order_of(photo.s3_path),
            ratio=original.ratio,
            width=original.width,
            height=original.height,
            megapixels=_megapixels(original.width, original.height),
            region=settings.REGION_NAME,
            hue=original.hue or None,
            last_updated_unix=unix(max(photo.updated_at, original.updated_at)),
        )

    return [made(photo) for photo in stored]


def is_deleted(photo: StoredPhoto) -> bool:
    return photo.deleted_at is not None or (photo.album is not None and photo.album.deleted_at is not None)


def _megapixels(width: int | None, height: int | None) -> float | None:
    return round(width * height / MEGA, 2) if width and height else None
