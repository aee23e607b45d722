"""Our own bugs and a lack of memory are never reported as a broken picture."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageFile

from photos.images import UnreadableImage, decoding, read_picture
from photos.images.pillow import ERRORS, pillow_calls
from photos.tests.pictures import compass, saved


def failing(error: Exception) -> Callable[..., object]:
    def fail(*_: object, **__: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize("error", [AttributeError("no such name"), TypeError(), ValueError(), MemoryError()])
@pytest.mark.parametrize(
    "function", ["Loading", "to_srgb", "_upright", "capture_time", "gps_position", "read_exif"]
)
def test_what_our_own_code_raises_is_raised(
    monkeypatch: pytest.MonkeyPatch, function: str, error: Exception
) -> None:
    monkeypatch.setattr(decoding, function, failing(error))
    with pytest.raises(type(error)):
        read_picture(saved(compass(), "JPEG"))


@pytest.mark.parametrize("error", [kind("broken") for kind in ERRORS])
def test_what_pillow_raises_of_the_bytes_is_an_unreadable_image(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", failing(error))
    with pytest.raises(UnreadableImage, match="broken or incomplete"):
        read_picture(saved(compass(), "JPEG"))


@pytest.mark.parametrize("error", [kind("broken") for kind in ERRORS])
def test_a_broken_exif_block_is_an_empty_one(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(Image.Exif, "get_ifd", failing(error))
    monkeypatch.setattr(Image.Exif, "__getitem__", failing(error))
    picture = read_picture(saved(compass(), "JPEG"))
    assert (picture.width, picture.taken_at, picture.latitude) == (600, None, None)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("Pixel allocation failed: Out of memory"),
        RuntimeError("Memory allocation error: Unspecified: Allocating 144000015 bytes failed"),
        OSError("out of memory when reading image file"),
    ],
)
def test_a_lack_of_memory_is_one_whatever_its_words(error: Exception) -> None:
    with pytest.raises(MemoryError), pillow_calls():
        raise error


def test_a_file_beyond_the_limits_of_a_library_is_an_unreadable_image() -> None:
    with pytest.raises(UnreadableImage), pillow_calls():
        raise RuntimeError("Memory allocation error: Security limit exceeded: too many items")
