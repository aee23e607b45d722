"""The only place where pictures are decoded: bytes in; an upright sRGB picture, its facts and renditions out."""

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageDraw, ImageFont, ImageOps

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/avif": ".avif",
}
UNKNOWN = "application/octet-stream"
TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "BMP": "image/bmp"}
TYPES |= {"WEBP": "image/webp", "TIFF": "image/tiff", "HEIF": "image/heic", "AVIF": "image/avif"}

WORKING_SIDE = 2000
SMALL, MEDIUM, SQUARE = 320, 1280, 320
QUALITY = 85
# All that Pillow and its plugins are known to raise on hostile files.
HOSTILE = (
    OSError,
    ValueError,
    SyntaxError,
    NotImplementedError,
    EOFError,
    MemoryError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    struct.error,
    Image.DecompressionBombError,
)


class UnreadableImage(Exception):
    """The bytes are no picture that can be decoded; the argument is a reason that clients may read."""


def sniff_content_type(head: bytes) -> str:
    """The type by the first bytes of the content (64 suffice)."""
    starts = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}
    starts |= {b"BM": "image/bmp", b"II*\0": "image/tiff", b"MM\0*": "image/tiff"}
    for start, content_type in starts.items():
        if head.startswith(start):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"avif", b"avis"):
            return "image/avif"
        if head[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"):
            return "image/heic"
    return UNKNOWN


@dataclass
class Picture:
    """A decoded picture: upright, sRGB, 8 bits, without alpha, at its working size.

    `width` and `height` are of the upright original, in pixels; `taken_at` is UTC; places are in degrees.
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


def read_picture(data: bytes) -> Picture:
    """Decodes the bytes, once. Raises `UnreadableImage`."""
    if not data:
        raise UnreadableImage("The file is empty.")
    with _refusing():
        _register_heif()
        opened = Image.open(io.BytesIO(data))
        width, height = opened.size
        if not width or not height:
            raise UnreadableImage("The picture has no pixels.")
        if width * height > settings.MAX_PHOTO_PIXELS:
            raise UnreadableImage(f"The picture has more than {settings.MAX_PHOTO_PIXELS} pixels.")
        content_type = TYPES.get(opened.format or "", UNKNOWN)
        if content_type == UNKNOWN:
            raise UnreadableImage(f"{opened.format} pictures are not supported.")
        opened.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
        opened.load()
        exif = _exif(opened)
        image = _upright(_srgb(opened), exif)
    if exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8):
        width, height = height, width
    image.thumbnail((2 * WORKING_SIDE, 2 * WORKING_SIDE), reducing_gap=2)
    return Picture(image, width, height, content_type, _taken_at(exif), *_place(exif))


@contextmanager
def _refusing() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except Image.UnidentifiedImageError as error:
            raise UnreadableImage("The file is not a picture.") from error
        except HOSTILE as error:
            raise UnreadableImage("The picture is broken or incomplete.") from error


@lru_cache(maxsize=1)
def _register_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # checked by us, before decoding


def _srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = Image.fromarray((np.asarray(image).astype(np.float64) / 257).clip(0, 255).astype(np.uint8))
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image.convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image.convert("RGB")


def _exif(image: Image.Image) -> Image.Exif:
    try:
        return image.getexif()
    except HOSTILE:
        return Image.Exif()


def _upright(image: Image.Image, exif: Image.Exif) -> Image.Image:
    methods = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    method = methods.get(exif.get(ExifTags.Base.Orientation, 1))
    return image.transpose(method) if method is not None else image


def _taken_at(exif: Image.Exif) -> datetime | None:
    try:
        block = exif.get_ifd(ExifTags.IFD.Exif)
        text = str(block.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or "").strip(
            " \0"
        )
        taken = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
        offset = str(block.get(ExifTags.Base.OffsetTimeOriginal) or "").strip(" \0")
        if offset and offset != "Z":
            sign = -1 if offset[0] == "-" else 1
            hours, minutes = map(int, offset[1:].split(":"))
            taken = taken.replace(tzinfo=timezone(sign * timedelta(hours=hours, minutes=minutes)))
        return taken.astimezone(UTC)
    except HOSTILE:
        return None


def _place(exif: Image.Exif) -> tuple[float | None, float | None]:
    try:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    except HOSTILE:
        return None, None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None, None
    return latitude, longitude


def _degrees(parts: Any, reference: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        raise ValueError(value)
    return -value if str(reference).upper().startswith(negative) else value


def overall_colour(picture: Picture) -> str:
    """The mean colour, as `#rrggbb`."""
    red, green, blue = picture.image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


@dataclass(frozen=True)
class RenditionFile:
    """A JPEG of one kind; sizes in pixels."""

    kind: str
    data: bytes
    width: int
    height: int


def make_renditions(picture: Picture, watermark: str) -> Iterator[RenditionFile]:
    """The small, medium and square picture, and each with the watermark; never enlarged, without any metadata."""
    medium = picture.image.copy()
    medium.thumbnail((MEDIUM, MEDIUM), reducing_gap=2)
    small = medium.copy()
    small.thumbnail((SMALL, SMALL), reducing_gap=2)
    side = min(SQUARE, *medium.size)
    square = ImageOps.fit(medium, (side, side))
    for kind, marked, image in (
        ("medium", "watermark", medium),
        ("small", "watermark_small", small),
        ("square", "watermark_square", square),
    ):
        yield _encode(kind, image)
        yield _encode(marked, _marked(image, watermark))


def _encode(kind: str, image: Image.Image) -> RenditionFile:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, exif=b"", icc_profile=None)
    return RenditionFile(kind, file.getvalue(), *image.size)


def _marked(image: Image.Image, text: str) -> Image.Image:
    overlay = _overlay(text, *image.size)
    return Image.alpha_composite(image.convert("RGBA"), overlay).convert("RGB")


@lru_cache(maxsize=8)
def _overlay(text: str, width: int, height: int) -> Image.Image:
    """The text, slanted, over and over: nothing worth having can be cut out around it."""
    font = ImageFont.load_default(max(12, min(width, height) // 14))
    diagonal = math.ceil(math.hypot(width, height))
    layer = Image.new("RGBA", (diagonal, diagonal))
    draw = ImageDraw.Draw(layer)
    left, top, right, bottom = draw.textbbox((0, 0), text[:100] or " ", font=font)
    step_x, step_y = int(right - left) + int(bottom - top) * 3, int(bottom - top) * 4
    for row, y in enumerate(range(0, diagonal, max(step_y, 8))):
        for x in range(-(row % 2) * step_x // 2, diagonal, max(step_x, 8)):
            draw.text((x, y), text[:100], (255, 255, 255, 120), font, stroke_width=1, stroke_fill=(0, 0, 0, 100))
    layer = layer.rotate(30, Image.Resampling.BICUBIC)
    left_edge, top_edge = (diagonal - width) // 2, (diagonal - height) // 2
    return layer.crop((left_edge, top_edge, left_edge + width, top_edge + height))
