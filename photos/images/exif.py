"""Reads a picture's time, GPS position and orientation from its EXIF data. Invalid values count as missing."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple, TypeVar

from PIL import ExifTags, Image

from photos.images.pillow import UnreadableImage, pillow_calls

# Each time with the tag of its UTC offset; the time of taking the picture comes first.
TIMES = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
    (ExifTags.Base.DateTime, ExifTags.Base.OffsetTime),
)
FIRST_YEAR = 1826  # of the oldest photograph: an earlier year is that of a clock that was never set

Tags = dict[int, Any]  # Pillow's stubs do not know the types of values
Read = TypeVar("Read")


class Exif(NamedTuple):
    """The raw EXIF values of one picture; a broken block is empty."""

    orientation: object = None
    tags: Tags = {}
    gps: Tags = {}


def read_exif(image: Image.Image) -> Exif:
    exif = _read(image.getexif, Image.Exif())
    return Exif(
        orientation=_read(lambda: exif.get(ExifTags.Base.Orientation), None),
        tags={**_read(lambda: dict(exif), {}), **_read(lambda: dict(exif.get_ifd(ExifTags.IFD.Exif)), {})},
        gps=_read(lambda: dict(exif.get_ifd(ExifTags.IFD.GPSInfo)), {}),
    )


def _read(read: Callable[[], Read], default: Read) -> Read:
    """Returns what Pillow reads, or the default if the block is broken."""
    try:
        with pillow_calls():
            return read()
    except UnreadableImage:
        return default


def capture_time(exif: Exif) -> datetime | None:
    """Returns the time in the camera's time zone, or None if there is no valid one; without an offset in UTC."""
    for time_tag, offset_tag in TIMES:
        try:
            local = datetime.strptime(_text(exif.tags.get(time_tag)), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
            moment = local.replace(tzinfo=_offset(_text(exif.tags.get(offset_tag))))
            year = moment.astimezone(UTC).year
        except (ValueError, OverflowError):
            continue
        if year >= FIRST_YEAR:
            return moment
    return None


def gps_position(exif: Exif) -> tuple[float | None, float | None]:
    """Returns latitude and longitude in degrees (north and east are positive), or twice None."""
    latitude = _degrees(exif.gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S")
    longitude = _degrees(exif.gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None, None
    if latitude == longitude == 0:  # a receiver without a fix writes zeros
        return None, None
    return latitude, longitude


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return str(value or "").strip(" \0")


def _offset(text: str) -> tzinfo:
    try:
        sign = {"+": 1, "-": -1}[text[:1]]
        hours, minutes = text[1:].split(":")
        return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
    except (KeyError, ValueError, OverflowError):
        return UTC


def _degrees(gps: Tags, tag: int, reference_tag: int, negative: str) -> float | None:
    """Returns the angle in degrees; None if the value is invalid, as it may have any type and size."""
    try:
        degrees, minutes, seconds = (float(part) for part in gps.get(tag, ()))
        value = degrees + minutes / 60 + seconds / 3600
    except (TypeError, ValueError, ArithmeticError):
        return None
    if not math.isfinite(value):
        return None
    return -value if _text(gps.get(reference_tag)).upper().startswith(negative) else value
