"""When and where a picture was taken, as far as its EXIF block tells and makes sense."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from PIL import ExifTags, Image
from PIL.ExifTags import Base

from photos.images import Picture, read_picture
from photos.tests.pictures import flat, saved

EXIF, GPS = ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo
TIME, OFFSET = ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal
LATITUDE, NORTH, LONGITUDE, EAST = (
    ExifTags.GPS.GPSLatitude,
    ExifTags.GPS.GPSLatitudeRef,
    ExifTags.GPS.GPSLongitude,
    ExifTags.GPS.GPSLongitudeRef,
)


def picture(folder: int, tags: Mapping[ExifTags.GPS, object] | Mapping[Base, object]) -> Picture:
    exif = Image.Exif()
    exif.get_ifd(folder).update({int(tag): value for tag, value in tags.items()})
    return read_picture(saved(flat("red"), "JPEG", exif=exif))


@pytest.mark.parametrize(
    ("tags", "taken_at"),
    [
        ({TIME: "2015:03:01 12:30:15"}, datetime(2015, 3, 1, 12, 30, 15, tzinfo=UTC)),
        ({TIME: "2015:03:01 12:30:15", OFFSET: "+02:00"}, datetime(2015, 3, 1, 10, 30, 15, tzinfo=UTC)),
        ({TIME: "2015:03:01 12:30:15", OFFSET: "-05:30"}, datetime(2015, 3, 1, 18, 0, 15, tzinfo=UTC)),
        ({TIME: "2015:03:01 12:30:15", OFFSET: "soon"}, datetime(2015, 3, 1, 12, 30, 15, tzinfo=UTC)),
        ({TIME: "0000:00:00 00:00:00"}, None),
        ({TIME: "2015:02:30 12:00:00"}, None),
        ({TIME: "yesterday"}, None),
        ({TIME: ""}, None),
        ({}, None),
    ],
)
def test_when_it_was_taken(tags: dict[Base, str], taken_at: datetime | None) -> None:
    assert picture(EXIF, tags=tags).taken_at == taken_at


def place(
    latitude: tuple[float, float, float], north: str, longitude: tuple[float, float, float], east: str
) -> dict[ExifTags.GPS, object]:
    return {LATITUDE: latitude, NORTH: north, LONGITUDE: longitude, EAST: east}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (place((31.0, 46.0, 12.0), "N", (35.0, 13.0, 48.0), "E"), (31.77, 35.23)),
        (place((33.0, 51.0, 0.0), "S", (70.0, 40.0, 12.0), "W"), (-33.85, -70.67)),
        (place((91.0, 0.0, 0.0), "N", (35.0, 0.0, 0.0), "E"), (None, None)),
        (place((31.0, 0.0, 0.0), "N", (181.0, 0.0, 0.0), "E"), (None, None)),
        ({LATITUDE: (31.0, 46.0, 12.0), NORTH: "N"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_where_it_was_taken(tags: dict[ExifTags.GPS, object], expected: tuple[float | None, float | None]) -> None:
    found = picture(GPS, tags=tags)
    if expected == (None, None):
        assert (found.latitude, found.longitude) == expected
    else:
        assert (found.latitude, found.longitude) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0II*\0" + bytes(40)])
def test_a_broken_block_does_not_fail_the_picture(exif: bytes) -> None:
    found = read_picture(saved(flat("red"), "JPEG", exif=exif))
    assert (found.taken_at, found.latitude, found.width) == (None, None, 60)
