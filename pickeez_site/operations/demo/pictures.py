"""Pictures of two real people, made from photographs that come with Python packages.

Eileen Collins (NASA, in scikit-image) and Grace Hopper (US Navy, in matplotlib); both are in the public domain.
"""

import io
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

SOURCES = {
    "Eileen": ("skimage", "data/astronaut.png"),
    "Grace": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}
SELFIE_CROPS = {"Eileen": (90, 0, 390, 330), "Grace": (70, 0, 470, 430)}
BROKEN = "broken.jpg"


def selfie(name: str) -> bytes:
    """A picture of this person alone, different from those of the album."""
    return _jpeg(_portrait(name).crop(SELFIE_CROPS[name]).resize((600, 660), Image.Resampling.LANCZOS))


def album_pictures() -> Iterator[tuple[str, bytes]]:
    """The album's files as (name, content): each person alone, both together, nobody, and a broken file."""
    for name in SOURCES:
        portrait = _portrait(name)
        for variant, picture in _variants(portrait):
            yield f"{name.lower()}-{variant}.jpg", _jpeg(picture)
    eileen, grace = (_portrait(name) for name in SOURCES)
    yield "together.jpg", _jpeg(_side_by_side(eileen, grace))
    yield (
        "together-again.jpg",
        _jpeg(_side_by_side(ImageOps.mirror(grace), ImageEnhance.Color(eileen).enhance(0.3))),
    )
    yield "sunset.jpg", _jpeg(_sunset())
    yield BROKEN, _jpeg(eileen)[:400]  # cut off before its first row


def _portrait(name: str) -> Image.Image:
    """The photograph of this person. Raises `FileNotFoundError` if the package with it is not installed."""
    package, path = SOURCES[name]
    spec = find_spec(package)  # finds it without importing it: both are heavy
    if spec is None or spec.origin is None:
        raise FileNotFoundError(package)
    return Image.open(Path(spec.origin).parent / path).convert("RGB")


def _variants(portrait: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    yield "portrait", portrait
    yield "mirrored", ImageOps.mirror(portrait)
    yield "tilted", portrait.rotate(6, Image.Resampling.BICUBIC, fillcolor=(30, 30, 40))
    yield "evening", ImageEnhance.Color(ImageEnhance.Brightness(portrait).enhance(0.7)).enhance(0.6)
    yield (
        "wide",
        ImageOps.pad(
            portrait.filter(ImageFilter.SMOOTH), (2 * portrait.height, portrait.height), color=(210, 200, 185)
        ),
    )


def _side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    left, right = (ImageOps.fit(picture, (500, 560), centering=(0.5, 0.1)) for picture in (left, right))
    both = Image.new("RGB", (1020, 560), "white")
    both.paste(left, (0, 0))
    both.paste(right, (520, 0))
    return both


def _sunset() -> Image.Image:
    """A picture without people."""
    sky = Image.linear_gradient("L").resize((900, 600))
    picture = ImageOps.colorize(sky, black="#2b1d52", mid="#d9480f", white="#ffd8a8")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((390, 330, 510, 450), fill="#fff3bf")
    draw.polygon([(0, 600), (0, 470), (260, 380), (520, 490), (900, 400), (900, 600)], fill="#1b1430")
    return picture


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()
