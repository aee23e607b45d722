"""Limits the size of request bodies."""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from photos.forms import FORM_OVERHEAD
from pickeez_site.serving.errors import error_response

OFFSET_STREAM = "application/offset+octet-stream"  # a chunk of a resumable upload
UPLOADS = "/uploads/"  # presigned URLs for the PUT of a picture begin with this

_LENGTH = re.compile(r"[0-9]{1,18}")


class BodyLimitMiddleware:
    """Answers 413 to a body over the limit, and 400 to a length that is not a number, before any view is called.

    The web server has read the body already, thrown away what is over its limit (`body_limit`), and given a
    chunked one a length. Where the server does not, the client is asked for one with 411: Django and DRF treat a
    request without `Content-Length` as one without a body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length, limit = request.META.get("CONTENT_LENGTH") or "", limit_for(request)
        if not length and "HTTP_TRANSFER_ENCODING" in request.META:
            return error_response(request, 411, "The request needs a Content-Length.")
        if length and not _LENGTH.fullmatch(length):
            return error_response(request, 400, "Content-Length is not a number of bytes.")
        if length and int(length) > limit:
            return too_large_response(request, limit)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answers 413 when a parser finds that a form's text fields exceed `DATA_UPLOAD_MAX_MEMORY_SIZE`."""
        if isinstance(exception, RequestDataTooBig):
            return too_large_response(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        return None


def limit_for(request: HttpRequest) -> int:
    """The maximum number of bytes of this request's body."""
    return body_limit(request.method or "", request.path_info, request.content_type or "")


def body_limit(method: str, path: str, content_type: str) -> int:
    """The maximum number of bytes of a body: it depends on whether the request uploads a photo."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return settings.MAX_PHOTO_BYTES + FORM_OVERHEAD
    if kind == OFFSET_STREAM:
        return settings.MAX_PHOTO_BYTES
    if method == "PUT" and path.startswith(UPLOADS):
        return settings.MAX_PHOTO_BYTES
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def too_large_response(request: HttpRequest, limit: int) -> HttpResponse:
    """The 413 answer to a body of more than `limit` bytes."""
    return error_response(request, 413, f"The body is larger than {limit} bytes.")
