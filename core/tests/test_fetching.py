"""The content that is fetched from a URL of unknown origin, and the limits of its size and time."""

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from core.fetching import FetchError, is_public
from core.tests.loopback import (
    IMAGE,
    PNG,
    Handler,
    Site,
    fetch_error,
    fetcher,
    get,
    make_certificate,
    redirect,
    respond_with,
)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


class TestWhatIsFetched:
    def test_a_picture_comes_with_its_type(self, site: Site) -> None:
        site.answer = respond_with(IMAGE, ("Content-Type", "Image/JPEG; q=1"))
        fetched = get(site.url())
        assert (fetched.content, fetched.content_type) == (IMAGE, "image/jpeg")

    def test_the_request_names_the_host_and_has_no_fragment_cookies_or_credentials(self, site: Site) -> None:
        get(site.url("/a.png?b=c#fragment"))
        [(path, headers)] = site.requests
        assert path == "/a.png?b=c"
        assert headers["Host"] == f"pictures.test:{site.server_port}"
        assert not {"Cookie", "Authorization"} & set(headers)

    def test_proxies_of_the_environment_are_not_used(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        with Site() as proxy:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
            monkeypatch.setenv("no_proxy", "")
            assert get(site.url()).content == IMAGE
            assert proxy.requests == []

    def test_no_password_file_is_read(self, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine pictures.test login me password secret\n")
        monkeypatch.setenv("NETRC", str(netrc))
        get(site.url())
        assert "Authorization" not in site.requests[0][1]

    def test_a_compressed_body_is_unpacked(self, site: Site) -> None:
        site.answer = respond_with(gzip.compress(IMAGE), PNG, ("Content-Encoding", "gzip"))
        assert get(site.url()).content == IMAGE

    @pytest.mark.parametrize(
        "content_type", ["text/html", "application/octet-stream", "", "imagery", "x-image/png"]
    )
    def test_a_type_other_than_an_image_is_refused(self, site: Site, content_type: str) -> None:
        site.answer = respond_with(IMAGE, ("Content-Type", content_type))
        assert fetch_error(site.url()).retry is False

    def test_a_missing_type_is_refused(self, site: Site) -> None:
        site.answer = respond_with(IMAGE, ("X-Type", "image/png"))
        assert fetch_error(site.url()).retry is False

    def test_other_types_can_be_asked_for(self, site: Site) -> None:
        site.answer = respond_with(b"{}", ("Content-Type", "application/json"))
        assert get(site.url(), content_types="application/").content == b"{}"

    @pytest.mark.parametrize(
        ("status", "retry"),
        [
            *((status, False) for status in (204, 206, 304, 403, 404, 410)),
            *((status, True) for status in (408, 429, 500, 503)),
        ],
    )
    def test_any_status_but_200_is_refused(self, site: Site, status: int, retry: bool) -> None:
        site.answer = respond_with(b"", PNG, status=status)
        assert fetch_error(site.url()).retry is retry


class TestLimits:
    def test_a_body_of_the_allowed_size_is_accepted_and_a_larger_one_refused(self, site: Site) -> None:
        site.answer = respond_with(b"x" * 1000)
        assert len(get(site.url(), max_bytes=1000).content) == 1000
        assert fetch_error(site.url(), max_bytes=999).retry is False

    def test_an_endless_body_is_stopped_at_the_limit(self, site: Site) -> None:
        sent = []

        def answer(handler: Handler) -> None:
            respond_with(b"")(handler)
            while not site.closing.is_set():
                sent.append(handler.wfile.write(b"x" * 65536))

        site.answer = answer
        fetch_error(site.url(), max_bytes=1_000_000)
        assert sum(sent) < 20_000_000

    def test_a_decompression_bomb_is_stopped_at_the_limit(self, site: Site) -> None:
        site.answer = respond_with(zlib.compress(b"\0" * 100_000_000, 9), PNG, ("Content-Encoding", "deflate"))
        started = time.monotonic()
        assert fetch_error(site.url(), max_bytes=200_000).retry is False
        assert time.monotonic() - started < 2

    def test_a_body_that_is_not_compressed_as_declared_is_refused(self, site: Site) -> None:
        site.answer = respond_with(IMAGE, PNG, ("Content-Encoding", "gzip"))
        assert "connection" in str(fetch_error(site.url()))

    def test_an_incomplete_body_is_refused(self, site: Site) -> None:
        site.answer = respond_with(IMAGE, PNG, ("Content-Length", "500"))
        assert fetch_error(site.url()).retry is True

    @pytest.mark.parametrize(
        "start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"]
    )
    def test_a_drip_of_bytes_does_not_outlast_the_deadline(self, site: Site, start: bytes) -> None:
        def answer(handler: Handler) -> None:
            handler.wfile.write(start)
            while not site.closing.wait(0.05):
                handler.wfile.write(b"H")

        site.answer = answer
        self._assert_times_out(lambda: fetch_error(site.url(), timeout=0.5))

    def test_a_silent_server_does_not_outlast_the_deadline(self, site: Site) -> None:
        site.answer = lambda handler: site.closing.wait()
        self._assert_times_out(lambda: fetch_error(site.url(), timeout=0.5))

    def test_a_silent_resolver_does_not_outlast_the_deadline(self, site: Site) -> None:
        def resolve(host: str, port: int) -> list[str]:
            site.closing.wait()
            return []

        self._assert_times_out(lambda: fetch_error(site.url(), timeout=0.5, by=fetcher(resolve=resolve)))

    def test_redirects_share_one_deadline(self, site: Site) -> None:
        def answer(handler: Handler) -> None:
            site.closing.wait(0.3)
            redirect("/again")(handler)

        site.answer = answer
        self._assert_times_out(lambda: fetch_error(site.url(), timeout=0.5))

    def _assert_times_out(self, fetch: Callable[[], FetchError]) -> None:
        started = time.monotonic()
        caught = fetch()
        assert 0.4 < time.monotonic() - started < 1.5
        assert (str(caught), caught.retry) == ("It took too long.", True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_certificate(tmp_path_factory.mktemp("tls") / "certificate.pem", "pictures.test")


class TestEncryptedConnections:
    @pytest.fixture
    def names_asked(self) -> list[str]:
        return []

    @pytest.fixture
    def site(self, certificate: str, names_asked: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
        site = Site()
        site.encrypt(certificate).sni_callback = lambda socket, name, context: names_asked.append(name)
        monkeypatch.setattr(
            site, "handle_error", lambda request, address: None
        )  # a client that turns away is no news
        with site:
            yield site

    def test_the_certificate_is_that_of_the_host_name(
        self, site: Site, certificate: str, names_asked: list[str]
    ) -> None:
        assert get(site.url(scheme="https"), by=fetcher(verify=certificate)).content == IMAGE
        assert names_asked == ["pictures.test"]

    def test_another_hosts_certificate_is_refused(self, site: Site, certificate: str) -> None:
        caught = fetch_error(site.url(scheme="https", host="other.test"), by=fetcher(verify=certificate))
        assert (str(caught), caught.retry) == ("Its certificate is not good.", False)
        assert site.requests == []

    def test_an_untrusted_certificate_is_refused(self, site: Site) -> None:
        assert "certificate" in str(fetch_error(site.url(scheme="https")))
        assert site.requests == []

    def test_a_body_is_sent_to_https_urls_only_and_no_redirect_is_followed(
        self, site: Site, certificate: str
    ) -> None:
        send = partial(fetcher(verify=certificate).post, body=b"word", headers={"TTL": "9"}, timeout=5)
        site.answer = redirect("https://pictures.test/elsewhere", status=307)
        assert send(site.url(scheme="https")) == 307
        [(_, headers)] = site.requests
        assert (headers["TTL"], site.bodies) == ("9", [b"word"])
        for url in (site.url(), site.url(scheme="https").replace("//", "//me:secret@"), "https://[::"):
            with pytest.raises(FetchError) as caught:
                send(url)
            assert caught.value.retry is False
        assert len(site.bodies) == 1

    def test_nothing_is_sent_into_our_own_network(self, site: Site, certificate: str) -> None:
        inside = fetcher(verify=certificate, allow=is_public)
        with pytest.raises(FetchError, match="not on the public internet"):
            inside.post(site.url(scheme="https"), body=b"", headers={}, timeout=5)
        assert site.bodies == []

    def test_a_drip_does_not_outlast_the_deadline(self, site: Site, certificate: str) -> None:
        def answer(handler: Handler) -> None:
            respond_with(b"")(handler)
            while not site.closing.wait(0.05):
                handler.wfile.write(b"x")

        site.answer = answer
        started = time.monotonic()
        assert "too long" in str(
            fetch_error(site.url(scheme="https"), timeout=0.5, by=fetcher(verify=certificate))
        )
        assert time.monotonic() - started < 1.5
