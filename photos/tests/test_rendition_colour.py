import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from photos.images import make_renditions, overall_colour, read_picture
from photos.tests.pictures import adobe_rgb_profile, adobe_to_srgb, deep_png, flat, saved

COLOUR = (120, 180, 80)


def colours(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The overall colour, and that in the middle of the medium rendition."""
    picture = read_picture(data)
    hue = np.array([int(overall_colour(picture)[start : start + 2], 16) for start in (1, 3, 5)])
    medium = next(file for file in make_renditions(picture, "PROOF") if file.kind == "medium")
    image = Image.open(io.BytesIO(medium.data))
    assert (image.format, image.mode) == ("JPEG", "RGB")
    return hue, np.array(image.getpixel((image.width // 2, image.height // 2)))


def assert_shown_as(data: bytes, colour: np.ndarray | tuple[int, int, int], within: int = 1) -> None:
    hue, shown = colours(data)
    assert np.abs(hue - colour).max() <= within
    assert np.abs(shown - colour).max() <= within + 1


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), COLOUR, (1, 2, 3), (254, 128, 127)])
def test_the_hue_of_a_flat_picture_is_its_colour(colour: tuple[int, int, int]) -> None:
    assert overall_colour(read_picture(saved(flat(colour)))) == "#{:02x}{:02x}{:02x}".format(*colour)


def test_the_hue_of_two_halves_is_between_them() -> None:
    image = flat((0, 0, 0), (40, 40))
    image.paste((200, 100, 50), (0, 0, 20, 40))
    assert overall_colour(read_picture(saved(image))) == "#643219"


@pytest.mark.parametrize(
    ("form", "options", "within"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 95, "subsampling": 0}, 2),
        ("WEBP", {}, 3),
        ("GIF", {}, 3),
        ("AVIF", {"quality": 90}, 3),
        ("HEIF", {"quality": 90}, 4),
    ],
)
def test_every_format_keeps_its_colour(form: str, options: dict[str, object], within: int) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    assert_shown_as(saved(flat(COLOUR, (128, 96)), form, **options), COLOUR, within)


@pytest.mark.parametrize(("form", "content_type"), [("HEIF", "image/heic"), ("AVIF", "image/avif")])
def test_heic_and_avif_are_known(form: str, content_type: str) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    assert read_picture(saved(flat(COLOUR, (64, 64)), form)).content_type == content_type


@pytest.mark.parametrize("colour", [COLOUR, (200, 100, 50), (128, 128, 128), (30, 60, 90)])
@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_adobe_rgb_becomes_srgb(colour: tuple[int, int, int], form: str) -> None:
    options = {"quality": 100, "subsampling": 0} if form == "JPEG" else {}
    data = saved(flat(colour), form, icc_profile=adobe_rgb_profile(), **options)
    assert_shown_as(data, adobe_to_srgb(colour), within=2)


def test_a_transparent_picture_with_a_profile_is_both_flattened_and_converted() -> None:
    data = saved(flat((*COLOUR, 255), mode="RGBA"), icc_profile=adobe_rgb_profile())
    assert_shown_as(data, adobe_to_srgb(COLOUR), within=2)


@pytest.mark.parametrize("profile", [b"", b"broken", adobe_rgb_profile()[:200]])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    assert_shown_as(saved(flat(COLOUR), icc_profile=profile), COLOUR)


def test_a_profile_of_another_kind_of_picture_is_ignored() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert_shown_as(saved(flat(COLOUR), icc_profile=lab), COLOUR)


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
@pytest.mark.parametrize(
    ("ink", "colour"),
    [((0, 255, 255, 0), (255, 0, 0)), ((0, 0, 0, 0), (255, 255, 255)), ((0, 0, 0, 255), (0, 0, 0))],
)
def test_cmyk_becomes_the_colour_that_is_printed(
    form: str, ink: tuple[int, int, int, int], colour: tuple[int, int, int]
) -> None:
    assert_shown_as(saved(flat(ink, mode="CMYK"), form), colour, within=3)


def test_sixteen_bits_a_channel_become_eight() -> None:
    assert_shown_as(deep_png((120 * 257, 180 * 257, 80 * 257)), COLOUR)


@pytest.mark.parametrize(("grey", "shown"), [(0, 0), (32896, 128), (65535, 255)])
def test_deep_grey_becomes_grey(grey: int, shown: int) -> None:
    image = Image.fromarray(np.full((40, 60), grey, np.uint16))
    for form in ("PNG", "TIFF"):
        assert_shown_as(saved(image, form), (shown,) * 3)


@pytest.mark.parametrize(("mode", "colour", "shown"), [("L", 90, (90,) * 3), ("1", 1, (255,) * 3)])
def test_grey_and_black_and_white(mode: str, colour: int, shown: tuple[int, int, int]) -> None:
    assert_shown_as(saved(flat(colour, mode=mode)), shown)


def test_a_palette() -> None:
    image = flat(COLOUR).convert("P", palette=Image.Palette.ADAPTIVE)
    assert_shown_as(saved(image), COLOUR)


@pytest.mark.parametrize(
    ("mode", "colour"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("RGBA", (255, 0, 0, 0)), ("PA", (3, 0))]
)
def test_what_is_transparent_becomes_white(mode: str, colour: tuple[int, ...]) -> None:
    image = flat(colour, mode=mode) if mode != "PA" else flat((9, 9, 9, 0), mode="RGBA").quantize()
    assert_shown_as(saved(image), (255, 255, 255))


def test_what_is_half_transparent_is_half_white() -> None:
    assert_shown_as(saved(flat((0, 0, 0, 128), mode="RGBA")), (127, 127, 127))


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_shown(form: str) -> None:
    later = [flat((0, 0, 255)), flat((0, 255, 0))]
    options = {"lossless": True} if form == "WEBP" else {}
    data = saved(flat((255, 0, 0)), form, save_all=True, append_images=later, **options)
    assert_shown_as(data, (255, 0, 0))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_a_process_that_has_seen_no_picture_yet_reads_every_format(form: str) -> None:
    """Pillow learns of most formats when they are asked for by name, and stumbles over names that it has not."""
    code = "import sys, django; django.setup(); from photos.images import read_picture; print(read_picture(sys.stdin.buffer.read()).width)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=saved(flat(COLOUR), form),
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "pickeez_site.test_settings"},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        check=True,
    )
    assert run.stdout.split()[-1:] == [b"60"]
