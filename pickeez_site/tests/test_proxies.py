from ipaddress import ip_network
from typing import cast

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from pickeez_site.serving.proxies import FORWARDING_HEADERS, TrustedProxyMiddleware, client_address, is_loopback

PROXY, OUTER_PROXY, CLIENT = "10.0.0.1", "10.0.0.2", "198.51.100.7"


@pytest.fixture(autouse=True)
def trusted_proxies(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")]
    settings.SECURE_PROXY_SSL_HEADER = None


class Passed(WSGIRequest):
    """A request with the attributes that the middleware sets."""

    via_trusted_proxy: bool
    via_unknown_proxy: bool


def passed(peer: str, **headers: str) -> Passed:
    """The request after the middleware."""
    request = RequestFactory().get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})
    request.META["REMOTE_ADDR"] = peer
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    TrustedProxyMiddleware(view)(request)
    [through] = seen
    return cast("Passed", through)


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        (CLIENT, CLIENT),
        (f"203.0.113.9, {CLIENT}", CLIENT),
        (f"127.0.0.1, {CLIENT}, {OUTER_PROXY}", CLIENT),
        (f"{CLIENT},{OUTER_PROXY},2001:db8:ffff::2", CLIENT),
        (f"{CLIENT}:50123", CLIENT),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]:50123", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        (f"::ffff:{CLIENT}", CLIENT),
        (f"{CLIENT}, ::ffff:{OUTER_PROXY}", CLIENT),
        (f"10.9.9.9, {OUTER_PROXY}", "10.9.9.9"),
    ],
)
def test_a_trusted_proxy_names_the_client(hops: str, client: str) -> None:
    request = passed(PROXY, x_forwarded_for=hops)
    assert client_address(request) == request.META["REMOTE_ADDR"] == client
    assert (request.via_trusted_proxy, request.via_unknown_proxy) == (True, False)


@pytest.mark.parametrize(
    "hops", ["", "unknown", "_hidden", f"{CLIENT}, unknown", f"{CLIENT},", "999.1.1.1", "[", "[]", ":", "::::", "\x00", "💡", "," * 9000]
)  # fmt: skip
def test_a_proxy_that_names_nobody_leaves_its_own_address_and_no_loopback(hops: str, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8")]
    request = passed("127.0.0.1", x_forwarded_for=hops)
    assert client_address(request) == "127.0.0.1"
    assert (request.via_trusted_proxy, request.via_unknown_proxy) == (False, True)
    assert not is_loopback(request)


@pytest.mark.parametrize("header", ["forwarded", "x_real_ip", "x_forwarded_proto"])
def test_a_local_proxy_with_another_forwarding_header_only_is_not_loopback(
    header: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    assert not is_loopback(passed("127.0.0.1", **{header: "https"}))


@pytest.mark.parametrize(
    ("value", "secure"),
    [("https", True), ("HTTPS", True), ("http, https", True), ("https, http", False), ("http", False), ("", False),
     ("ftp", False), ("https;", False), ("\x00", False)],
)  # fmt: skip
def test_a_trusted_proxy_names_the_scheme(value: str, secure: bool) -> None:
    request = passed(PROXY, x_forwarded_for=CLIENT, x_forwarded_proto=value)
    assert (request.is_secure(), request.scheme == "https") == (secure, secure)


def test_a_scheme_that_the_proxy_does_not_name_stays() -> None:
    request = RequestFactory().get("/", secure=True, headers={"x-forwarded-proto": "gopher"})
    request.META["REMOTE_ADDR"] = PROXY
    TrustedProxyMiddleware(lambda _: HttpResponse())(request)
    assert request.is_secure()


def test_nobody_else_is_believed() -> None:
    headers = {
        "x_forwarded_for": "127.0.0.1",
        "x_forwarded_proto": "https",
        "x_forwarded_host": "evil.example",
    }
    request = passed(CLIENT, **headers, forwarded="for=127.0.0.1", x_forwarded_port="443", x_real_ip="127.0.0.1")
    assert client_address(request) == CLIENT
    assert not request.is_secure()
    assert not set(FORWARDING_HEADERS) & set(request.META)
    assert (request.via_trusted_proxy, request.via_unknown_proxy) == (False, True)
    assert not is_loopback(request)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", ""])
def test_a_local_peer_is_loopback(peer: str) -> None:
    request = passed(peer)
    assert is_loopback(request)
    assert (request.via_trusted_proxy, request.via_unknown_proxy) == (False, False)


@pytest.mark.parametrize(
    "header", ["x_forwarded_for", "forwarded", "x_forwarded_host", "x_forwarded_proto", "x_real_ip"]
)
def test_a_local_peer_with_a_forwarding_header_is_not_loopback(header: str) -> None:
    assert not is_loopback(passed("127.0.0.1", **{header: "127.0.0.1"}))


@pytest.mark.parametrize("peer", [CLIENT, "2001:db8::1", "0.0.0.0", "nonsense", "\x00", "10.0.0.1.1"])
def test_any_other_peer_is_not_loopback(peer: str) -> None:
    request = passed(peer, x_forwarded_for="127.0.0.1")
    assert not is_loopback(request)
    assert client_address(request) == peer


def test_a_client_behind_a_trusted_local_proxy_is_not_loopback(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    assert not is_loopback(passed("127.0.0.1", x_forwarded_for=f"127.0.0.1, {CLIENT}"))
    assert is_loopback(passed("127.0.0.1", x_forwarded_for="127.0.0.1"))
    assert is_loopback(passed("127.0.0.1"))


def test_the_peer_of_a_unix_socket_counts_as_this_machine(settings: Settings) -> None:
    assert client_address(passed("")) == "127.0.0.1"
    assert not passed("", x_forwarded_for=CLIENT).via_trusted_proxy
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    assert client_address(passed("", x_forwarded_for=CLIENT)) == CLIENT


def test_a_mapped_address_is_one_with_its_ipv4_address() -> None:
    assert client_address(passed(f"::ffff:{CLIENT}")) == CLIENT
    assert client_address(passed(f"::ffff:{PROXY}", x_forwarded_for=CLIENT)) == CLIENT


def test_a_request_that_never_met_the_middleware_has_an_address() -> None:
    request = RequestFactory().get("/")
    del request.META["REMOTE_ADDR"]
    assert client_address(request) == "127.0.0.1"
