"""A picture that is decoded in bands is the one that Pillow decodes at once, in every form."""

import io
import struct
import zlib
from typing import Literal

import numpy as np
import pillow_heif
import pytest
import tifffile
from PIL import Image
from pytest_django import Settings

from photos.images import PictureTooLarge, UnreadableImage, bands, loading, read_picture
from photos.images.decoding import INCOMPLETE
from photos.tests.pictures import compass, saved

pillow_heif.register_heif_opener()
SIZE = (700, 500)
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@pytest.fixture
def in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture counts as large, and bands are a few rows high, not a multiple of the factor."""
    monkeypatch.setattr(loading, "PLAIN_BYTES", 0)
    monkeypatch.setattr(bands, "BAND_PIXELS", 7 * SIZE[0])
    monkeypatch.setattr("photos.images.tiff.BAND_PIXELS", 7 * SIZE[0])


def gradient() -> Image.Image:
    return Image.blend(compass(SIZE), Image.linear_gradient("L").resize(SIZE).convert("RGB"), 0.5)


def with_alpha() -> Image.Image:
    image = gradient().convert("RGBA")
    image.putalpha(Image.radial_gradient("L").resize(SIZE))
    return image


def deep_grey() -> Image.Image:
    return Image.fromarray(np.asarray(gradient().convert("L"), np.uint16) * 16)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_16(image: Image.Image, colour_type: int, *, interlaced: bool = False) -> bytes:
    """A PNG of 16 bits a channel, whose rows are filtered in turn by each of the five filters."""
    pixels = np.asarray(image, np.uint16) * 257
    pixels = pixels.reshape(*pixels.shape[:2], -1).astype(">u2")
    parts = [pixels[top::down, left::right] for left, top, right, down in ADAM7] if interlaced else [pixels]
    data = b"".join(filtered(np.ascontiguousarray(part)) for part in parts)
    head = struct.pack(">2I5B", *image.size, 16, colour_type, 0, 0, int(interlaced))
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def filtered(pixels: np.ndarray) -> bytes:
    step = pixels.shape[2] * 2
    rows = pixels.view(np.uint8).reshape(len(pixels), -1).astype(int)
    above = np.vstack([np.zeros_like(rows[:1]), rows[:-1]])
    left = np.hstack([np.zeros((len(rows), step), int), rows[:, :-step]])
    above_left = np.hstack([np.zeros((len(rows), step), int), above[:, :-step]])
    guess = left + above - above_left
    away = [np.abs(guess - near) for near in (left, above, above_left)]
    paeth = np.where(
        (away[0] <= away[1]) & (away[0] <= away[2]), left, np.where(away[1] <= away[2], above, above_left)
    )
    filters = (rows * 0, left, above, (left + above) // 2, paeth)
    return b"".join(
        bytes([number % 5]) + ((rows[number] - filters[number % 5][number]) % 256).astype(np.uint8).tobytes()
        for number in range(len(rows))
    )


def interlaced_png(image: Image.Image) -> bytes:
    """An interlaced PNG of 8 bits a channel, grey or with a palette also of 4."""
    colour_type = {"L": 0, "RGB": 2, "P": 3, "RGBA": 6}[image.mode]
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    data = b""
    for left, top, right, down in ADAM7:
        part = np.ascontiguousarray(pixels[top::down, left::right])
        data += b"".join(b"\0" + row.tobytes() for row in part)
    head = struct.pack(">2I5B", *image.size, 8, colour_type, 0, 0, 1)
    palette = chunk(b"PLTE", bytes(image.getpalette() or [])) if image.mode == "P" else b""
    chunks = chunk(b"IHDR", head) + palette + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def forms() -> dict[str, bytes]:
    colour, grey = gradient(), gradient().convert("L")
    palette = colour.quantize(200)
    real = Image.fromarray(np.asarray(grey, np.float32) / 255)
    found = {
        "png grey": saved(grey),
        "png 1 bit": saved(grey.convert("1")),
        "png 4 bits": saved(colour.quantize(12), bits=4),
        "png palette": saved(palette),
        "png palette with transparency": saved(palette, transparency=bytes(range(200))),
        "png palette with a transparent colour": saved(palette, transparency=7),
        "png grey with a transparent value": saved(grey, transparency=90),
        "png grey and alpha": saved(with_alpha().convert("LA")),
        "png colour": saved(colour),
        "png alpha": saved(with_alpha()),
        "png grey 16": saved(deep_grey()),
        "png colour 16": png_16(colour, 2),
        "png alpha 16": png_16(with_alpha(), 6),
        "png grey and alpha 16": png_16(with_alpha().convert("LA"), 4),
        "gif": saved(colour, "GIF"),
        "gif with transparency": saved(palette, "GIF", transparency=7),
        "bmp": saved(colour, "BMP"),
        "webp": saved(with_alpha(), "WEBP", lossless=True),
        "jpeg": saved(colour, "JPEG"),
        "jpeg cmyk": saved(colour.convert("CMYK"), "JPEG"),
        "heic": saved(colour, "HEIF"),
        "heic alpha": saved(with_alpha(), "HEIF"),
        "tiff real": saved(real, "TIFF"),
        "tiff whole": saved(Image.fromarray(np.asarray(deep_grey(), np.int32)), "TIFF"),
        "tiff jpeg": saved(colour, "TIFF", compression="jpeg"),
        "tiff fax": saved(grey.convert("1"), "TIFF", compression="group4"),
    }
    for name, image in (
        *(("grey", grey), ("palette", palette), ("colour", colour), ("alpha", with_alpha())),
        *(("cmyk", colour.convert("CMYK")), ("lab", colour.convert("LAB")), ("16", deep_grey())),
        ("grey and alpha", with_alpha().convert("LA")),
    ):
        found[f"tiff {name}"] = saved(image, "TIFF")
        found[f"tiff lzw {name}"] = saved(image, "TIFF", compression="tiff_lzw")
    return found


FORMS = forms()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("side", [2000, 100])
def test_bands_make_the_same_picture(form: str, side: int, request: pytest.FixtureRequest) -> None:
    at_once = np.asarray(read_picture(FORMS[form], side=side).image, int)
    request.getfixturevalue("in_bands")
    by_bands = np.asarray(read_picture(FORMS[form], side=side).image, int)
    assert by_bands.shape == at_once.shape
    assert np.abs(by_bands - at_once).max() <= 1


@pytest.mark.parametrize("cut", ["tiles", "planes", "strips"])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_tiffs_of_other_programs(cut: str, deep: bool, order: Literal["<", ">"], in_bands: None) -> None:
    colour = gradient()
    pixels = np.asarray(colour)
    content = np.asarray(pixels, np.uint16) * 257 if deep else pixels
    if cut == "planes":
        content = np.moveaxis(content, 2, 0)
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        content,
        photometric="rgb",
        compression="zlib",
        byteorder=order,
        tile=(64, 48) if cut == "tiles" else None,
        planarconfig="separate" if cut == "planes" else None,
        rowsperstrip=11 if cut == "strips" else None,
    )
    assert np.abs(np.asarray(read_picture(file.getvalue()).image, int) - pixels).max() <= 1


@pytest.mark.parametrize(
    "content",
    [
        *(interlaced_png(gradient().convert(mode)) for mode in ("L", "RGB", "RGBA")),
        interlaced_png(gradient().quantize(200)),
        png_16(gradient(), 2, interlaced=True),
    ],
    ids=["grey", "colour", "alpha", "palette", "16 bits"],
)
def test_a_large_interlaced_png_is_read_at_half_its_size(content: bytes, in_bands: None) -> None:
    picture = read_picture(content)
    assert (picture.width, picture.height) == SIZE
    assert picture.image.size == (350, 250)
    expected = np.asarray(gradient().reduce(2).convert("L"), int)
    assert np.abs(np.asarray(picture.image.convert("L"), int) - expected).mean() < 4


@pytest.mark.parametrize("size", [(30_000, 3), (3, 30_000), (1, 1)])
def test_narrow_pictures_become_no_larger_than_others(
    size: tuple[int, int], in_bands: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bands, "WORKING_PIXELS", 10_000)
    picture = read_picture(saved(Image.new("RGB", size, "red")))
    assert (picture.width, picture.height) == size
    assert picture.image.width * picture.image.height <= 10_000
    assert picture.image.getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("form", ["png colour", "png alpha 16", "png grey 16", "png palette"])
def test_a_large_png_that_ends_early_is_shown_as_far_as_it_goes(form: str, in_bands: None) -> None:
    whole = read_picture(FORMS[form])
    cut = read_picture(FORMS[form][: len(FORMS[form]) * 2 // 3])
    assert (whole.note, cut.note) == ("", INCOMPLETE)
    assert cut.image.size == whole.image.size
    top = (0, 0, SIZE[0], SIZE[1] // 3)
    assert np.abs(np.asarray(cut.image.crop(top), int) - np.asarray(whole.image.crop(top), int)).max() <= 1


@pytest.mark.parametrize(
    "content",
    [
        saved(compass((6000, 5000)), "JPEG", progressive=True, subsampling=0),
        saved(Image.new("RGB", (3600, 2400)), "WEBP"),
        saved(Image.new("RGB", (4200, 3000)), "AVIF", speed=10),
    ],
    ids=["progressive jpeg", "webp", "avif"],
)
def test_what_needs_more_memory_than_there_is_is_refused_in_words(content: bytes, settings: Settings) -> None:
    assert read_picture(content)
    settings.DECODING_MEMORY_MB = 100
    with pytest.raises(
        PictureTooLarge, match=r"too large for this server: \d+ megapixels in this form"
    ) as refused:
        read_picture(content)
    assert isinstance(refused.value, UnreadableImage)
    assert refused.value.megabytes > 100


def test_a_baseline_jpeg_of_the_same_size_is_not_refused(settings: Settings) -> None:
    settings.DECODING_MEMORY_MB = 100
    assert read_picture(saved(compass((6000, 5000)), "JPEG")).width == 6000
