"""When and where a picture was taken, by its EXIF; cameras write much nonsense, which is nothing here."""

import math
import struct
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from PIL import ExifTags, Image

# Each time with the tag of its offset from UTC, the one that says most about the moment first.
TIMES = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
    (ExifTags.Base.DateTime, ExifTags.Base.OffsetTime),
)
FIRST_YEAR = 1826  # of the oldest photograph: before it, a clock was never set
BROKEN = (ValueError, TypeError, LookupError, ArithmeticError, OSError, SyntaxError, EOFError, struct.error)


def taken_at(exif: Image.Exif) -> datetime | None:
    """The moment in UTC; a time without an offset is taken as UTC. None for what is no time."""
    tags = {**dict(exif), **_block(exif, ExifTags.IFD.Exif)}
    for time_tag, offset_tag in TIMES:
        try:
            local = datetime.strptime(_text(tags.get(time_tag)), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
            moment = local.replace(tzinfo=_offset(_text(tags.get(offset_tag)))).astimezone(UTC)
        except BROKEN:
            continue
        if moment.year >= FIRST_YEAR:
            return moment
    return None


def place(exif: Image.Exif) -> tuple[float | None, float | None]:
    """Latitude and longitude in degrees, north and east positive; both or none."""
    gps = _block(exif, ExifTags.IFD.GPSInfo)
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    except BROKEN:
        return None, None
    # A receiver without a fix writes zeros.
    if abs(latitude) > 90 or abs(longitude) > 180 or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def _block(exif: Image.Exif, tag: int) -> dict[int, Any]:
    try:
        return dict(exif.get_ifd(tag))
    except BROKEN:
        return {}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return str(value or "").strip(" \0")


def _offset(text: str) -> tzinfo:
    try:
        sign = {"+": 1, "-": -1}[text[:1]]
        hours, minutes = text[1:].split(":")
        return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
    except (KeyError, ValueError):
        return UTC


def _degrees(parts: Any, reference: object, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        raise ValueError(value)
    return -value if _text(reference).upper().startswith(negative) else value
