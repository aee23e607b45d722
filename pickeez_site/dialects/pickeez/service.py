"""The document's first routes: is anybody there, and what can be asked."""

import re
from collections.abc import Iterator

from django.http import HttpResponse
from django.urls import URLPattern, get_resolver
from rest_framework.request import Request
from rest_framework.response import Response

from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet, PublicViewSet


class PingViewSet(CredentialFreeViewSet):
    """The health probe."""

    def ping(self, request: Request) -> Response:
        return Response({"msg": "pong"})


class ServiceViewSet(PublicViewSet):
    def root(self, request: Request) -> Response:
        return Response({"msg": "Pickeez. See /routes."})

    def routes(self, request: Request) -> HttpResponse:
        lines = [_line(pattern) for pattern in _routes() if pattern.name]
        return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


def _routes() -> Iterator[URLPattern]:
    """The routes that this dialect serves, in the order of the document."""
    for included in get_resolver().url_patterns:
        for pattern in getattr(included, "url_patterns", []):
            if getattr(pattern.callback, "__module__", "").startswith(f"{__package__}."):
                yield pattern


def _line(pattern: URLPattern) -> str:
    """The methods and path of a route: `GET, POST   /me/selfie`."""
    methods = vars(pattern.callback)["actions"].keys() - {"head"}
    path = re.sub(r"<str:\w+>", "ID", str(pattern.pattern))
    return f"{', '.join(sorted(methods)).upper():<10} /{path}"
