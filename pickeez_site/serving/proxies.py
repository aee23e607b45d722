"""Finds the client's address and scheme behind proxies, and whether the client is on this machine.

Forwarding headers are used only from the networks in `TRUSTED_PROXIES`, and dropped otherwise. The peer of a Unix
socket has no address: it counts as 127.0.0.1, so that it can be a trusted proxy, too.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

IPAddress = IPv4Address | IPv6Address

FORWARDING_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


class TrustedProxyMiddleware:
    """Sets `REMOTE_ADDR` and the scheme to those of the client, as trusted proxies report them.

    It also sets `request.via_trusted_proxy`, when a trusted proxy named the client, and
    `request.via_unknown_proxy`, when there were forwarding headers, but from no trusted proxy, or without a
    client's address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        set_client(request)
        return self.get_response(request)


def set_client(request: HttpRequest) -> None:
    """Does for one request what `TrustedProxyMiddleware` describes."""
    meta = request.META
    has_headers = any(name in meta for name in FORWARDING_HEADERS)
    peer = _peer_address(meta.get("REMOTE_ADDR", ""))
    client = None
    if _is_trusted(peer):
        client = _forwarded_client(meta.get("HTTP_X_FORWARDED_FOR", ""))
        # The last word comes from the nearest proxy; a client could have written those before it.
        scheme = str(meta.get("HTTP_X_FORWARDED_PROTO", "")).rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            meta["wsgi.url_scheme"] = scheme
    else:
        for name in FORWARDING_HEADERS:
            meta.pop(name, None)
    if address := client or peer:
        meta["REMOTE_ADDR"] = str(address)
    request.via_trusted_proxy = client is not None  # type: ignore[attr-defined]
    request.via_unknown_proxy = has_headers and client is None  # type: ignore[attr-defined]


def client_address(request: HttpRequest) -> str:
    """The client's IP address in its normal form; the server's own value if that is not an address."""
    reported = request.META.get("REMOTE_ADDR", "")
    return str(_peer_address(reported) or reported)


def is_loopback(request: HttpRequest) -> bool:
    """Whether the request was made on this machine, and did not come through an unknown proxy."""
    address = _peer_address(request.META.get("REMOTE_ADDR", ""))
    return address is not None and address.is_loopback and not getattr(request, "via_unknown_proxy", False)


def _peer_address(reported: str) -> IPAddress | None:
    return _parse_address(reported or "127.0.0.1")


def _parse_address(text: str) -> IPAddress | None:
    """The IP address, as IPv4 if it is IPv4 mapped into IPv6; None if the text is not an address."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: IPAddress | None) -> bool:
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def _forwarded_client(header: str) -> IPAddress | None:
    """The rightmost hop of `X-Forwarded-For` that is not a trusted proxy; the leftmost if all are trusted.

    Each proxy appends the peer it saw. So an untrusted hop could have invented everything to the left of itself.
    """
    address = None
    for hop in reversed(header.split(",")):
        address = _parse_hop(hop.strip())
        if not _is_trusted(address):
            break
    return address


def _parse_hop(hop: str) -> IPAddress | None:
    """The address of a hop. Some proxies add a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    if hop.startswith("["):
        return _parse_address(hop[1:].partition("]")[0])
    return _parse_address(hop.partition(":")[0] if hop.count(":") == 1 else hop)
