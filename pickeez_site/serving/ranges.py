"""Parts of files (RFC 9110, section 14): a client that was interrupted asks for the rest only."""

import os
import re

from django.core.files.base import File
from django.http import HttpRequest

# One range. Several at once are answered with the whole file, which a server may always do.
RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", re.ASCII)


class RangeNotSatisfiable(Exception):
    """The file has no such part."""


def requested_range(request: HttpRequest, *, size: int, etag: str) -> range | None:
    """Returns the bytes that the client asks for; None for all of them.

    With `If-Range`, the client has begun with a file of that ETag: a part of any other file would not fit.
    Raises `RangeNotSatisfiable`.
    """
    match = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last, suffix = (int(number) if number else None for number in match.groups())
    if first is None:
        first, last = max(size - (suffix or 0), 0), size - 1
    elif last is not None and last < first:
        return None  # not valid, so it is ignored
    if first >= size:
        raise RangeNotSatisfiable
    return range(first, min(size - 1 if last is None else last, size - 1) + 1)


class FilePart:
    """A range of a file as a file of its own, which the web server sends like any other."""

    def __init__(self, file: File, part: range) -> None:
        self._file, self._part = file, part
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        left = max(len(self._part) - self.tell(), 0)
        return bytes(self._file.read(left if size < 0 else min(size, left)))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: len(self._part)}[whence]
        self._file.seek(self._part.start + base + offset)
        return self.tell()

    def tell(self) -> int:
        return int(self._file.tell()) - self._part.start

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
