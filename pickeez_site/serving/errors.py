"""What is answered where no dialect answers: JSON, and nothing about the inside of the server."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import Resolver404, resolve


def bad_request(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return JsonResponse({"msg": "Bad request."}, status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return JsonResponse({"msg": "Forbidden."}, status=403)


def not_found(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return JsonResponse({"msg": "Not found."}, status=404)


def server_error(request: HttpRequest) -> JsonResponse:
    return refusal(request, 500, "Server error.")


def refusal(request: HttpRequest, status: int, words: str) -> JsonResponse:
    """An error outside of any view, in the form that the view at this address gives its errors by `envelope`."""
    try:
        view: Any = resolve(request.path_info).func
    except Resolver404:
        view = None
    envelope = getattr(getattr(view, "cls", view), "envelope", _plain)
    return JsonResponse(envelope(words, status), status=status)


def _plain(words: str, status: int) -> dict[str, str]:
    return {"msg": words}
