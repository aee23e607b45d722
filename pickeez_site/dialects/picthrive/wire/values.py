"""What PicThrive's objects are made of."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from photos.models import ORIGINAL, Rendition
from pickeez_site.dialects.wire import Id, OpenWire, Wire
from pickeez_site.dialects.wire.types import NON_BLANK

MAX_TEXT = 500
# In Unix seconds: the years that there are dates of.
EARLIEST = int(datetime.min.replace(tzinfo=UTC).timestamp())
LATEST = int(datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp())
NO_NUL = r"^[^\x00]*$"
NOT_BLANK = rf"^[^\x00]*{NON_BLANK}[^\x00]*$"
KINDS = (ORIGINAL, *Rendition.Kind.values)  # of pictures


class PicThriveWire(Wire, rename="pascal"): ...


class Asked(OpenWire, rename="pascal"): ...


class Page(PicThriveWire):
    next: Id | UnsetType = UNSET


class After(Asked):
    after: Annotated[
        str,
        Meta(
            description="The Next of the answer before, to go on after it.", extra_json_schema={"format": "next"}
        ),
    ] = ""


class Deleted(PicThriveWire): ...


Unix = Annotated[int, Meta(description="Unix seconds.")]
Suffix = Annotated[
    str,
    Meta(
        description="To be put behind the base of the Region. Works with a plain GET for one to two days.",
        extra_json_schema={"format": "uri-reference", "pattern": "^/"},
    ),
]
OF_REGIONS = Meta(description="A name of `GET /v1/Region/`.")
Region = Annotated[str, OF_REGIONS]
Name = Annotated[
    str,
    Meta(
        max_length=MAX_TEXT,
        pattern=NOT_BLANK,
        description="Not blank.",
        extra={"allowed": f"text of at most {MAX_TEXT} characters, and not blank"},
    ),
]
When = Annotated[Annotated[int, Meta(ge=EARLIEST, le=LATEST)] | None, Meta(description="Unix seconds.")]
OptionalText = Annotated[str, Meta(max_length=MAX_TEXT, extra_json_schema={"pattern": NO_NUL})] | None


def unix(time: datetime) -> int:
    """Unix seconds."""
    return int(time.timestamp())


def time_of(seconds: int | None) -> datetime | None:
    """The time that a client gave in Unix seconds."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
