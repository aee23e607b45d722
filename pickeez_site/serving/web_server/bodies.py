"""Receives request bodies, whole, into memory or a temporary file, before the application sees the request.

A body over its limit is read on and thrown away, so that a client that sends everything before it reads gets its
answer. The application then finds the length above the limit, and nothing to read.
"""

import re
from http import HTTPStatus
from typing import IO

from waitress.buffers import OverflowableBuffer
from waitress.utilities import Error

from pickeez_site.serving.web_server.limits import DISCARDED_LIMITS, SPOOL_BYTES
from pickeez_site.serving.web_server.refusals import Refused

MAX_CHUNK_LINE = 1024
MAX_TRAILER_BYTES = 8 * 1024
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")


class Body:
    """What both kinds of bodies have in common. waitress reads `completed`, `error`, the length and the buffer."""

    completed = False
    error: Error | None = None
    unread = False  # whether more of it may follow that nobody reads

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self.buffer = OverflowableBuffer(SPOOL_BYTES)

    def __len__(self) -> int:
        return self.size

    @property
    def is_refused(self) -> bool:
        return self.size > self.limit

    def give_up(self) -> None:
        """Ends it here; the connection is of no further use."""
        self.completed = self.unread = True

    def getfile(self) -> IO[bytes]:
        return self.buffer.getfile()

    def getbuf(self) -> OverflowableBuffer:
        return self.buffer

    def _take(self, data: bytes) -> None:
        self.size += len(data)
        if not self.is_refused:
            self.buffer.append(data)
        elif len(self.buffer):
            self.buffer.close()
            self.buffer = OverflowableBuffer(SPOOL_BYTES)
        if self.size > DISCARDED_LIMITS * self.limit:
            self.give_up()


class FixedBody(Body):
    """A body of the length that its head announced, at least 1."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(limit)
        self.length = length

    @property
    def is_refused(self) -> bool:
        return self.length > self.limit

    def received(self, data: bytes) -> int:
        """Takes what belongs to it, and returns how many bytes that were."""
        piece = data[: self.length - self.size]
        self._take(piece)
        self.completed = self.completed or self.size == self.length
        return len(piece)


class ChunkedBody(Body):
    """A body in chunks (RFC 9112, section 7.1). What two servers may read differently is an error."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._left = 0  # bytes of the chunk that are still to come
        self._line = bytearray()
        self._read_line = self._read_size
        self._trailer_bytes = 0

    def received(self, data: bytes) -> int:
        """Takes what belongs to it, and returns how many bytes that were."""
        position = 0
        while position < len(data) and not self.completed and not self.error:
            if self._left:
                piece = data[position : position + self._left]
                self._left -= len(piece)
                self._take(piece)
            else:
                end = data.find(b"\n", position) + 1
                piece = data[position : end or len(data)]
                self._take_line(piece, is_whole=bool(end))
            position += len(piece)
        return position

    def _take_line(self, piece: bytes, *, is_whole: bool) -> None:
        self._line += piece
        if len(self._line) > MAX_CHUNK_LINE:
            self._fail()
        elif is_whole:
            line = bytes(self._line)
            self._line.clear()
            self._read_line(line)

    def _read_size(self, line: bytes) -> None:
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            self._fail()
            return
        self._left = int(match[1], 16)
        self._read_line = self._read_end if self._left else self._read_trailer

    def _read_end(self, line: bytes) -> None:
        self._read_line = self._read_size
        if line != b"\r\n":
            self._fail()

    def _read_trailer(self, line: bytes) -> None:
        self._trailer_bytes += len(line)
        if line == b"\r\n":
            self.completed = True
        elif not line.endswith(b"\r\n") or self._trailer_bytes > MAX_TRAILER_BYTES:
            self._fail()

    def _fail(self) -> None:
        self.error = Refused(HTTPStatus.BAD_REQUEST).error()
