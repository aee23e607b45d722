"""Answers outages with 503 and a Retry-After header, wherever in the server they are noticed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.outages import TRANSIENT_ERRORS, Outage, is_foreign_key_violation
from pickeez_site.serving.errors import error_response

RETRY_AFTER = "5"  # seconds


class OutageMiddleware:
    """Answers 503 for everything outside of the dialects: pictures, uploads, the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code == 503:
            response.headers.setdefault("Retry-After", RETRY_AFTER)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_foreign_key_violation(exception):
            return error_response(request, 503, "What this belongs to was just removed. Please try again.")
        if not isinstance(exception, TRANSIENT_ERRORS):
            return None
        unreachable = "storage" if isinstance(exception, Outage) else "database"
        return error_response(request, 503, f"The {unreachable} is away. Please try again later.")
