"""The document's first routes: is anybody there, and what can be asked."""

import re
from typing import Annotated

from django.http import HttpResponse
from django.urls import URLPattern

from pickeez_site.dialects.openapi.generator import methods_of, routes_of
from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet, PublicViewSet, operation
from pickeez_site.dialects.pickeez.wire.answers import Message
from pickeez_site.dialects.viewsets import Answer
from pickeez_site.dialects.wire.types import rules

LINES = Annotated[str, rules(examples=["GET        /me\n"])]


class PingViewSet(CredentialFreeViewSet):
    section = "Service"

    @operation("The health probe", answer="Alive.")
    def ping(self) -> Message:
        return Message(msg="pong")


class ServiceViewSet(PublicViewSet):
    section = "Service"

    @operation("Where you are", answer="A greeting.")
    def root(self) -> Message:
        return Message(msg="Pickeez. See /routes.")

    @operation(
        "The routes, one on a line", answers={200: Answer("Methods and paths.", media_types={"text/plain": LINES})}
    )
    def routes(self) -> HttpResponse:
        lines = [_line(route) for route in routes_of("pickeez").values()]
        return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


def _line(route: URLPattern) -> str:
    """The methods and path of a route: `GET, POST   /me/selfie`."""
    path = re.sub(r"<str:\w+>", "ID", str(route.pattern))
    return f"{', '.join(sorted(methods_of(route))).upper():<10} /{path}"
