"""The guard around Pillow's own calls: whatever these raise about the bytes is one error of ours."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

# The roots of all that Pillow and its plugins raise on hostile files. Not `Exception`: a task's time limit is
# raised wherever the task is at that moment.
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
    """The bytes are no picture that can be decoded; the argument is a reason that clients may read."""


@contextmanager
def pillow_calls() -> Iterator[None]:
    """Raises what Pillow raises as `UnreadableImage`, and a lack of memory, whatever its words, as `MemoryError`.

    For calls of Pillow alone: around code of ours it would turn our mistakes into broken pictures.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except Image.UnidentifiedImageError as error:
            raise UnreadableImage("The file is not a picture of a supported type.") from error
        except ERRORS as error:
            if _tells_of_memory(error):
                raise MemoryError(str(error)) from error
            raise UnreadableImage("The picture is broken or incomplete.") from error


def _tells_of_memory(error: Exception) -> bool:
    """libavif and libheif have words for it; libheif says "memory" of a file beyond its limits, too."""
    words = str(error).lower()
    return "memory" in words and "limit" not in words
