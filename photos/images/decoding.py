"""Decodes bytes into pixels. Every fault of the bytes is an `UnreadableImage`."""

import io
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image, ImageCms

from photos.images.exif import capture_time, gps_position, read_exif
from photos.images.formats import TYPES
from photos.images.pillow import UnreadableImage, pillow_calls

# Pictures are reduced by an integer factor to a longer side of 2000 to 3999 pixels, to which libjpeg can decode
# directly. Medium renditions need 1280 pixels; the second search for small faces (faces.engine) needs 2560.
WORKING_SIDE = 2000
# The shorter side stays at least this long, so that a panorama has a square rendition.
WORKING_SHORT_SIDE = 320
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
    position is in degrees.
    """

    image: Image.Image
    width: int
    height: int
    content_type: str
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """RGB of shape (height, width, 3) of the working image."""
        return np.asarray(self.image)


def read_picture(data: bytes, *, side: int = WORKING_SIDE) -> Picture:
    """Decodes the bytes; of an animation, the first frame. `side` is the longer one that is needed, in pixels.

    Raises `UnreadableImage` for a fault of the bytes. Any other exception is not the picture's fault.
    """
    if not data:
        raise UnreadableImage("The file is empty.")
    opened = _open(data)
    width, height = opened.size
    factor = _reduction(width, height, side)
    with pillow_calls():
        opened.draft("RGB", (width // factor, height // factor))  # decodes a large JPEG at half its size or less
        opened.load()
    exif = read_exif(opened)
    image = _upright(_srgb(_reduced(_eight_bits(opened), side)), exif.orientation)
    if exif.orientation in SIDEWAYS:
        width, height = height, width
    image.info.clear()  # otherwise comments and the like would be saved with renditions
    return Picture(image, width, height, TYPES[opened.format or ""], capture_time(exif), *gps_position(exif))


def _open(data: bytes) -> Image.Image:
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


def _reduction(width: int, height: int, side: int) -> int:
    """Returns the integer factor by which the picture can be reduced to its working size."""
    return max(1, min(max(width, height) // side, min(width, height) // WORKING_SHORT_SIDE))


def _reduced(image: Image.Image, side: int) -> Image.Image:
    factor = _reduction(*image.size, side)
    return image.reduce(factor) if factor > 1 else image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Converts to 8 bits per channel, with alpha if the picture is transparent."""
    if image.mode.startswith("I") or image.mode == "F":
        # Deep grey: white is the end of the smallest usual range that holds the brightest pixel.
        deep = np.nan_to_num(np.asarray(image, np.float32))
        ranges = (1, 255, 65535) if image.mode == "F" else (65535,)
        brightest = deep.max()
        white = next((end for end in ranges if brightest <= end), brightest)
        return Image.fromarray((deep * (255 / white)).round().clip(0, 255).astype(np.uint8))
    with pillow_calls():  # a file's data about its transparency may be invalid
        if image.mode in ("PA", "LA", "La", "RGBa") or "transparency" in image.info:
            return image.convert("RGBA")
        return image.convert("RGB") if image.mode in ("P", "1") else image


def _srgb(image: Image.Image) -> Image.Image:
    """Converts to sRGB, by the embedded ICC profile if it is valid; transparent parts become white."""
    profile = image.info.get("icc_profile")
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if profile:
        image = _apply_profile(image, profile)
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB") or image
    return image if image.mode == "RGB" else image.convert("RGB")


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Converts to sRGB; returns the picture unchanged if the profile is broken, does not fit it, or is sRGB."""
    try:
        with pillow_calls():
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if ImageCms.getProfileDescription(source).startswith("sRGB"):
                return image
            target = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, UnreadableImage):
        return image


def _upright(image: Image.Image, orientation: object) -> Image.Image:
    method = UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image.transpose(method) if method is not None else image
