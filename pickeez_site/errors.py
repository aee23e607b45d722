"""What is answered where no dialect answers: JSON, and nothing about the inside of the server."""

from typing import Any

from django.http import HttpRequest, JsonResponse


def bad_request(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return JsonResponse({"msg": "Bad request."}, status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return JsonResponse({"msg": "Forbidden."}, status=403)


def not_found(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return JsonResponse({"msg": "Not found."}, status=404)


def server_error(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"msg": "Server error."}, status=500)
