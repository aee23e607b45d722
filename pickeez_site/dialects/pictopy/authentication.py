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
    when it has its own host name resolve to this machine, its `Host`. Bodies are JSON only, so that no form can
    send one.
    """

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        if not settings.LOCAL_LIBRARY_USER or not is_loopback(request) or _is_from_a_page(request):
            return None
        user = find_user(settings.LOCAL_LIBRARY_USER)
        return (user, "") if user else None


def _is_from_a_page(request: Request) -> bool:
    """Whether a page of another site may have made the browser send this."""
    host, origin = request.META.get("HTTP_HOST", ""), request.headers.get("Origin")
    foreign = origin is not None and not _is_this_machine(origin)
    return foreign or not _is_this_machine(f"//{host}") or request.headers.get("Sec-Fetch-Site") == "cross-site"


def _is_this_machine(url: str) -> bool:
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
