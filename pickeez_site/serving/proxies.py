"""Who is calling: the address and scheme behind proxies, and whether the caller is on this machine.

`TRUSTED_PROXIES` lists the networks whose forwarding headers are believed; anybody else's are dropped.
The peer of a Unix socket has no address and counts as 127.0.0.1, for being trusted too.
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
    """Sets `REMOTE_ADDR` and the scheme to the client's own, as far as trusted proxies tell.

    `request.forwarded`: a trusted proxy named the client. `request.was_forwarded`: forwarding headers came, but
    from no trusted proxy, or they named nobody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identify_client(request)
        return self.get_response(request)


def identify_client(request: HttpRequest) -> None:
    """What `TrustedProxyMiddleware` does to each request."""
    meta = request.META
    has_headers = any(name in meta for name in FORWARDING_HEADERS)
    peer = _peer_address(meta.get("REMOTE_ADDR", ""))
    client = None
    if _is_trusted(peer):
        client = _forwarded_client(meta.get("HTTP_X_FORWARDED_FOR", ""))
        _take_scheme(meta)
    else:
        for name in FORWARDING_HEADERS:
            meta.pop(name, None)
    if address := client or peer:
        meta["REMOTE_ADDR"] = str(address)
    request.forwarded = client is not None  # type: ignore[attr-defined]
    request.was_forwarded = has_headers and client is None  # type: ignore[attr-defined]


def client_address(request: HttpRequest) -> str:
    """The client's IP address in its usual spelling; what the server reported if that is no address."""
    reported = request.META.get("REMOTE_ADDR", "")
    return str(_peer_address(reported) or reported)


def is_loopback(request: HttpRequest) -> bool:
    """Whether the request was made on this machine, and no unknown proxy may have passed it on."""
    address = _peer_address(request.META.get("REMOTE_ADDR", ""))
    return address is not None and address.is_loopback and not getattr(request, "was_forwarded", False)


def _peer_address(reported: str) -> IPAddress | None:
    return _parse_address(reported or "127.0.0.1")


def _parse_address(text: str) -> IPAddress | None:
    """The address, an IPv4 one if it is only mapped into IPv6; None for anything else."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: IPAddress | None) -> bool:
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def _forwarded_client(header: str) -> IPAddress | None:
    """The rightmost hop of `X-Forwarded-For` that is no trusted proxy; the leftmost if all are.

    Each proxy appends the peer it saw, so what is left of an untrusted hop is only that hop's word.
    """
    address = None
    for hop in reversed(header.split(",")):
        address = _parse_hop(hop.strip())
        if not _is_trusted(address):
            break
    return address


def _parse_hop(hop: str) -> IPAddress | None:
    """An address, also as some proxies write it with a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    if hop.startswith("["):
        return _parse_address(hop[1:].partition("]")[0])
    return _parse_address(hop.partition(":")[0] if hop.count(":") == 1 else hop)


def _take_scheme(meta: dict[str, object]) -> None:
    # The last word is the nearest proxy's own; a client could have written those before it.
    scheme = str(meta.get("HTTP_X_FORWARDED_PROTO", "")).rpartition(",")[2].strip().lower()
    if scheme in ("http", "https"):
        meta["wsgi.url_scheme"] = scheme
