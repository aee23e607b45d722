"""Gives each request an id, a line in the log, and its place in the metrics."""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from pickeez_site.operations.observing.context import is_request_id, new_request_id, request_id
from pickeez_site.operations.observing.metrics import count_request
from pickeez_site.operations.observing.paths import masked_path, method_of, route_of

logger = logging.getLogger("pickeez.access")

HEADER = "X-Request-ID"


class RequestMiddleware:
    """Sets the request's id, and logs and counts the request. It must come after `TrustedProxyMiddleware`.

    The id is the `X-Request-ID` of a trusted proxy, or else a new one. The response has it in the same header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        trusted = getattr(request, "via_trusted_proxy", False) and is_request_id(given)
        token = request_id.set(given if trusted else new_request_id())
        start = perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = request_id.get()
            _log_and_count(request, response, perf_counter() - start)
        finally:
            request_id.reset(token)
        return response


def _log_and_count(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    method, route = method_of(request), route_of(request)
    count_request(route, method, response.status_code, seconds)
    facts = {
        "method": method,
        "path": masked_path(request),
        "route": route,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "bytes": _body_length(response),
        "user_id": _user_id(request),
    }
    user = f" user {facts['user_id']}" if facts["user_id"] else ""
    size = f" {facts['bytes']} B" if facts["bytes"] is not None else ""
    line = "%(method)s %(path)s %(status)s %(milliseconds)s ms" + size + user
    logger.info(line, facts, extra={name: value for name, value in facts.items() if value is not None})


def _body_length(response: HttpResponseBase) -> int | None:
    """The number of bytes of the body; None if it is streamed without a Content-Length."""
    if not response.streaming:
        return len(response.content)  # type: ignore[attr-defined]
    announced = response.headers.get("Content-Length", "")
    return int(announced) if announced.isdigit() else None


def _user_id(request: HttpRequest) -> str | None:
    """The id of the request's user, if a view has already read the user. It never queries the database."""
    user = request.__dict__.get("user")
    if type(user) is SimpleLazyObject:
        user = request.__dict__.get("_cached_user")
    identity = getattr(user, "pk", None)
    return str(identity) if identity else None
