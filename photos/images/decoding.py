"""Decodes bytes into pixels. Every fault of the bytes is an `UnreadableImage`."""

import io
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image, ImageFile

from photos.images.bands import WORKING_SIDE
from photos.images.colour import to_srgb
from photos.images.exif import capture_time, gps_position, read_exif
from photos.images.formats import TYPES, UNKNOWN, sniff_content_type
from photos.images.loading import Loading
from photos.images.pillow import PictureTooLarge, UnreadableImage, lenient_pillow, pillow_calls
from photos.images.png import header_of_png, read_png
from photos.images.raw import preview_of_raw

INCOMPLETE = "A part of the picture is missing."
# The transposition that turns the stored picture upright, by EXIF orientation (EXIF 2.32, 4.6.4 A).
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)  # orientations that swap width and height
# Pillow opens MPO by its JPEG plugin, and does not accept the name here.
FORMATS = [name for name in TYPES if name != "MPO"]


@dataclass
class Picture:
    """A decoded picture: upright, sRGB, 8 bits, without alpha or metadata, at its working size.

    `width` and `height` are those of the upright original in pixels; `taken_at` is in the camera's time zone; the
    position is in degrees. `note` says what is wrong with a picture that can be shown all the same, or is empty.
    """

    image: Image.Image
    width: int
    height: int
    content_type: str
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    note: str = ""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """RGB of shape (height, width, 3) of the working image."""
        return np.asarray(self.image)


def read_picture(data: bytes, *, side: int = WORKING_SIDE) -> Picture:
    """Decodes the bytes; of an animation, the first frame. `side` is the longer one that is needed, in pixels.

    What there is of an incomplete file is a picture, too, with a note. Raises `UnreadableImage` for a fault of the
    bytes, `PictureTooLarge` of these when more memory would help. Any other exception is not the picture's fault.
    """
    if not data:
        raise UnreadableImage("The file is empty.")
    try:
        return _decode(data, side, lenient=False)
    except PictureTooLarge:
        raise
    except UnreadableImage:
        if sniff_content_type(data) == UNKNOWN:
            raise
        try:
            with lenient_pillow():
                return _decode(data, side, lenient=True)
        except UnreadableImage:
            pass  # the first reason is the better one
        raise


def _decode(data: bytes, side: int, *, lenient: bool) -> Picture:
    is_png = sniff_content_type(data) == "image/png"
    opened = shown = _open(header_of_png(read_png(data)) if lenient and is_png else data)
    if opened.format == "TIFF" and (preview := preview_of_raw(data)):
        shown, data = _open(preview), preview
    width, height = shown.size
    loading = Loading(shown, data, side, lenient=lenient)
    loaded = loading.load()
    exif = read_exif(opened)
    image = _upright(to_srgb(loaded), exif.orientation)
    if exif.orientation in SIDEWAYS:
        width, height = height, width
    image.info.clear()  # otherwise comments and the like would be saved with renditions
    return Picture(
        image,
        width,
        height,
        TYPES[opened.format or ""],
        capture_time(exif),
        *gps_position(exif),
        note=INCOMPLETE if loading.is_incomplete else "",
    )


def _open(data: bytes) -> ImageFile.ImageFile:
    """Reads the header and checks the picture's size."""
    _register_heif()
    with pillow_calls():
        opened = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = opened.size
    if width < 1 or height < 1:
        raise UnreadableImage("The picture has no pixels.")
    if width * height > settings.MAX_PHOTO_PIXELS:
        raise UnreadableImage(f"The picture has more than {settings.MAX_PHOTO_PIXELS} pixels.")
    return opened


@lru_cache(maxsize=1)
def _register_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # we have a limit of our own, a setting


def _upright(image: Image.Image, orientation: object) -> Image.Image:
    method = UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image.transpose(method) if method is not None else image
