"""A token; or none, from a program on this machine, when `LOCAL_LIBRARY_USER` says whose library that is."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from rest_framework.request import Request

from accounts.models import User
from accounts.selectors import find_user
from pickeez_site.dialects.authentication import BearerAuthentication
from pickeez_site.serving.proxies import is_loopback


class PictoPyAuthentication(BearerAuthentication):
    """The header, or the parameter `token`, in the query string or the body."""

    def token_of(self, request: Request) -> str | None:
        sources = [source for source in (request.data, request.query_params) if isinstance(source, dict)]
        given = [str(source["token"]) for source in sources if "token" in source]
        token = super().token_of(request)
        return given[0] if token is None and given else token


class LocalLibraryAuthentication(BearerAuthentication):
    """Without a token: the user whose library is this machine's, for calls that are made on it.

    A web page in a browser on this machine is not let in: its `Origin` or `Sec-Fetch-Site` gives it away, and
    when it has its own host name resolve to this machine, its `Host`. Let in are this server's own pages, and
    those of the origins in `LOCAL_LIBRARY_ORIGINS`: the web view of the desktop client. Bodies are JSON only, so
    that no form can send one.
    """

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        if not settings.LOCAL_LIBRARY_USER or not is_loopback(request) or _is_from_a_page(request):
            return None
        user = find_user(settings.LOCAL_LIBRARY_USER)
        return (user, "") if user else None


def _is_from_a_page(request: Request) -> bool:
    """Whether a page that is not let in may have made the browser send this."""
    host, origin = request.META.get("HTTP_HOST", ""), request.headers.get("Origin")
    if not is_this_machine(f"//{host}"):
        return True
    if origin in settings.LOCAL_LIBRARY_ORIGINS:
        return False
    foreign = origin is not None and origin != f"{request.scheme}://{host}"
    # Browsers send no `Origin` for what a page merely shows; `none` is what a user has typed.
    return foreign or request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")


def is_this_machine(url: str) -> bool:
    """Whether the host of this URL is a loopback address or `localhost`."""
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
