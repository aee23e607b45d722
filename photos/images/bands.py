"""Reduces a picture band by band, so that a large one is never whole in memory in a wider form than its own."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from photos.images.pillow import pillow_calls

# Pictures are reduced by an integer factor to a longer side of 2000 to 3999 pixels, to which libjpeg can decode
# directly. Medium renditions need 1280 pixels; the second search for small faces (faces.engine) needs 2560.
WORKING_SIDE = 2000
# The shorter side stays at least this long, so that a panorama has a square rendition …
WORKING_SHORT_SIDE = 320
# … but no working picture has more pixels than this, however narrow it is.
WORKING_PIXELS = 16_000_000
BAND_PIXELS = 2_000_000
# Whites of deep grey: the ends of the usual ranges of cameras and scanners (10 to 16 bits), and of floats.
INTEGER_WHITES = (1023, 4095, 16383, 65535)
FLOAT_WHITES = (1, 255, 65535)


def reduction(width: int, height: int, side: int) -> int:
    """Returns the integer factor by which the picture can be reduced to its working size."""
    by_sides = min(max(width, height) // side, min(width, height) // WORKING_SHORT_SIDE)
    return max(1, by_sides, math.ceil(math.sqrt(width * height / WORKING_PIXELS)))


def rows_of_a_band(width: int, multiple: int = 1) -> int:
    """Returns a number of rows with about `BAND_PIXELS` pixels that is a multiple of `multiple`."""
    return max(1, BAND_PIXELS // (width * multiple)) * multiple


def cut_into_bands(image: Image.Image) -> Iterator[Image.Image]:
    """Yields a decoded picture from top to bottom."""
    width, height = image.size
    rows = rows_of_a_band(width)
    if rows >= height:
        yield image
        return
    for top in range(0, height, rows):
        yield image.crop((0, top, width, min(top + rows, height)))


class BandReducer:
    """Joins bands, given from top to bottom, into one picture that is reduced by an integer factor.

    The result has 8 bits per channel, with alpha if the picture is transparent. The colour space stays.
    """

    def __init__(self, size: tuple[int, int], factor: int) -> None:
        self._factor, self._height = factor, size[1]
        self._size = (-(-size[0] // factor), -(-size[1] // factor))
        self._rest: Image.Image | None = None  # the last rows, until they are as many as the factor
        self._small: Image.Image | None = None
        self._rows = 0  # of the reduced picture
        self._brightest = 0.0
        self._whites: tuple[int, ...] = INTEGER_WHITES

    def add(self, band: Image.Image) -> None:
        band = self._joined_with_rest(self._plain(band))
        whole = band.height // self._factor * self._factor
        if whole:
            self._paste(band if whole == band.height else band.crop((0, 0, band.width, whole)))
        self._rest = band.crop((0, whole, band.width, band.height)) if whole < band.height else None

    def result(self) -> Image.Image | None:
        """Returns the picture, in which rows that never came are 0; None when none came."""
        if self._rest is not None:
            self._paste(self._rest)
            self._rest = None
        if self._small is None or self._small.mode != "F":
            return self._small
        white = next((end for end in self._whites if self._brightest <= end), self._brightest)
        grey = np.asarray(self._small) * (255 / white)
        return Image.fromarray(grey.round().clip(0, 255).astype(np.uint8))

    def _paste(self, band: Image.Image) -> None:
        part = band.reduce(self._factor) if self._factor > 1 else band
        if self._small is None and part.size == self._size:
            self._small = part
            return
        if self._small is None:
            self._small = Image.new(part.mode, self._size)
        self._small.paste(part, (0, self._rows))
        self._rows += part.height

    def _joined_with_rest(self, band: Image.Image) -> Image.Image:
        if self._rest is None:
            return band
        joined = Image.new(band.mode, (band.width, self._rest.height + band.height))
        joined.paste(self._rest, (0, 0))
        joined.paste(band, (0, self._rest.height))
        return joined

    def _plain(self, band: Image.Image) -> Image.Image:
        """Converts to 8 bits per channel, deep grey to floats: its white is known when all bands have come."""
        if band.mode.startswith("I") or band.mode == "F":
            deep = np.nan_to_num(np.asarray(band, np.float32))
            self._whites = FLOAT_WHITES if band.mode == "F" else INTEGER_WHITES
            self._brightest = max(self._brightest, float(deep.max()))
            return Image.fromarray(deep)
        with pillow_calls():  # a file's data about its transparency may be invalid
            if band.mode in ("PA", "LA", "La", "RGBa") or "transparency" in band.info:
                return band.convert("RGBA")
            return band.convert("RGB") if band.mode in ("P", "1") else band
