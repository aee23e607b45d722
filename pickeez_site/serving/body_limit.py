"""Limits the size of request bodies, with and without a Content-Length."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from gunicorn.http.errors import ParseException

from photos.forms import FORM_OVERHEAD
from pickeez_site.serving.errors import error_response

OFFSET_STREAM = "application/offset+octet-stream"  # a chunk of a resumable upload
UPLOADS = "/uploads/"  # presigned URLs for the PUT of a picture begin with this

_CHUNK_BYTES = 64 * 1024
_SPOOL_BYTES = 1024 * 1024
# A server may answer and close the connection at once (RFC 9110 section 15.5.14). But many clients read only after
# they have sent the whole body, and would report a broken pipe instead of the answer. So the server reads and
# discards up to this many times the limit, for at most this many seconds.
_DISCARDED_LIMITS = 4
_DISCARD_SECONDS = 30
_LENGTH = re.compile(r"[0-9]{1,18}")
# gunicorn's body raises OSError when the client has disconnected, and ParseException for malformed chunks.
_UNREADABLE = (OSError, ParseException)

Read = Callable[[int], bytes]


class BodyLimitMiddleware:
    """Answers 413 to a body over the limit, and 400 to a length that is not a number, before any view is called.

    It reads a chunked body itself (into a temporary file if it is larger than 1 MB) and gives it a length, because
    Django and DRF treat a request without `Content-Length` as one without a body. It answers 411 when the server
    cannot know where such a body ends. If a part of a refused body stays unread, gunicorn closes the connection.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length, limit = request.META.get("CONTENT_LENGTH") or "", limit_for(request)
        if not length and "HTTP_TRANSFER_ENCODING" in request.META:
            return self._serve_chunked(request, limit)
        if length and not _LENGTH.fullmatch(length):
            return error_response(request, 400, "Content-Length is not a number of bytes.")
        if length and int(length) > limit:
            discard_body(request.read, _DISCARDED_LIMITS * limit)
            return too_large_response(request, limit)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answers 413 when a parser finds that a form's text fields exceed `DATA_UPLOAD_MAX_MEMORY_SIZE`."""
        if isinstance(exception, RequestDataTooBig):
            return too_large_response(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        return None

    def _serve_chunked(self, request: HttpRequest, limit: int) -> HttpResponse:
        if not request.META.get("wsgi.input_terminated"):
            return error_response(request, 411, "The request needs a Content-Length.")
        read: Read = request.META["wsgi.input"].read
        with SpooledTemporaryFile(_SPOOL_BYTES) as spool:
            try:
                length = _copy(read, spool, limit + 1)
            except _UNREADABLE:
                return error_response(request, 400, "The body is not a complete chunked one.")
            if length > limit:
                discard_body(read, _DISCARDED_LIMITS * limit - length)
                return too_large_response(request, limit)
            replace_body(request, spool, length)
            return self.get_response(request)


def limit_for(request: HttpRequest) -> int:
    """The maximum number of bytes of this request's body: it depends on whether the request uploads a photo."""
    if request.content_type == "multipart/form-data":
        return settings.MAX_PHOTO_BYTES + FORM_OVERHEAD
    if request.content_type == OFFSET_STREAM:
        return settings.MAX_PHOTO_BYTES
    if request.method == "PUT" and request.path_info.startswith(UPLOADS):
        return settings.MAX_PHOTO_BYTES
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def too_large_response(request: HttpRequest, limit: int) -> HttpResponse:
    """The 413 answer to a body of more than `limit` bytes."""
    return error_response(request, 413, f"The body is larger than {limit} bytes.")


def _copy(read: Read, target: IO[bytes], at_most: int) -> int:
    """Copy up to `at_most` bytes and return how many there were."""
    copied = 0
    while copied < at_most and (chunk := read(min(_CHUNK_BYTES, at_most - copied))):
        copied += target.write(chunk)
    return copied


def discard_body(read: Read, at_most: int) -> None:
    """Read the rest of a refused body and throw it away, so that the client reads the answer."""
    deadline = time.monotonic() + _DISCARD_SECONDS
    with suppress(*_UNREADABLE):
        while at_most > 0 and time.monotonic() < deadline and (chunk := read(min(_CHUNK_BYTES, at_most))):
            at_most -= len(chunk)


def replace_body(request: HttpRequest, body: IO[bytes], length: int) -> None:
    """Makes Django and DRF read this body. Only this function relies on where `HttpRequest` keeps its body."""
    body.seek(0)
    request._stream = cast("BinaryIO", body)  # Django has read `wsgi.input` from META already
    request.META.update({"wsgi.input": body, "CONTENT_LENGTH": str(length)})
    del request.META["HTTP_TRANSFER_ENCODING"]
