"""Forms whose end has arrived: Django takes what there is of one that was cut off."""

from typing import IO

# RFC 2046 allows boundaries of 70 characters, Django of 201; with dashes and line ends around them.
MAX_BOUNDARY = 256


class Tail:
    """A stream whose last bytes are remembered."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._last = b""

    def read(self, size: int) -> bytes:
        chunk: bytes = self._stream.read(size)
        self._last = (self._last + chunk)[-MAX_BOUNDARY:]
        return chunk

    def ends_form(self, boundary: str) -> bool:
        """Whether the last bytes are the end of a form with this boundary."""
        return self._last.rstrip().endswith(f"--{boundary}--".encode())
