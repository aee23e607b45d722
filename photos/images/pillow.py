"""A context manager for calls of Pillow: turns all its errors about the bytes into `UnreadableImage`."""

import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile

# The base classes of all errors that Pillow and its plugins raise for hostile files. Not `Exception`: Celery may
# raise its time limit anywhere in a task.
ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class UnreadableImage(Exception):
    """The bytes cannot be decoded; the argument is a reason that clients may read."""


class PictureTooLarge(UnreadableImage):
    """Decoding needs more memory than a worker here may use: `megabytes` of it. With more, it would work."""

    def __init__(self, pixels: int, megabytes: int) -> None:
        size = f"{pixels / 1e6:.0f} megapixels in this form"
        super().__init__(f"The picture is too large for this server: {size}.")
        self.megabytes = megabytes


_leniency = threading.Lock()


@contextmanager
def lenient_pillow() -> Iterator[None]:
    """Lets Pillow decode what there is of an incomplete file, and skip chunks of a PNG that are not pixels.

    Pillow only has one switch for the process: another thread may meanwhile accept an incomplete file, too.
    """
    with _leniency:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False


@contextmanager
def pillow_calls() -> Iterator[None]:
    """Turns errors of Pillow into `UnreadableImage`, and those about a lack of memory into `MemoryError`.

    Use it around calls of Pillow only: around our own code it would report our bugs as broken pictures.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except Image.UnidentifiedImageError as error:
            raise UnreadableImage("The file is not a picture of a supported type.") from error
        except ERRORS as error:
            if _is_lack_of_memory(error):
                raise MemoryError(str(error)) from error
            raise UnreadableImage("The picture is broken or incomplete.") from error


def _is_lack_of_memory(error: Exception) -> bool:
    """Recognises messages of libavif and libheif; libheif also says "memory" about a file beyond its limits."""
    words = str(error).lower()
    return "memory" in words and "limit" not in words
