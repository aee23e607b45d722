"""Domain errors in Pickeez's envelope: `{"msg": …}`."""

from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from accounts.facebook import FacebookRefused, GraphUnavailable
from accounts.messaging import MessageNotSent
from accounts.services import RateLimitExceeded, TooManyGuesses, WrongCode
from photos.storage import BadKey, StorageUnavailable
from pickeez_site.dialects.pickeez.parameters import BadParameter

# In order: the first that fits is taken. None: the error's own words, which are meant for clients.
MESSAGES: list[tuple[type[Exception], int, str | None]] = [
    (BadParameter, 400, None),
    (BadKey, 400, None),
    (WrongCode, 400, "wrong code"),
    (FacebookRefused, 401, None),
    (PermissionDenied, 403, None),
    (Http404, 404, "Not found."),
    (ObjectDoesNotExist, 404, "Not found."),
    (RequestDataTooBig, 413, "The body is too large."),
    (SuspiciousOperation, 400, "Bad request."),
    (UnreadablePostError, 400, "The body did not arrive whole."),
    (MessageNotSent, 503, "The message could not be sent. Please try again later."),
    (GraphUnavailable, 503, None),
    (StorageUnavailable, 503, "The storage is away. Please try again later."),
    (OperationalError, 503, "The database is away. Please try again later."),
]


def render_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer for an error; None for what nobody foresaw, which becomes a 500 without details."""
    if isinstance(error, APIException):
        return _answer(error.status_code, _first_words(error.detail))
    if isinstance(error, ValidationError):
        return _answer(400, error.messages[0])
    if isinstance(error, RateLimitExceeded):
        words = "too many attempts" if isinstance(error, TooManyGuesses) else "Too many requests. Please wait."
        return _answer(429, words, {"Retry-After": str(error.retry_after)})
    for kind, status, fixed_words in MESSAGES:
        if isinstance(error, kind):
            return _answer(status, fixed_words or str(error) or "You may not do this.")
    return None


def _answer(status: int, words: str, headers: dict[str, str] | None = None) -> Response:
    challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Response({"msg": words}, status=status, headers={**challenge, **(headers or {})})


def _first_words(detail: Any) -> str:
    while isinstance(detail, list | dict):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail))
    return str(detail)
