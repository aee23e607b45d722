"""Each request's id, its line in the log, and its share of the metrics."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from pickeez_site.operations.observing.context import is_request_id, new_request_id, request_id
from pickeez_site.operations.observing.metrics import count_request
from pickeez_site.operations.observing.paths import masked_path, method_of, route_of

logger = logging.getLogger("pickeez.access")

HEADER = "X-Request-ID"


class RequestMiddleware:
    """Comes right after the one that finds out who the client is.

    A trusted proxy's `X-Request-ID` is kept, anybody else gets a new one; either is answered in the same header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reset = request_id.set(_id_of(request))
        start = perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = request_id.get()
            _note(request, response, perf_counter() - start)
        finally:
            request_id.reset(reset)
        return response


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if getattr(request, "via_trusted_proxy", False) and is_request_id(given) else new_request_id()


def _note(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    method, route = method_of(request), route_of(request)
    count_request(route, method, response.status_code, seconds)
    facts = {
        "method": method,
        "path": masked_path(request),
        "route": route,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "bytes": _length(response),
        "user_id": _user_id(request),
    }
    user = f" user {facts['user_id']}" if facts["user_id"] else ""
    size = f" {facts['bytes']} B" if facts["bytes"] is not None else ""
    line = "%(method)s %(path)s %(status)s %(milliseconds)s ms" + size + user
    logger.info(line, facts, extra={name: value for name, value in facts.items() if value is not None})


def _length(response: HttpResponseBase) -> int | None:
    """The bytes of the body; None where it is streamed and nobody knows yet."""
    if not response.streaming:
        return len(response.content)  # type: ignore[attr-defined]
    announced = response.headers.get("Content-Length", "")
    return int(announced) if announced.isdigit() else None


def _user_id(request: Any) -> str | None:
    """Who was found to be asking. Never asks the database: where nobody wanted to know, nor do we."""
    user = request.__dict__.get("user")
    if type(user) is SimpleLazyObject:
        user = request.__dict__.get("_cached_user")
    identity = getattr(user, "pk", None)
    return str(identity) if identity else None
