"""Pushes to browsers: encrypted for them, signed by us, and never sent into our own network."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from py_vapid.utils import b64urldecode, b64urlencode
from pytest_django import Settings

from accounts.messaging import MessageNotSent, RecipientGone, vapid, web_push
from accounts.messaging.checks import check_messaging
from accounts.messaging.web_push import WebPushBackend
from accounts.tests.web_browser import Browser
from core.fetching import Fetcher
from core.tests.loopback import Site, fetcher, make_certificate, redirect, respond_with


@pytest.fixture(autouse=True)
def _subject(settings: Settings) -> None:
    settings.VAPID_SUBJECT = "mailto:operator@photos.example"


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A push service on loopback, at which browsers are subscribed."""
    certificate = make_certificate(tmp_path / "certificate.pem", "push.test")
    monkeypatch.setattr(web_push, "FETCHER", fetcher(verify=certificate))
    site = Site()
    site.encrypt(certificate)
    site.answer = respond_with(b"", status=201)
    with site:
        yield site


def send(browser: Browser, body: str = "Your best pictures are waiting in “Zürich”") -> None:
    message: dict[str, object] = {"to": "1", "body": body, "data": {"album_id": "7", "type": "best_pictures"}}
    WebPushBackend("web").send({**message, "endpoint": browser.endpoint, **browser.keys})


def subscribed(service: Site) -> Browser:
    return Browser(endpoint=service.url("/abc", host="push.test", scheme="https"))


def test_the_browser_reads_what_the_push_service_cannot(service: Site) -> None:
    browser = subscribed(service)
    send(browser)
    [body] = service.bodies
    assert b"best_pictures" not in body
    assert browser.read(body) == {
        "body": "Your best pictures are waiting in “Zürich”",
        "data": {"album_id": "7", "type": "best_pictures"},
    }
    send(browser)
    assert service.bodies[0] != service.bodies[1]  # a key of its own for each message


def test_the_push_is_signed_with_the_key_that_browsers_subscribe_with(service: Site) -> None:
    send(subscribed(service))
    [(path, headers)] = service.requests
    assert (path, headers["Content-Encoding"]) == ("/abc", "aes128gcm")
    assert int(headers["TTL"]) > 0
    scheme, _, fields = headers["Authorization"].partition(" ")
    assert Vapid02.verify(headers["Authorization"])
    token, key = (part.partition("=")[2] for part in fields.split(","))
    assert (scheme, key) == ("vapid", vapid.public_key())
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == f"https://push.test:{service.server_port}"
    assert claims["sub"] == "mailto:operator@photos.example"


def test_a_long_text_still_fits_into_one_record(service: Site) -> None:
    browser = subscribed(service)
    send(browser, body="“🙂”" * 2000)
    assert len(service.bodies[0]) <= 4096
    assert browser.read(service.bodies[0])["body"].startswith("“🙂”")


@pytest.mark.parametrize(
    ("status", "error", "retry"),
    [
        *((status, RecipientGone, False) for status in (404, 410)),
        *((status, MessageNotSent, False) for status in (400, 401, 403, 413)),
        *((status, MessageNotSent, True) for status in (429, 500, 503)),
    ],
)
def test_what_the_push_service_refuses(
    service: Site, status: int, error: type[MessageNotSent], retry: bool
) -> None:
    service.answer = respond_with(b"secret", status=status)
    with pytest.raises(MessageNotSent) as caught:
        send(subscribed(service))
    assert (type(caught.value), caught.value.retry) == (error, retry)
    assert "secret" not in str(caught.value)


def test_a_redirect_is_not_followed(service: Site) -> None:
    service.answer = redirect("https://push.test/other", status=307)
    with pytest.raises(MessageNotSent):
        send(subscribed(service))
    assert len(service.requests) == 1


def test_a_name_that_leads_into_our_network_is_not_called(service: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Fetcher(resolve=lambda host, port: ["10.0.0.1"], ports=web_push.FETCHER.ports)
    monkeypatch.setattr(web_push, "FETCHER", inside)
    with pytest.raises(MessageNotSent, match="not on the public internet") as caught:
        send(subscribed(service))
    assert caught.value.retry is False


def test_all_machines_with_one_secret_key_have_one_key(settings: Settings) -> None:
    first = vapid.public_key()
    vapid._private_key.cache_clear()  # as another process
    assert vapid.public_key() == first
    assert len(b64urldecode(first.encode())) == 65
    settings.SECRET_KEY = "another"
    assert vapid.public_key() != first


def test_a_configured_key_goes_before_the_derived_one(settings: Settings) -> None:
    derived = vapid.public_key()
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    settings.VAPID_PRIVATE_KEY = b64urlencode(number.to_bytes(32, "big"))
    configured = vapid.public_key()
    assert configured != derived
    settings.SECRET_KEY = "another"
    assert vapid.public_key() == configured
    assert check_messaging(None) == []


@pytest.mark.parametrize("wrong", ["abc", "!", "A" * 43, "A" * 200])
def test_a_wrong_key_stops_the_start_and_names_the_variable(settings: Settings, wrong: str) -> None:
    settings.VAPID_PRIVATE_KEY = wrong
    [error] = check_messaging(None)
    assert error.id == "messaging.E005"
    assert "VAPID_PRIVATE_KEY" in error.msg
