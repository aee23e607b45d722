"""Adapts gunicorn: longer request lines, and errors as JSON. Its configuration calls it before workers start."""

import json
import socket
import time
from contextlib import suppress
from http import HTTPStatus

import gunicorn.http.message
import gunicorn.util

# A whole phone book fits into the query string: 1,000 numbers of `phones%5B%5D=%2B972%2052-293-4321&` are 36 kB.
MAX_REQUEST_LINE = 64 * 1024
_WORDS = {
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The request line is longer than {MAX_REQUEST_LINE} bytes.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers are too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Server error.",
}
# The rest of a refused request is read and discarded, so that the client reads the answer; at most this much, for
# at most this many seconds.
_DISCARDED_BYTES = 1024 * 1024
_DISCARD_SECONDS = 2


def adapt_gunicorn() -> None:
    """Changes two names inside of gunicorn, which has no settings for them. Only this function does."""
    # gunicorn limits `limit_request_line` itself to a number below this one.
    gunicorn.http.message.MAX_REQUEST_LINE = MAX_REQUEST_LINE + 1
    gunicorn.util.write_error = write_error


def write_error(client: socket.socket, status: int, reason: str, message: str) -> None:
    """Answers a request that gunicorn refuses, like gunicorn's function of this name, but with JSON.

    The words are ours: `message` repeats what the client has sent.
    """
    body = json.dumps({"msg": _WORDS.get(HTTPStatus(status), f"{reason}.")}).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    client.setblocking(True)
    client.settimeout(_DISCARD_SECONDS)
    client.sendall(head.encode("latin-1") + body)
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)
        _discard(client)


def _discard(client: socket.socket) -> None:
    """Reads what the client still sends: closing a socket with unread bytes would lose the answer."""
    deadline, left = time.monotonic() + _DISCARD_SECONDS, _DISCARDED_BYTES
    while left > 0 and time.monotonic() < deadline and (chunk := client.recv(64 * 1024)):
        left -= len(chunk)
