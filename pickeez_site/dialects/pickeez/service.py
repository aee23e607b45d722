"""The document's first routes: is anybody there, and what can be asked."""

import re

from django.http import HttpResponse
from django.urls import URLPattern
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
        from pickeez_site.dialects.pickeez.urls import urlpatterns

        lines = [_line(pattern) for pattern in urlpatterns if pattern.name]
        return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


def _line(pattern: URLPattern) -> str:
    """The methods and path of a route: `GET, POST   /me/selfie`."""
    methods = vars(pattern.callback)["actions"].keys() - {"head"}
    path = re.sub(r"<str:\w+>", "ID", str(pattern.pattern))
    return f"{', '.join(sorted(methods)).upper():<10} /{path}"
