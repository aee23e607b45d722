"""Domain errors in Pixoneye's envelope: `{"error": …}`."""

from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from photos.storage import StorageUnavailable
from pickeez_site.dialects.pixoneye.parameters import BadMember
from pickeez_site.dialects.pixoneye.scrolling import ScrollExpired

# In order: the first that fits is taken. None: the error's own words, which are meant for clients.
MESSAGES: list[tuple[type[Exception], int, str | None]] = [
    (BadMember, 400, None),
    (ScrollExpired, 410, "The scrollID has expired. Begin again without one."),
    (PermissionDenied, 403, None),
    (Http404, 404, "Not found."),
    (ObjectDoesNotExist, 404, "Not found."),
    (RequestDataTooBig, 413, "The body is too large."),
    (SuspiciousOperation, 400, "Bad request."),
    (UnreadablePostError, 400, "The body did not arrive whole."),
    (StorageUnavailable, 503, "The storage is away. Please try again later."),
    (OperationalError, 503, "The database is away. Please try again later."),
]


def envelope(words: str, status: int) -> dict[str, str]:
    return {"error": words}


def render_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer for an error; None for what nobody foresaw, which becomes a 500 without details."""
    if isinstance(error, APIException):
        challenge = {"WWW-Authenticate": "Api-Key"} if error.status_code == 401 else {}
        return Response(
            envelope(str(error.detail), error.status_code), status=error.status_code, headers=challenge
        )
    for kind, status, words in MESSAGES:
        if isinstance(error, kind):
            return Response(envelope(words or str(error) or "You may not do this.", status), status=status)
    return None
