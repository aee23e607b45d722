"""A text over and over, slanted, light with a dark edge: seen on any picture, and in every piece cut out of it."""

import math
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

LARGEST = 1280
SMALLEST = 80
LETTERS = 40
FALLBACK = "PROOF"  # when a text has nothing to show
SLANT = 30  # degrees
FILL, EDGE = (255, 120), (0, 90)  # grey and opacity
FONT = "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"


def add_watermark(image: Image.Image, text: str) -> Image.Image:
    """A copy of the RGB picture under the text; the sides are at most `LARGEST` pixels."""
    pattern = _pattern(_shown(text), _side(max(image.size))).crop((0, 0, *image.size))
    grey, opacity = pattern.split()
    marked = image.copy()
    marked.paste(grey.convert("RGB"), mask=opacity)
    return marked


def _shown(text: str) -> str:
    """What of the text can be drawn in one line."""
    printable = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return printable[:LETTERS].strip() or FALLBACK


def _side(longest: int) -> int:
    """Patterns are made for a few sizes only, so that they are soon all in the cache."""
    side = LARGEST
    while side // 2 >= max(longest, SMALLEST):
        side //= 2
    return side


@lru_cache(maxsize=8)
def _pattern(text: str, side: int) -> Image.Image:
    """Grey and opacity of a square of `side` pixels; 3 MB at the most."""
    font = _font(max(9, side // 22))
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    if right <= left or bottom <= top:
        return _pattern(FALLBACK, side)
    diagonal = math.ceil(side * math.sqrt(2))
    layer = Image.new("LA", (diagonal, diagonal))
    line = _line(text, font, diagonal)
    for row, y in enumerate(range(0, diagonal, math.ceil(font.size * 2.2))):
        layer.paste(line, (-(row % 3) * line.width // 9, y))
    cut = (diagonal - side) // 2
    return layer.rotate(SLANT, Image.Resampling.BICUBIC).crop((cut, cut, cut + side, cut + side))


def _line(text: str, font: ImageFont.FreeTypeFont, width: int) -> Image.Image:
    """The text again and again, half as long again as `width`, so that it can be shifted."""
    step = math.ceil(font.getlength(text) + font.size)
    line = Image.new("LA", (width * 3 // 2, math.ceil(font.size * 1.5)))
    draw = ImageDraw.Draw(line)
    for x in range(0, line.width, step):
        draw.text((x, 0), text, FILL, font, stroke_width=max(1, round(font.size / 20)), stroke_fill=EDGE)
    return line


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu, which knows the alphabets of Europe and the Near East and comes with matplotlib; or Pillow's own."""
    package = find_spec("matplotlib")
    path = Path(package.origin).parent / FONT if package and package.origin else None
    if path and path.is_file():
        return ImageFont.truetype(path, size)
    own = ImageFont.load_default(size)
    assert isinstance(own, ImageFont.FreeTypeFont)  # noqa: S101 - it is, for any given size
    return own
