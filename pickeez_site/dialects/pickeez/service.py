"""The document's first routes: is anybody there, and what can be asked."""

import re
from collections.abc import Iterator
from typing import Annotated

from django.http import HttpResponse
from django.urls import URLPattern, get_resolver
from msgspec import Meta
from rest_framework.request import Request

from pickeez_site.dialects.pickeez.dialect import A_TOKEN_OR_NONE, NOT_NEEDED
from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet, PublicViewSet
from pickeez_site.dialects.pickeez.wire.answers import Message
from pickeez_site.dialects.viewsets import Answer, operation

GREETING = Message(msg="Pickeez. See /routes.")
PONG = Message(msg="pong")
LINES = Annotated[str, Meta(examples=["GET        /me\n"])]


class PingViewSet(CredentialFreeViewSet):
    section = "Service"

    @operation("The health probe", answer="Alive.", answer_example=PONG, security=NOT_NEEDED)
    def ping(self, request: Request) -> Message:
        return PONG


class ServiceViewSet(PublicViewSet):
    section = "Service"

    @operation("Where you are", answer="A greeting.", answer_example=GREETING, security=A_TOKEN_OR_NONE)
    def root(self, request: Request) -> Message:
        return GREETING

    @operation(
        "The routes, one on a line",
        answers={200: Answer(description="Methods and paths.", media_types={"text/plain": LINES})},
        security=A_TOKEN_OR_NONE,
    )
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
