"""Errors outside of every dialect: JSON that tells nothing about the inside of the server; for people, a page."""

from typing import Protocol

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve


class Envelope(Protocol):
    """Makes the body of an error response from its words and its status."""

    def __call__(self, words: str, status: int) -> dict[str, object]: ...


class ErrorPage(Protocol):
    """Answers people in words, without the database: that may be what is unreachable."""

    def __call__(self, request: HttpRequest, status: int) -> HttpResponse: ...


# An error may end at any time, so no cache keeps it. The views of the dialects say so of all their answers.
UNCACHED = {"Cache-Control": "no-store"}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return JsonResponse({"msg": "Bad request."}, status=400, headers=UNCACHED)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return JsonResponse({"msg": "Forbidden."}, status=403, headers=UNCACHED)


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return JsonResponse({"msg": "Not found."}, status=404, headers=UNCACHED)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(request, 500, "Server error.")


def error_response(request: HttpRequest, status: int, words: str) -> HttpResponse:
    """An error response from outside of a view, in the envelope of the view at this address if it has one.

    A view for people has an `error_page` instead, which says it in its own words.
    """
    try:
        view: object = resolve(request.path_info).func
    except Resolver404:
        view = None
    page: ErrorPage | None = getattr(getattr(view, "view_class", None), "error_page", None)
    if page:
        return page(request, status)
    envelope: Envelope = getattr(getattr(view, "cls", view), "envelope", default_envelope)
    return JsonResponse(envelope(words, status), status=status, headers=UNCACHED)


def default_envelope(words: str, status: int) -> dict[str, object]:
    return {"msg": words}
