"""Parts of files (RFC 9110, section 14): a client that was interrupted asks for the rest only."""

import re
from collections.abc import Iterator

from django.core.files.base import File
from django.http import HttpRequest

CHUNK_BYTES = 64 * 1024
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
    """The bytes of a range of a file, in chunks. Closes the file at the end."""

    def __init__(self, file: File, part: range) -> None:
        self._file, self._part = file, part

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(self._part.start)
        left = len(self._part)
        while left and (chunk := self._file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()
