"""What may be said about the address of a request: its route, and its path without what is secret in it."""

import re
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest
from django.urls import ResolverMatch

from pickeez_site.operations.observing.scrubbing import MASK

UNMATCHED = "unmatched"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Parts of our routes that open something to whoever holds them.
SECRET_PARTS = frozenset({"signature", "signed", "token", "code", "key"})
MAX_PATH = 200
WORD = re.compile(r"(?=.{0,20}$)[A-Za-z_.-]*[0-9]{0,3}[A-Za-z_.-]*")


def method_of(request: HttpRequest) -> str:
    """Clients may make methods up: all those are `OTHER`."""
    method = request.method or ""
    return method if method in METHODS else "OTHER"


def route_of(request: HttpRequest) -> str:
    """The pattern of the route, such as `/albums/<str:album_id>`; where that is an expression, the view's name."""
    match: ResolverMatch | None = request.resolver_match
    if match is None:
        return UNMATCHED
    if "(?P" in match.route or match.route.startswith("^"):
        return match.view_name
    return "/" + match.route.rstrip("/")


def masked_path(request: HttpRequest) -> str:
    """The path as one printable word, with what may be secret in it masked; never the query string."""
    path, match = request.path, request.resolver_match
    if match is None:
        path = "/".join(map(_masked, path.split("/")))
    else:
        for name, value in match.kwargs.items():
            if value:
                path = path.replace(str(value), MASK if name in SECRET_PARTS else _masked(str(value)))
    return quote(path, safe="/:@!$&'()*+,;=~")[:MAX_PATH]


def _masked(part: str) -> str:
    """An id or a word as it is. What else a client has put there may be a token, a code or a phone."""
    if WORD.fullmatch(part):
        return part
    try:
        is_id = str(UUID(part)) == part.lower()
    except ValueError:
        is_id = False
    return part if is_id else MASK
