"""The Content-Security-Policy of the admin."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pickeez_site.serving.media import sources_of_pictures


class AdminPolicyMiddleware:
    """Lets the admin's pages run and load only what this server has itself, and pictures from its bucket."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith("/admin/"):
            response.headers.setdefault("Content-Security-Policy", _policy())
        return response


def _policy() -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        f"img-src {sources_of_pictures()} data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
