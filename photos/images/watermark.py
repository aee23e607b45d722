"""Draws a watermark: a slanted, repeated text that is visible on any picture and in every part cut out of it."""

import math
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

LARGEST = 1280
SMALLEST = 80
MAX_CHARACTERS = 40
FALLBACK = "PROOF"  # for a text without printable characters
SLANT = 30  # degrees
FILL, EDGE = (255, 120), (0, 90)  # grey and opacity
FONT = "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"


def add_watermark(image: Image.Image, text: str) -> Image.Image:
    """Returns a copy of the RGB picture with the text over it; its sides are at most `LARGEST` pixels."""
    printable = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    side = LARGEST  # of the pattern: a few sizes only, so that all of them are soon in the cache
    while side // 2 >= max(*image.size, SMALLEST):
        side //= 2
    pattern = _pattern(printable[:MAX_CHARACTERS].strip() or FALLBACK, side).crop((0, 0, *image.size))
    grey, opacity = pattern.split()
    marked = image.copy()
    marked.paste(grey.convert("RGB"), mask=opacity)
    return marked


@lru_cache(maxsize=8)
def _pattern(text: str, side: int) -> Image.Image:
    """Returns grey and opacity of a square of `side` pixels; it takes at most 3 MB."""
    font = _font(max(9, side // 22))
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    if right <= left or bottom <= top:
        return _pattern(FALLBACK, side)
    diagonal = math.ceil(side * math.sqrt(2))
    layer = Image.new("LA", (diagonal, diagonal))
    line = _repeated_text(text, font, diagonal)
    for row, y in enumerate(range(0, diagonal, math.ceil(font.size * 2.2))):
        layer.paste(line, (-(row % 3) * line.width // 9, y))
    cut = (diagonal - side) // 2
    return layer.rotate(SLANT, Image.Resampling.BICUBIC).crop((cut, cut, cut + side, cut + side))


def _repeated_text(text: str, font: ImageFont.FreeTypeFont, width: int) -> Image.Image:
    """Draws the text repeatedly in one line of 1.5 times the width, so that the line can be shifted."""
    step = math.ceil(font.getlength(text) + font.size)
    line = Image.new("LA", (width * 3 // 2, math.ceil(font.size * 1.5)))
    draw = ImageDraw.Draw(line)
    for x in range(0, line.width, step):
        draw.text((x, 0), text, FILL, font, stroke_width=max(1, round(font.size / 20)), stroke_fill=EDGE)
    return line


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Loads DejaVu, which comes with matplotlib and has European and Near Eastern scripts; or Pillow's font."""
    package = find_spec("matplotlib")
    path = Path(package.origin).parent / FONT if package and package.origin else None
    if path and path.is_file():
        return ImageFont.truetype(path, size)
    own = ImageFont.load_default(size)
    assert isinstance(own, ImageFont.FreeTypeFont)  # noqa: S101 - always so when a size is given
    return own
