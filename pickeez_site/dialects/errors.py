"""Errors become answers: the one table that all dialects share, behind what each says by itself."""

from collections.abc import Callable

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework.exceptions import APIException, NotAuthenticated, UnsupportedMediaType
from rest_framework.response import Response

from accounts.services import RateLimitExceeded
from photos.storage import StorageUnavailable
from pickeez_site.dialects.dialect import RETRY_AFTER, Dialect, ErrorDescription, ErrorRow, Failure
from pickeez_site.dialects.wire import BadInput

SHARED = (
    ErrorRow((BadInput, ValidationError), 400),
    ErrorRow(PermissionDenied, 403),
    ErrorRow(RateLimitExceeded, 429, "Too many requests. Please wait."),
    ErrorRow((Http404, ObjectDoesNotExist), 404, "Not found."),
    ErrorRow(RequestDataTooBig, 413, "The body is too large."),
    ErrorRow(SuspiciousOperation, 400, "Bad request."),
    ErrorRow(UnreadablePostError, 400, "The body did not arrive whole."),
    ErrorRow(StorageUnavailable, 503, "The storage is away. Please try again later."),
    ErrorRow(OperationalError, 503, "The database is away. Please try again later."),
)

DESCRIPTIONS = {
    400: "Something is missing, or is not what it may be.",
    401: "No credential where one is needed, or a wrong one.",
    403: "The caller sees it, but may not change it.",
    404: "Unknown, or nothing that the caller may see.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    429: "Too often within an hour, or too many wrong credentials.",
    503: "The database or the storage is away.",
}
HEADERS = {429: RETRY_AFTER}

Handler = Callable[[Exception, dict[str, object]], Response | None]


def handler_of(dialect: Dialect) -> Handler:
    """The exception handler of REST framework. It returns None for what nobody foresaw: a 500 without details."""

    def handle(error: Exception, context: dict[str, object]) -> Response | None:
        failure = failure_of(error, dialect)
        if failure is None:
            return None
        headers = {"WWW-Authenticate": dialect.challenge} if failure.status == 401 else {}
        if retry_after := getattr(error, "retry_after", None):
            headers["Retry-After"] = str(retry_after)
        return Response(dialect.envelope(failure), status=failure.status, headers=headers)

    return handle


def failure_of(error: Exception, dialect: Dialect) -> Failure | None:
    for row in (*dialect.errors, ErrorRow(APIException, 0), *SHARED):
        if isinstance(error, row.kind):
            status = error.status_code if isinstance(error, APIException) and not row.status else row.status
            return Failure(status, row.words or _own_words(error), row.detail)
    return None


def _own_words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return str(error.messages[0])
    detail: object = error.detail if isinstance(error, APIException) else str(error)
    while isinstance(detail, list | dict):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail))
    return str(detail) or "You may not do this."


def described_error(dialect: Dialect, status: int) -> tuple[ErrorDescription, list[Failure]]:
    """For OpenAPI: what the error means, and what clients may be told."""
    said = dialect.error_descriptions.get(status)
    said = said or ErrorDescription(DESCRIPTIONS[status], headers=HEADERS.get(status, {}))
    if said.words:
        return said, [Failure(status, said.words)]
    typical: dict[int, Exception] = {
        400: BadInput(dialect.reader.missing("name")),
        401: NotAuthenticated(dialect.no_user),
        403: PermissionDenied(),
        415: UnsupportedMediaType("text/plain"),
    }
    own, shared = (
        [Failure(status, row.words, row.detail) for row in rows if row.status == status and row.words]
        for rows in (dialect.errors, SHARED)
    )
    failure = failure_of(typical[status], dialect) if status in typical else None
    if failure and (status == 400 or not own):  # a request may lack something everywhere
        own = [failure, *own]
    return said, own or shared
