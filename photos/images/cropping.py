"""Crops a square part of a picture, such as a face."""

import io

from PIL import ImageOps

from photos.images.decoding import read_picture
from photos.images.renditions import QUALITY

Box = tuple[float, float, float, float]


def crop_square(data: bytes, box: Box, side: int) -> bytes:
    """Returns a JPEG of `side` x `side` pixels of the square around `box`, limited to the picture.

    `box` is (left, top, right, bottom) in fractions of the upright picture's width and height. Raises
    `UnreadableImage`.
    """
    image = read_picture(data).image
    width, height = image.size
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    half = max(right - left, bottom - top, 2) / 2
    x, y = (left + right) / 2, (top + bottom) / 2
    part = image.crop(
        (
            round(max(x - half, 0)),
            round(max(y - half, 0)),
            round(min(x + half, width)),
            round(min(y + half, height)),
        )
    )
    file = io.BytesIO()
    ImageOps.fit(part, (side, side)).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
