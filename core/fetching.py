"""Fetches URLs that come from outside, and never calls a host inside our own network (OWASP: SSRF)."""

import socket
from collections.abc import Callable, Container, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NoReturn
from urllib.parse import urljoin

import requests
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from core.deadlines import Deadline, DialAdapter, connect, read_body, resolve

IPAddress = IPv4Address | IPv6Address

MAX_REDIRECTS = 3
MAX_URL_CHARACTERS = 2000
CONNECT_SECONDS, READ_SECONDS = 3, 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WORTH_RETRYING = frozenset({408, 425, 429})
HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Pickeez", "Connection": "close"}

# IANA's special-purpose addresses that the `ipaddress` module calls global, and the address of the host of Azure's
# virtual machines.
_BLOCKED_NETWORKS = [
    ip_network(network)
    for network in (
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "168.63.129.16/32",
        "192.0.0.0/24",
        "2001::/23",  # protocol assignments, Teredo among them
        "2002::/16",  # 6to4: any IPv4 address inside
        "3fff::/20",  # documentation, RFC 9637
    )
]
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has assigned
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


class FetchError(Exception):
    """The URL could not be fetched; the text says why. `retry` is true when a later try may succeed."""

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.retry = retry


@dataclass(frozen=True)
class Fetched:
    """The decoded body that a URL gave, and its declared type in lower case without parameters."""

    content: bytes
    content_type: str


def is_public(address: IPAddress) -> bool:
    """Returns whether this is the address of one host on the internet; for IPv4 inside IPv6, whether that is."""
    if isinstance(address, IPv6Address):
        inner = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address.ipv4_mapped
        if inner:
            return is_public(inner)
        if address not in _GLOBAL_UNICAST:
            return False
    blocked = any(address in network for network in _BLOCKED_NETWORKS)
    return address.is_global and not address.is_multicast and not blocked


@dataclass(frozen=True)
class Fetcher:
    """Fetches URLs by these rules. The defaults are safe for URLs that anybody may have written; tests set others.

    `resolve(host, port)` returns the addresses of a name, `allow` whether one may be called. `verify` is how TLS
    certificates are checked: True for the usual authorities, or the path of a file.
    """

    resolve: Callable[[str, int], list[str]] = resolve
    allow: Callable[[IPAddress], bool] = is_public
    ports: Container[int] = field(default=(80, 443))
    verify: bool | str = True

    def fetch(self, url: str, *, max_bytes: int, timeout: float, content_types: str = "image/") -> Fetched:
        """Returns the content of an http(s) URL, after at most 3 redirects, within `timeout` seconds in all.

        The declared type must start with `content_types`; the caller must check the bytes themselves. Sends no
        cookies and no credentials, and uses no proxy, which would resolve the name itself. Raises `FetchError`.
        """
        with Deadline(timeout) as deadline:
            try:
                return self._follow(url, deadline, max_bytes, content_types)
            except (requests.RequestException, OSError) as error:
                raise _failure(error, deadline) from None

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float) -> int:
        """Sends the body to an https URL by the same rules, and returns the status of the answer.

        Follows no redirect and reads nothing but the head of the answer. Raises `FetchError`.
        """
        with Deadline(timeout) as deadline:
            try:
                request = _prepare(url, method="POST", data=body, headers=headers)
                if not str(request.url).startswith("https://"):
                    _refuse("It is not an https URL.")
                with closing(self._adapter(deadline)) as adapter:
                    timeouts = (CONNECT_SECONDS, min(READ_SECONDS, deadline.remaining()))
                    response = adapter.send(request, stream=True, timeout=timeouts, verify=self.verify)
                    with closing(response):
                        deadline.remaining()
                        return response.status_code
            except (requests.RequestException, OSError) as error:
                raise _failure(error, deadline) from None

    def _adapter(self, deadline: Deadline) -> DialAdapter:
        return DialAdapter(lambda host, port, timeout: self._dial(host, port, timeout, deadline))

    def _follow(self, url: str, deadline: Deadline, max_bytes: int, content_types: str) -> Fetched:
        """Requests the URL and the ones that it redirects to."""
        with closing(self._adapter(deadline)) as adapter:
            for _ in range(MAX_REDIRECTS + 1):
                request = _prepare(url)
                timeouts = (CONNECT_SECONDS, min(READ_SECONDS, deadline.remaining()))
                response = adapter.send(request, stream=True, timeout=timeouts, verify=self.verify)
                with closing(response):
                    deadline.remaining()  # incomplete headers can look complete when the connection was shut down
                    location = response.headers.get("Location")
                    if response.status_code not in REDIRECTS or not location:
                        return _read(response, deadline, max_bytes, content_types)
                try:
                    # Servers write UTF-8 into this header, which is read as Latin-1.
                    url = urljoin(str(request.url), location.encode("latin-1").decode("utf-8", "replace"))
                except ValueError:
                    _refuse("It redirects to what is not a URL.")
        raise FetchError("It redirects too often.", retry=False)

    def _dial(self, host: str, port: int, timeout: float, deadline: Deadline) -> socket.socket:
        """Connects to the very addresses that were checked: resolving the name again could give others."""
        if port not in self.ports:
            _refuse("Its port is not one of the web.")
        try:
            addresses = deadline.run(lambda: self.resolve(host, port))
        except socket.gaierror as error:
            raise FetchError("Its host is unknown.", retry=error.errno == socket.EAI_AGAIN) from None
        except ValueError:
            _refuse("Its host is no name.")
        try:
            allowed = all(self.allow(ip_address(address)) for address in addresses)
        except ValueError:  # not an address
            allowed = False
        if not allowed:
            _refuse("Its host is not on the public internet.")
        return connect(addresses, port, timeout=timeout, deadline=deadline)


def _failure(error: Exception, deadline: Deadline) -> FetchError:
    """Returns what kept a connection from working, in words that name no address."""
    if isinstance(error, requests.exceptions.SSLError):
        return FetchError("Its certificate is not good.", retry=False)
    timed_out = deadline.is_over or isinstance(error, TimeoutError | requests.Timeout)
    return FetchError("It took too long." if timed_out else "The connection failed.", retry=True)


def _prepare(
    url: str, *, method: str = "GET", data: bytes | None = None, headers: Mapping[str, str] = HEADERS
) -> requests.PreparedRequest:
    """Returns the request for a URL of an allowed form. Raises `FetchError`."""
    if len(url) > MAX_URL_CHARACTERS:
        _refuse("It is too long.")
    try:
        request = requests.Request(method, url, headers=dict(headers), data=data).prepare()
        parts = parse_url(str(request.url))
    except (requests.RequestException, LocationParseError, ValueError):
        _refuse("It is not a URL.")
    if parts.scheme not in ("http", "https"):
        _refuse("It is not an http(s) URL.")
    if parts.auth is not None:
        _refuse("It carries credentials.")
    return request


def _read(response: requests.Response, deadline: Deadline, max_bytes: int, content_types: str) -> Fetched:
    """Reads the body of the last response. Raises `FetchError` when its status, type or size is wrong."""
    status = response.status_code
    if status != 200:
        raise FetchError(f"It answers {status}.", retry=status >= 500 or status in WORTH_RETRYING)
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not content_type.startswith(content_types):
        _refuse(f"It is not of the type {content_types}.")
    content = read_body(response, max_bytes=max_bytes, deadline=deadline)
    if content is None:
        _refuse(f"It has more than {max_bytes} bytes.")
    return Fetched(content, content_type)


def _refuse(reason: str) -> NoReturn:
    raise FetchError(reason, retry=False)


fetch = Fetcher().fetch
