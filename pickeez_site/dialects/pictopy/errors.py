"""Domain errors in PictoPy's envelope: `{"status_code", "content": {"success", "error", "message"}}`."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.response import Response

from albums.models import Album
from albums.services import NameInUse
from photos.image_paths import UnknownImage
from photos.importing import InvalidPath, NotAPicture
from photos.storage import StorageUnavailable
from pickeez_site.dialects.pictopy.payload import BadPayload

# In order: the first that fits is taken. None: the error's own words, which are meant for clients.
ERRORS: list[tuple[type[Exception], int, str | None, str]] = [
    (BadPayload, 400, None, "The request lacks something or has it in another form."),
    (UnsupportedMediaType, 400, "Invalid payload format", "The body must be application/json."),
    (InvalidPath, 400, "Invalid file path", "There is nothing at this path that may be imported."),
    (NotAPicture, 400, "Invalid file type", "The file is no picture of a type that is taken."),
    (NameInUse, 409, "Album name already in use", "There is an album with this name already."),
    (PermissionDenied, 403, "Forbidden", "You may not do this."),
    (Album.DoesNotExist, 404, "Album not found", "There is no album with this name."),
    (UnknownImage, 404, "Image not found", "There is no image with this path."),
    (Http404, 404, "Not found", "There is no such thing."),
    (ObjectDoesNotExist, 404, "Not found", "There is no such thing."),
    (RequestDataTooBig, 413, "Payload too large", "The body is too large."),
    (SuspiciousOperation, 400, "Bad request", "This request is not understood."),
    (UnreadablePostError, 400, "Bad request", "The body did not arrive whole."),
    (StorageUnavailable, 503, "Storage unavailable", "The storage is away. Please try again later."),
    (OperationalError, 503, "Database unavailable", "The database is away. Please try again later."),
]


def failure(status: int, error: str, message: str) -> dict[str, Any]:
    return {"status_code": status, "content": {"success": False, "error": error, "message": message}}


def envelope(words: str, status: int) -> dict[str, Any]:
    """An error that no view has seen."""
    return failure(status, HTTPStatus(status).phrase, words)


def render_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer for an error; None for what nobody foresaw, which becomes a 500 without details."""
    for kind, status, words, message in ERRORS:
        if isinstance(error, kind):
            return Response(failure(status, words or str(error), message), status=status)
    if isinstance(error, APIException):
        challenge = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else {}
        body = envelope(str(error.detail), error.status_code)
        return Response(body, status=error.status_code, headers=challenge)
    return None
