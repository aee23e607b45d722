"""The files that clients show: smaller, upright, without metadata, with and without a watermark."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

from photos.images.decoding import Picture
from photos.images.watermark import add_watermark

SMALL, MEDIUM, SQUARE = 320, 1280, 320
QUALITY = 85
# A picture is first reduced by a whole number to at least 1.5 times the wanted size: three times as quick as
# resampling it whole, and no difference to be seen.
REDUCING_GAP = 1.5


@dataclass(frozen=True)
class RenditionFile:
    """A JPEG of one kind; sizes in pixels."""

    kind: str
    data: bytes
    width: int
    height: int


def overall_colour(picture: Picture) -> str:
    """The mean colour, as `#rrggbb`."""
    red, green, blue = picture.image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def make_renditions(picture: Picture, watermark: str) -> Iterator[RenditionFile]:
    """The small, medium and square picture, and each with the watermark; never enlarged, without any metadata."""
    medium = _fitting(picture.image, MEDIUM)
    for kind, marked, image in (
        ("medium", "watermark", medium),
        ("small", "watermark_small", _fitting(medium, SMALL)),
        ("square", "watermark_square", _square(medium if min(medium.size) >= SQUARE else picture.image)),
    ):
        yield _encode(kind, image)
        yield _encode(marked, add_watermark(image, watermark))


def _fitting(image: Image.Image, side: int) -> Image.Image:
    fitted = image.copy()
    fitted.thumbnail((side, side), reducing_gap=REDUCING_GAP)
    return fitted


def _square(image: Image.Image) -> Image.Image:
    """The middle of the picture."""
    side = min(SQUARE, *image.size)
    return ImageOps.fit(image, (side, side))


def _encode(kind: str, image: Image.Image) -> RenditionFile:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return RenditionFile(kind, file.getvalue(), *image.size)
