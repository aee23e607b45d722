"""Archives of pictures, and where pictures are."""

from typing import Annotated

from django.conf import settings
from msgspec import UNSET, Meta, UnsetType

from photos.models import Zip as StoredZip
from pickeez_site.dialects.picthrive.wire.values import KINDS, Asked, OptionalText, PicThriveWire, Region, Suffix
from pickeez_site.dialects.wire import Text, Url
from pickeez_site.serving.media import zip_path

MAX_FILES = 5000
MAX_SUFFIX = 2000
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PICTURE = rf"^/media/{UUID}/({'|'.join(KINDS)})/[^/\x00]*$"


class OwnRegion(Text):
    allowed = f"one of {settings.REGION_NAME}"
    schema = {"enum": [settings.REGION_NAME, ""]}

    @classmethod
    def is_good(cls, text: str) -> bool:
        return text in ("", settings.REGION_NAME)


class WantedPicture(Asked):
    file: Annotated[
        str,
        Meta(
            max_length=MAX_SUFFIX,
            description="A suffix of a photo of the group; it may have expired.",
            extra_json_schema={"pattern": PICTURE, "format": "picture"},
        ),
    ]
    file_name: Annotated[OptionalText, Meta(description="Its name in the archive.")] = None
    region: OwnRegion | None = None


class WantedZip(Asked):
    photos: Annotated[
        list[WantedPicture],
        Meta(min_length=1, max_length=MAX_FILES, extra={"allowed": f"a list of 1 to {MAX_FILES} objects"}),
    ]
    name: Annotated[OptionalText, Meta(description="The archive's; the group's if blank.")] = None


class ZipStatus(PicThriveWire):
    status: Annotated[Url, Meta(description="Takes the token of who asked for the archive.")]


class Zip(PicThriveWire):
    progress: Annotated[float, Meta(ge=0, le=1)]
    url: Suffix | None
    region: Region
    error: Annotated[str, Meta(min_length=1, description="Why it cannot be made.")] | UnsetType = UNSET


class Regions(PicThriveWire):
    regions: Annotated[dict[str, Url], Meta(min_length=1)]


def zip_of(archive: StoredZip) -> Zip:
    """How far the archive is; an `Error` beside it when it cannot be made."""
    return Zip(
        progress=round(archive.done / archive.total, 3) if archive.total else 1,
        url=zip_path(archive) if archive.status == StoredZip.Status.READY else None,
        region=settings.REGION_NAME,
        error=archive.error or UNSET,
    )
