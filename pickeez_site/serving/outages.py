"""What passes by itself: answered with 503, wherever it is noticed, and when to come back."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.outages import TRANSIENT_ERRORS, Outage, is_foreign_key_violation
from pickeez_site.serving.errors import refusal

RETRY_AFTER = "5"  # seconds


class OutageMiddleware:
    """For all that no dialect turns into an answer of its own: pictures, uploads, the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code == 503:
            response.headers.setdefault("Retry-After", RETRY_AFTER)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_foreign_key_violation(exception):
            return refusal(request, 503, "What this belongs to was just removed. Please try again.")
        if not isinstance(exception, TRANSIENT_ERRORS):
            return None
        away = "storage" if isinstance(exception, Outage) else "database"
        return refusal(request, 503, f"The {away} is away. Please try again later.")
