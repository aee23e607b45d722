"""Pictures that every viewer shows are pictures here, too: damaged, unusual, or inside of another file."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from photos.images import UnreadableImage, read_picture
from photos.images.decoding import INCOMPLETE
from photos.tests.pictures import adobe_rgb_profile, compass, flat, quarters, saved

SIZE = (300, 200)
COLOURS = ["red", "lime", "blue", "yellow"]


def chunk(kind: bytes, data: bytes, *, fault: int = 0) -> bytes:
    crc = zlib.crc32(kind + data) ^ fault
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def with_chunk(extra: bytes) -> bytes:
    whole = saved(compass(SIZE))
    return whole[:33] + extra + whole[33:]  # after the header


@pytest.mark.parametrize("form", ["JPEG", "GIF", "BMP", "PNG", "TIFF"])
@pytest.mark.parametrize("part", [0.6, 0.9])
def test_a_file_that_was_cut_off_is_shown_and_says_so(form: str, part: float) -> None:
    whole = saved(compass(SIZE).effect_spread(20), form)
    picture = read_picture(whole[: int(len(whole) * part)])
    assert (picture.width, picture.height) == SIZE
    assert picture.note == INCOMPLETE
    shown = quarters(picture.image)
    assert (shown[2:] if form == "BMP" else shown[:2]) == (COLOURS[2:] if form == "BMP" else COLOURS[:2])


@pytest.mark.parametrize("form", ["JPEG", "GIF", "BMP", "PNG"])
def test_a_file_of_which_nothing_can_be_shown_is_refused(form: str) -> None:
    whole = saved(compass(SIZE).effect_spread(20), form)
    start = {"JPEG": whole.find(b"\xff\xda") + 12, "GIF": whole.find(b",") + 11}.get(form, 60)  # after the header
    with pytest.raises(UnreadableImage):
        read_picture(whole[:start])


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0, "quality": 95}])
def test_a_jpeg_without_its_end_marker_is_whole(options: dict[str, object]) -> None:
    whole = saved(compass(SIZE), "JPEG", **options)
    picture = read_picture(whole.removesuffix(b"\xff\xd9"))
    assert (quarters(picture.image), picture.note) == (COLOURS, "")


def test_a_gif_without_its_trailer_is_whole() -> None:
    picture = read_picture(saved(compass(SIZE), "GIF").removesuffix(b";"))
    assert (quarters(picture.image), picture.note) == (COLOURS, "")


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2_000_000))),
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(bytes(2_000_000))),
        chunk(b"tEXt", b"Comment\0" + bytes(2_000_000)),
        chunk(b"tEXt", b"Comment\0words", fault=1),
        chunk(b"gAMA", b"\0"),
        chunk(b"cHRM", b"\0\0"),
        chunk(b"pHYs", b"\0"),
        chunk(b"tIME", b"", fault=7),
        chunk(b"iCCP", b"no profile"),
        chunk(b"eXIf", b"no exif"),
    ],
    ids=["ztxt", "itxt", "text", "crc", "gamma", "chroma", "density", "time", "profile", "exif"],
)
def test_a_fault_beside_the_pixels_of_a_png_is_none_of_the_picture(extra: bytes) -> None:
    picture = read_picture(with_chunk(extra))
    assert (quarters(picture.image), picture.note) == (COLOURS, "")


def test_a_fault_in_the_pixels_of_a_png_is_one() -> None:
    whole = bytearray(saved(compass(SIZE).effect_spread(20)))
    whole[len(whole) // 2] ^= 255
    try:
        picture = read_picture(bytes(whole))
    except UnreadableImage:
        return
    assert picture.note == INCOMPLETE or quarters(picture.image)[:2] == COLOURS[:2]


def test_a_large_profile_of_a_png_is_used() -> None:
    profile = adobe_rgb_profile()
    padded = struct.pack(">I", 2_000_000) + profile[4:] + bytes(2_000_000 - len(profile))
    whole = saved(flat((0, 255, 0)))
    extra = chunk(b"iCCP", b"large\0\0" + zlib.compress(padded))
    by_large = read_picture(whole[:33] + extra + whole[33:]).image.getpixel((3, 3))
    by_small = read_picture(saved(flat((0, 255, 0)), icc_profile=profile)).image.getpixel((3, 3))
    assert by_large == by_small


def renamed(profile: bytes) -> bytes:
    """The profile under the name of sRGB."""
    return profile.replace(b"Adobe RGB\0", b"sRGB conv\0")


def test_a_profile_is_believed_by_its_content_and_not_by_its_name() -> None:
    mine = read_picture(saved(flat((0, 200, 0)), icc_profile=renamed(adobe_rgb_profile()))).image.getpixel((3, 3))
    theirs = read_picture(saved(flat((0, 200, 0)), icc_profile=adobe_rgb_profile())).image.getpixel((3, 3))
    assert mine == theirs != (0, 200, 0)


def test_the_profile_of_srgb_changes_no_pixel() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = compass(SIZE).effect_spread(20)
    picture = read_picture(saved(image, icc_profile=srgb))
    assert np.array_equal(np.asarray(picture.image), np.asarray(image))


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_few_bits_in_sixteen_are_visible(bits: int, form: str) -> None:
    ramp = np.linspace(0, 2**bits - 1, 256).round().astype(np.uint16)
    shown = np.asarray(read_picture(saved(Image.fromarray(np.tile(ramp, (40, 1))), form)).image, int)
    assert np.abs(shown[20, :, 0] - np.arange(256)).max() <= 1


def dng(preview: Image.Image | None) -> bytes:
    """A raw file as cameras write it: a thumbnail, and below it the sensor's values and the preview."""
    small = io.BytesIO()
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[50706] = bytes((1, 4, 0, 0))  # the version of DNG
    info.tagtype[50706] = 1
    info[274] = 6  # turn right
    info[330] = (0xDEADBEEF, 0xDEADBEEF)
    info.tagtype[330] = 4
    flat("purple", (160, 120)).save(small, "TIFF", tiffinfo=info)
    content = bytearray(small.getvalue())
    at = [index for index in range(len(content) - 3) if content[index : index + 4] == b"\xef\xbe\xad\xde"]
    jpeg = saved(preview, "JPEG") if preview else b""
    for place, (photometric, body) in zip(at, ((32803, bytes(2000)), (6, jpeg)), strict=True):
        content += bytes(len(content) % 2)
        start = len(content)
        content += body + bytes(len(body) % 2)
        content[place : place + 4] = struct.pack("<L", len(content))
        fields = ((254, 1), (256, 40), (257, 50), (262, photometric), (273, start), (278, 50), (279, len(body)))
        content += struct.pack("<H", len(fields))
        content += b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in fields) + bytes(4)
    return bytes(content)


def test_a_raw_file_is_its_largest_preview_upright() -> None:
    picture = read_picture(dng(compass((900, 600))))
    assert (picture.width, picture.height) == picture.image.size == (600, 900)
    assert quarters(picture.image) == ["blue", "red", "yellow", "lime"]
    assert picture.content_type == "image/tiff"


@pytest.mark.parametrize("preview", [None, flat("red", (160, 120))], ids=["none", "small"])
def test_a_raw_file_without_a_preview_is_refused(preview: Image.Image | None) -> None:
    with pytest.raises(UnreadableImage, match="not a picture of a supported type"):
        read_picture(dng(preview))
