import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from photos.images import make_renditions, read_picture
from photos.tests.pictures import compass, quarters, saved

# How a camera transposes an upright scene, by EXIF orientation: the inverse of what turns it upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
UPRIGHT = ["red", "lime", "blue", "yellow"]


def photo_with(
    orientation: int, form: str = "PNG", size: tuple[int, int] = (600, 400), **options: object
) -> bytes:
    image, method = compass(size), STORED.get(orientation)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return saved(image.transpose(method) if method is not None else image, form, exif=exif, **options)


def renditions(data: bytes) -> dict[str, Image.Image]:
    return {file.kind: Image.open(io.BytesIO(file.data)) for file in make_renditions(read_picture(data), "PROOF")}


def test_all_eight_orientations_of_a_picture_give_the_same_upright_medium() -> None:
    mediums = [renditions(photo_with(orientation))["medium"] for orientation in STORED]
    assert quarters(mediums[0]) == UPRIGHT
    for medium in mediums[1:]:
        assert np.array_equal(np.asarray(medium), np.asarray(mediums[0]))


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize(("form", "size"), [("JPEG", (6000, 4000)), ("TIFF", (600, 400)), ("WEBP", (600, 400))])
def test_every_rendition_is_upright_and_the_sizes_are_of_the_upright_picture(
    orientation: int, form: str, size: tuple[int, int]
) -> None:
    picture = read_picture(photo_with(orientation, form, size))
    assert (picture.width, picture.height) == size
    for file in make_renditions(picture, "PROOF"):
        image = Image.open(io.BytesIO(file.data))
        assert image.size == (file.width, file.height)
        assert quarters(image) == UPRIGHT


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    assert quarters(renditions(photo_with(orientation))["medium"]) == UPRIGHT


@pytest.mark.parametrize(
    ("size", "small", "medium", "square"),
    [
        ((4000, 3000), (320, 240), (1280, 960), (320, 320)),
        ((1000, 4000), (80, 320), (320, 1280), (320, 320)),
        ((300, 200), (300, 200), (300, 200), (200, 200)),
        ((320, 1280), (80, 320), (320, 1280), (320, 320)),
        ((1, 1), (1, 1), (1, 1), (1, 1)),
        ((5000, 3), (320, 1), (1280, 1), (3, 3)),
    ],
)
def test_renditions_fit_their_size_and_are_never_enlarged(
    size: tuple[int, int], small: tuple[int, int], medium: tuple[int, int], square: tuple[int, int]
) -> None:
    made = {kind: image.size for kind, image in renditions(saved(compass(size))).items()}
    assert made == {
        "small": small,
        "watermark_small": small,
        "medium": medium,
        "watermark": medium,
        "square": square,
        "watermark_square": square,
    }


def test_the_square_is_cut_from_the_middle() -> None:
    wide = Image.new("RGB", (900, 300), "red")
    wide.paste("blue", (300, 0, 600, 300))
    square = renditions(saved(wide))["square"]
    pixels = np.asarray(square).astype(int)
    assert np.abs(pixels - (0, 0, 255)).max() < 40
