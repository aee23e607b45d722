"""The method, route and path of a request for logs and metrics, without secrets."""

import re
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest
from django.urls import ResolverMatch

from pickeez_site.operations.observing.scrubbing import MASK

UNMATCHED = "unmatched"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The parameters of our routes that give access to something.
SECRET_PARTS = frozenset({"signature", "signed", "token", "code", "key"})
SECRET_PLACES = (
    "/i/",
    "/o/",
)  # invitations and open links: what follows is secret, also when it was cut or nothing was found there
MAX_PATH = 200
WORD = re.compile(r"(?=.{0,20}$)[A-Za-z_.-]*[0-9]{0,3}[A-Za-z_.-]*")


def method_of(request: HttpRequest) -> str:
    """The request's method; `OTHER` for all methods that are not HTTP's, because clients can invent them."""
    method = request.method or ""
    return method if method in METHODS else "OTHER"


def route_of(request: HttpRequest) -> str:
    """The route's pattern, such as `/albums/<str:album_id>`; the view's name if that is a regular expression."""
    match: ResolverMatch | None = request.resolver_match
    if match is None:
        return UNMATCHED
    if "(?P" in match.route or match.route.startswith("^"):
        return match.view_name
    return "/" + match.route.rstrip("/")


def masked_path(request: HttpRequest) -> str:
    """The path as one printable word, with everything masked that may be secret. Never the query string."""
    path, match = request.path, request.resolver_match
    if path.startswith(SECRET_PLACES):
        path = f"{path[:3]}{MASK}"
    elif match is None:
        path = "/".join(map(_masked, path.split("/")))
    else:
        for name, value in match.kwargs.items():
            if value:
                path = path.replace(str(value), MASK if name in SECRET_PARTS else _masked(str(value)))
    return quote(path, safe="/:@!$&'()*+,;=~")[:MAX_PATH]


def _masked(part: str) -> str:
    """Masks the part unless it is an id or a word: it could be a token, a code or a phone number."""
    if WORD.fullmatch(part):
        return part
    try:
        is_id = str(UUID(part)) == part.lower()
    except ValueError:
        is_id = False
    return part if is_id else MASK
