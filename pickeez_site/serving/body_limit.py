"""How large a request's body may be, whether its length is announced or not."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from gunicorn.http.errors import ParseException

from pickeez_site.serving.errors import refusal

UPLOADS = "/uploads/"  # where pictures are PUT by presigned URL
FORM_OVERHEAD = 1024 * 1024  # bytes: a photo's form has other fields and boundaries

_CHUNK = 64 * 1024
_IN_MEMORY = 1024 * 1024
# A server may answer and close at once (RFC 9110 section 15.5.14), but many clients send the whole body before
# they read, and would report a broken pipe in place of the answer.
_DISCARDED_LIMITS = 4
_DISCARD_SECONDS = 30
_LENGTH = re.compile(r"[0-9]{1,18}")
# What gunicorn's body raises: OSError when the client is gone, ParseException for malformed chunks.
_UNREADABLE = (OSError, ParseException)

Read = Callable[[int], bytes]


class BodyLimitMiddleware:
    """Answers 413 to a body over the limit and 400 to a length that is no number, before any view is called.

    A chunked body is read here, to a temporary file from 1 MB on, and gets a length: Django and DRF take a
    request without `Content-Length` for one without a body. It is 411 where the server cannot tell where such a
    body ends.
    What is left unread of a refused body makes gunicorn close the connection.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length, limit = request.META.get("CONTENT_LENGTH") or "", limit_for(request)
        if not length and "HTTP_TRANSFER_ENCODING" in request.META:
            return self._serve_chunked(request, limit)
        if length and not _LENGTH.fullmatch(length):
            return refusal(request, 400, "Content-Length is not a number of bytes.")
        if length and int(length) > limit:
            discard(request.read, _DISCARDED_LIMITS * limit)
            return too_large_response(request, limit)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """413 also where a parser finds a form's text fields larger than `DATA_UPLOAD_MAX_MEMORY_SIZE`."""
        if isinstance(exception, RequestDataTooBig):
            return too_large_response(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        return None

    def _serve_chunked(self, request: HttpRequest, limit: int) -> HttpResponse:
        if not request.META.get("wsgi.input_terminated"):
            return refusal(request, 411, "The request needs a Content-Length.")
        read: Read = request.META["wsgi.input"].read
        with SpooledTemporaryFile(_IN_MEMORY) as spool:
            try:
                length = _copy(read, spool, limit + 1)
            except _UNREADABLE:
                return refusal(request, 400, "The body is not a complete chunked one.")
            if length > limit:
                discard(read, _DISCARDED_LIMITS * limit - length)
                return too_large_response(request, limit)
            replace_body(request, spool, length)
            return self.get_response(request)


def limit_for(request: HttpRequest) -> int:
    """The bytes a body may have: a photo's for an upload, and its form's if it comes in one, else a document's."""
    if request.method == "PUT" and request.path_info.startswith(UPLOADS):
        return settings.MAX_PHOTO_BYTES
    if request.content_type == "multipart/form-data":
        return settings.MAX_PHOTO_BYTES + FORM_OVERHEAD
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def too_large_response(request: HttpRequest, limit: int) -> HttpResponse:
    """The 413 answer to a body of more than `limit` bytes."""
    return refusal(request, 413, f"The body is larger than {limit} bytes.")


def _copy(read: Read, target: IO[bytes], at_most: int) -> int:
    """Copy up to `at_most` bytes and return how many there were."""
    copied = 0
    while copied < at_most and (chunk := read(min(_CHUNK, at_most - copied))):
        copied += target.write(chunk)
    return copied


def discard(read: Read, at_most: int) -> None:
    """Read and forget what is left of a body, so that the client gets to read why it is refused."""
    deadline = time.monotonic() + _DISCARD_SECONDS
    with suppress(*_UNREADABLE):
        while at_most > 0 and time.monotonic() < deadline and (chunk := read(min(_CHUNK, at_most))):
            at_most -= len(chunk)


def replace_body(request: Any, body: IO[bytes], length: int) -> None:
    """Has Django and DRF read this body. The one place that rests on where `HttpRequest` keeps it."""
    body.seek(0)
    request._stream = body  # `wsgi.input` has been looked at already
    request.META.update({"wsgi.input": body, "CONTENT_LENGTH": str(length)})
    del request.META["HTTP_TRANSFER_ENCODING"]
