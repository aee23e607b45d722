"""Makes renditions: smaller JPEGs without metadata, with and without a watermark."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

from photos.images.decoding import Picture
from photos.images.watermark import add_watermark

SMALL, MEDIUM, SQUARE = 320, 1280, 320
QUALITY = 85
# A picture is first reduced by an integer factor to at least 1.5 times the wanted size. This is three times as
# fast as resampling the whole picture, without a visible difference.
REDUCING_GAP = 1.5


@dataclass(frozen=True)
class RenditionFile:
    """The JPEG of one rendition; sizes are in pixels."""

    kind: str
    data: bytes
    width: int
    height: int


def overall_colour(picture: Picture) -> str:
    """Returns the mean colour as `#rrggbb`."""
    red, green, blue = picture.image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def make_renditions(picture: Picture, watermark: str) -> Iterator[RenditionFile]:
    """Yields the small, medium and square rendition, each also with the watermark; pictures are never enlarged."""
    medium = _fitting(picture.image, MEDIUM)
    source = medium if min(medium.size) >= SQUARE else picture.image
    side = min(SQUARE, *source.size)
    for kind, marked, image in (
        ("medium", "watermark", medium),
        ("small", "watermark_small", _fitting(medium, SMALL)),
        ("square", "watermark_square", ImageOps.fit(source, (side, side))),  # its middle
    ):
        yield _encode(kind, image)
        yield _encode(marked, add_watermark(image, watermark))


def make_thumbnail(picture: Picture, side: int) -> bytes:
    """Returns a JPEG within a square of `side` pixels."""
    return _encode("thumbnail", _fitting(picture.image, side)).data


def _fitting(image: Image.Image, side: int) -> Image.Image:
    fitted = image.copy()
    fitted.thumbnail((side, side), reducing_gap=REDUCING_GAP)
    return fitted


def _encode(kind: str, image: Image.Image) -> RenditionFile:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return RenditionFile(kind, file.getvalue(), *image.size)
