"""The hosts that a URL of unknown origin may make us call: none inside our own network."""

import ipaddress
import socket
from collections.abc import Iterator

import pytest

from core.deadlines import resolve
from core.fetching import Fetcher, FetchError, IPAddress, fetch, is_public
from core.tests.loopback import (
    IMAGE,
    PNG,
    Handler,
    Site,
    fetch_error,
    fetcher,
    get,
    redirect,
    respond_in_turn,
    respond_with,
)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:53aa:64c:0:0:80ff:fffe",
    "2001:db8::1",
    "2001:20::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.128.0.1",
    "172.32.0.1",
    "192.0.3.1",
    "223.255.255.254",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


class TestAddresses:
    @pytest.mark.parametrize("address", PRIVATE)
    def test_a_private_address_is_not_public(self, address: str) -> None:
        assert not is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize("address", PUBLIC)
    def test_an_address_on_the_internet_is_public(self, address: str) -> None:
        assert is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize("address", PRIVATE)
    def test_a_name_with_a_private_address_is_refused(self, address: str) -> None:
        caught = fetch_error("http://inside.test/", by=Fetcher(resolve=lambda host, port: [address]))
        assert (str(caught), caught.retry) == ("Its host is not on the public internet.", False)

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "0177.0.0.1",
            "127.1",
            "0",
            "localhost",
            "LOCALHOST",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[0:0:0:0:0:ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "[fe80::1]",
            "169.254.169.254",
            "%31%32%37.0.0.1",
        ],
    )
    def test_a_private_address_is_refused_in_every_spelling(self, host: str) -> None:
        with pytest.raises(FetchError) as caught:
            fetch(f"http://{host}/", max_bytes=1000, timeout=5)
        assert caught.value.retry is False

    def test_the_addresses_of_the_systems_resolver_are_checked(self, site: Site) -> None:
        caught = fetch_error(site.url(host="2130706433"), by=fetcher(resolve=resolve, allow=is_public))
        assert "public internet" in str(caught)
        assert get(site.url(host="2130706433"), by=fetcher(resolve=resolve)).content == IMAGE

    def test_one_private_address_among_several_is_refused(self, site: Site) -> None:
        names = {"pictures.test": ["127.0.0.1", "10.0.0.1"]}
        assert "public internet" in str(fetch_error(site.url(), by=fetcher(names=names)))
        assert site.requests == []

    def test_a_name_that_changes_its_address_cannot_avoid_the_check(self, site: Site) -> None:
        answers = iter([["127.0.0.1"]])
        asked = []

        def rebinding(host: str, port: int) -> list[str]:
            asked.append(host)
            return next(answers, ["127.0.0.2"])

        by = fetcher(resolve=rebinding)
        assert get(site.url(), by=by).content == IMAGE
        assert asked == ["pictures.test"]
        assert "public internet" in str(fetch_error(site.url(), by=by))
        assert len(site.requests) == 1

    def test_the_next_address_is_tried_when_one_does_not_answer(self, site: Site) -> None:
        by = fetcher(names={"pictures.test": ["127.0.0.3", "127.0.0.1"]}, allow=lambda address: True)
        assert get(site.url(), by=by).content == IMAGE

    def test_a_refused_connection_may_be_retried(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        assert fetch_error(f"http://pictures.test:{port}/").retry is True

    @pytest.mark.parametrize(("errno", "retry"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
    def test_an_unknown_host_is_refused(self, errno: int, retry: bool) -> None:
        def resolve(host: str, port: int) -> None:
            raise socket.gaierror(errno, "unknown")

        assert fetch_error("http://nowhere.test/", by=fetcher(resolve=resolve)).retry is retry

    def test_a_name_without_addresses_is_refused(self) -> None:
        assert fetch_error("http://nowhere.test/", by=fetcher(resolve=lambda host, port: [])).retry is True

    def test_an_ipv6_address_may_be_a_host(self) -> None:
        called = []

        def allow(address: IPAddress) -> bool:
            called.append(str(address))
            return False

        fetch_error("http://[2606:4700::1111]/", by=Fetcher(allow=allow))
        assert called == ["2606:4700::1111"]

    @pytest.mark.parametrize("port", [22, 25, 6379, 8080, 65535])
    def test_only_the_ports_of_the_web_are_called(self, port: int) -> None:
        caught = fetch_error(f"http://pictures.test:{port}/", by=fetcher(ports=(80, 443)))
        assert (str(caught), caught.retry) == ("Its port is not one of the web.", False)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "blabla",
            "//pictures.test/",
            "http://",
            "http:///picture.png",
            "ftp://pictures.test/",
            "file:///etc/passwd",
            "gopher://127.0.0.1:6379/_INFO",
            "data:image/png;base64,AAAA",
            "javascript:alert(1)",
            "http+unix://socket/",
            "http://user@pictures.test/",
            "http://user:password@pictures.test/",
            "http://pictures.test@127.0.0.1/",
            "http://[::1",
            "http://pictures.test:port/",
            "http://pictures.test:99999/",
            "http://pictures.test/" + "a" * 2000,
            "http://①②⑦.⓪.⓪.①/",
            "http://*/",
            "http://pictures.test\0/",
        ],
    )
    def test_an_invalid_url_is_refused_before_its_host_is_resolved(self, url: str) -> None:
        asked: list[str] = []

        def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            return []

        assert fetch_error(url, by=Fetcher(resolve=resolve)).retry is False
        assert asked == []

    @pytest.mark.parametrize("host", ["a..test", "a" * 64 + ".test"])
    def test_an_invalid_host_name_is_refused(self, host: str) -> None:
        assert fetch_error(f"http://{host}/", by=Fetcher()).retry is False


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_followed(self, site: Site, status: int) -> None:
        site.answer = respond_in_turn(redirect("/there.png", status), respond_with())
        assert get(site.url()).content == IMAGE
        assert [path for path, _ in site.requests] == ["/picture.png", "/there.png"]

    def test_three_redirects_are_followed_and_a_fourth_refused(self, site: Site) -> None:
        answers = [redirect(f"/{number}") for number in range(3)]
        site.answer = respond_in_turn(*answers, respond_with(), *answers, redirect("/4"))
        assert get(site.url()).content == IMAGE
        assert str(fetch_error(site.url())) == "It redirects too often."
        assert len(site.requests) == 8

    def test_a_redirect_loop_ends(self, site: Site) -> None:
        site.answer = redirect("/picture.png")
        assert fetch_error(site.url()).retry is False
        assert len(site.requests) == 4

    def test_the_host_of_every_redirect_is_checked(self, site: Site) -> None:
        site.answer = redirect(site.url(host="inside.test"))
        by = fetcher(names={"inside.test": ["10.0.0.1"]})
        assert "public internet" in str(fetch_error(site.url(), by=by))
        assert len(site.requests) == 1

    @pytest.mark.parametrize(
        "location", ["ftp://pictures.test/", "file:///etc/passwd", "http://u:p@pictures.test/", "http://["]
    )
    def test_the_url_of_every_redirect_is_checked(self, site: Site, location: str) -> None:
        site.answer = redirect(location)
        assert fetch_error(site.url()).retry is False
        assert len(site.requests) == 1

    def test_a_redirect_to_another_port_is_checked(self, site: Site) -> None:
        site.answer = redirect("http://pictures.test:6379/")
        assert "port" in str(fetch_error(site.url(), by=fetcher(ports=(site.server_port,))))

    def test_the_body_of_a_redirect_is_not_read(self, site: Site) -> None:
        def answer(handler: Handler) -> None:
            redirect("/there.png")(handler)
            while not site.closing.is_set():
                handler.wfile.write(b"x" * 65536)

        site.answer = respond_in_turn(answer, respond_with())
        assert get(site.url()).content == IMAGE

    def test_a_redirect_without_a_location_is_refused(self, site: Site) -> None:
        site.answer = respond_with(IMAGE, PNG, status=302)
        assert fetch_error(site.url()).retry is False
