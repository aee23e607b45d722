"""Fetching what a URL from outside names, without letting it reach into our own network (OWASP: SSRF)."""

import socket
from collections.abc import Callable, Container
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

# IANA's registries of special-purpose addresses, where the `ipaddress` module does not go by them, and the
# address at which Azure's machines find their host.
_CLOSED = [
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
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


class NotFetched(Exception):
    """There is nothing to be had from the URL; the text says why. `retry`: it may go better another time."""

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.retry = retry


@dataclass(frozen=True)
class Fetched:
    """What a URL gave: the decoded body, and its declared type in lower case without parameters."""

    content: bytes
    content_type: str


def is_public(address: IPAddress) -> bool:
    """Whether this is the address of one host on the internet, also when it is IPv4 wrapped in IPv6."""
    if isinstance(address, IPv6Address):
        if wrapped := _wrapped(address):
            return is_public(wrapped)
        if address not in _GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast and not any(address in closed for closed in _CLOSED)


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


@dataclass(frozen=True)
class Fetcher:
    """How to fetch. The defaults are for URLs that anybody may have written; tests have a network of their own.

    `resolve(host, port)` gives a name's addresses, `allow` says which may be called, `verify` is what TLS
    certificates are checked with (True: the usual authorities; or the path of a file).
    """

    resolve: Callable[[str, int], list[str]] = resolve
    allow: Callable[[IPAddress], bool] = is_public
    ports: Container[int] = field(default=(80, 443))
    verify: bool | str = True

    def fetch(self, url: str, *, max_bytes: int, timeout: float, content_types: str = "image/") -> Fetched:
        """The content of an http(s) URL, after at most 3 redirects, within `timeout` seconds in all.

        `content_types` is how the declared type must begin; what the bytes are is for the caller to find out.
        No cookies, no credentials, and no proxies: a proxy would resolve the name itself. Raises `NotFetched`.
        """
        with Deadline(timeout) as deadline:
            try:
                return self._follow(url, deadline, max_bytes, content_types)
            except requests.exceptions.SSLError:
                raise NotFetched("Its certificate is not good.", retry=False) from None
            except (requests.RequestException, OSError) as error:
                late = deadline.is_over or isinstance(error, TimeoutError | requests.Timeout)
                reason = "It took too long." if late else "The connection failed."
                raise NotFetched(reason, retry=True) from None

    def _follow(self, url: str, deadline: Deadline, max_bytes: int, content_types: str) -> Fetched:
        adapter = DialAdapter(lambda host, port, timeout: self._dial(host, port, timeout, deadline))
        with closing(adapter):
            for _ in range(MAX_REDIRECTS + 1):
                request = self._request(url)
                timeouts = (CONNECT_SECONDS, min(READ_SECONDS, deadline.remaining()))
                response = adapter.send(request, stream=True, timeout=timeouts, verify=self.verify)
                with closing(response):
                    deadline.remaining()  # headers that were cut can look like all of them
                    location = response.headers.get("Location")
                    if response.status_code not in REDIRECTS or not location:
                        return _fetched(response, deadline, max_bytes, content_types)
                url = _target(str(request.url), location)
        raise NotFetched("It redirects too often.", retry=False)

    def _request(self, url: str) -> requests.PreparedRequest:
        """The request for a URL of the allowed form. Raises `NotFetched`."""
        if len(url) > MAX_URL_CHARACTERS:
            _refuse("It is too long.")
        try:
            request = requests.Request("GET", url, headers=HEADERS).prepare()
            parts = parse_url(str(request.url))
        except (requests.RequestException, LocationParseError, ValueError):
            _refuse("It is not a URL.")
        if parts.scheme not in ("http", "https"):
            _refuse("It is not an http(s) URL.")
        if parts.auth is not None:
            _refuse("It carries credentials.")
        return request

    def _dial(self, host: str, port: int, timeout: float, deadline: Deadline) -> socket.socket:
        """Connects to the very addresses that were checked: a second look at the name could give others."""
        if port not in self.ports:
            _refuse("Its port is not one of the web.")
        try:
            addresses = deadline.run(lambda: self.resolve(host, port))
        except socket.gaierror as error:
            raise NotFetched("Its host is unknown.", retry=error.errno == socket.EAI_AGAIN) from None
        except ValueError:
            _refuse("Its host is no name.")
        if not all(self._may_call(address) for address in addresses):
            _refuse("Its host is not on the public internet.")
        return connect(addresses, port, timeout=timeout, deadline=deadline)

    def _may_call(self, address: str) -> bool:
        try:
            return self.allow(ip_address(address))
        except ValueError:
            return False


def _target(url: str, location: str) -> str:
    """Where a redirect leads. Servers write UTF-8 into its header, which is read as Latin-1."""
    try:
        return urljoin(url, location.encode("latin-1").decode("utf-8", "replace"))
    except ValueError:
        _refuse("It redirects to what is not a URL.")


def _refuse(reason: str) -> NoReturn:
    raise NotFetched(reason, retry=False)


def _fetched(response: requests.Response, deadline: Deadline, max_bytes: int, content_types: str) -> Fetched:
    status = response.status_code
    if status != 200:
        raise NotFetched(f"It answers {status}.", retry=status >= 500 or status in WORTH_RETRYING)
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not content_type.startswith(content_types):
        _refuse(f"It is not of the type {content_types}.")
    content = read_body(response, max_bytes=max_bytes, deadline=deadline)
    if content is None:
        _refuse(f"It has more than {max_bytes} bytes.")
    return Fetched(content, content_type)


fetch = Fetcher().fetch
