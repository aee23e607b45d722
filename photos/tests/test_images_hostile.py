"""Whatever a file is, reading it gives a picture or one error with a reason that clients may read."""

import random
import struct
import zlib
from contextlib import suppress

import pytest
from PIL import Image
from pytest_django import Settings

from photos.images import UnreadableImage, read_picture, sniff_content_type
from photos.tests.pictures import compass, flat, saved

FORMS = ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "HEIF"]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableImage) as refused:
        read_picture(data)
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty."),
        (b"hello", "The file is not a picture of a supported type."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "The file is not a picture of a supported type."),
        (b"%PDF-1.7", "The file is not a picture of a supported type."),
        (b"\xff\xd8\xff", "The file is not a picture of a supported type."),
        (bytes(10_000), "The file is not a picture of a supported type."),
        (
            png(60_000, 60_000, chunk(b"IDAT", zlib.compress(bytes(100)))),
            "The picture has more than 150000000 pixels.",
        ),
        (png(100, 100), "The picture is broken or incomplete."),
        (png(100, 100, chunk(b"IDAT", b"no zlib")), "The picture is broken or incomplete."),
        (png(100, 100, chunk(b"IDAT", zlib.compress(bytes(50)))), "The picture is broken or incomplete."),
        (
            png(100, 100, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(90_000_000)))),
            "The picture is broken or incomplete.",
        ),
    ],
    ids=[
        "empty",
        "text",
        "svg",
        "pdf",
        "jpeg-start",
        "zeros",
        "bomb",
        "no-data",
        "no-zlib",
        "short-data",
        "text-bomb",
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    assert refusal(data) == reason


def test_a_picture_without_pixels_is_refused() -> None:
    assert refusal(png(0, 0, chunk(b"IDAT", zlib.compress(b""))))


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "HEIF"])
def test_a_file_that_was_cut_off_and_shows_nothing_is_refused(form: str) -> None:
    whole = saved(compass((300, 200)).effect_spread(20), form)
    for part in (0.3, 0.6, 0.9):
        assert refusal(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("form", FORMS)
def test_broken_bytes_are_a_picture_or_a_refusal(form: str) -> None:
    whole = bytearray(saved(compass((120, 80)), form))
    chance = random.Random(f"broken {form}")
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        with suppress(UnreadableImage):
            assert read_picture(bytes(broken)).image.mode == "RGB"


def test_the_limit_on_pixels_is_a_setting(settings: Settings) -> None:
    settings.MAX_PHOTO_PIXELS = 2399
    assert refusal(saved(flat("red", (60, 40)))) == "The picture has more than 2399 pixels."


@pytest.mark.parametrize("form", ["PPM", "ICO", "TGA", "PCX", "EPS"])
def test_formats_that_no_camera_writes_are_refused(form: str) -> None:
    assert refusal(saved(flat("red"), form)) == "The file is not a picture of a supported type."


@pytest.mark.parametrize("form", FORMS)
def test_the_type_is_known_by_the_first_bytes(form: str) -> None:
    data = saved(flat("red"), form)
    assert sniff_content_type(data[:64]) == read_picture(data).content_type


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"RIFF",
        b"hello world",
        b"BM",
        b"BMW is a maker of cars",
        b"\xff\xd8",
        b"\0\0\0\x18ftypmp42",
        bytes(64),
    ],
)
def test_other_files_have_no_picture_type(head: bytes) -> None:
    assert sniff_content_type(head) == "application/octet-stream"


def test_reading_does_not_change_pillow_for_others() -> None:
    read_picture(saved(flat("red")))
    assert Image.open.__module__ == "PIL.Image"
    assert not Image._initialized < 1
