"""What makes the gallery an app on a phone: manifest, icons, service worker, offline page, and pushes."""

import json
import struct
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured

from accounts.messaging import vapid
from accounts.models import PushSubscription
from accounts.services.browser_sessions import end_other_sessions
from accounts.tests.web_browser import Browser
from conftest import Person
from pickeez_site.gallery.tests.visitors import JSON, Visitor

PUSH = "/gallery/me/push/"


def static(name: str) -> bytes:
    path = finders.find(f"gallery/{name}")
    assert isinstance(path, str)
    return Path(path).read_bytes()


def test_the_manifest_names_icons_of_the_sizes_that_they_have() -> None:
    icons = json.loads(static("manifest.webmanifest"))["icons"]
    assert {(icon["sizes"], icon.get("purpose", "any")) for icon in icons} >= {
        (size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")
    }
    for icon in icons:
        content = static(icon["src"])
        assert content[:8] == b"\x89PNG\r\n\x1a\n"
        assert "{}x{}".format(*struct.unpack(">II", content[16:24])) == icon["sizes"]


@pytest.mark.django_db
def test_the_service_worker_may_serve_the_gallery_and_nothing_else() -> None:
    answer = Visitor().get("/gallery/sw.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/gallery/"
    assert answer["Cache-Control"] == "no-cache"


@pytest.mark.django_db
def test_the_offline_page_says_nothing_private() -> None:
    page = Visitor().get("/gallery/offline/")
    assert page.status_code == 200
    assert "/gallery/me/" not in page.text


def test_a_browser_is_subscribed_and_unsubscribed(member: Person) -> None:
    visitor, browser = Visitor(member.user), Browser()
    sent = {"wanted": "yes", "endpoint": browser.endpoint, **browser.keys}
    assert visitor.post(PUSH, sent, headers=JSON).json() == {"subscribed": True}
    assert PushSubscription.objects.get().user == member.user
    assert visitor.post(PUSH, {**sent, "wanted": "no"}, headers=JSON).json() == {"subscribed": False}
    assert not PushSubscription.objects.exists()


def test_who_signs_out_gets_no_more_pushes_there(member: Person) -> None:
    here, elsewhere = Visitor(member.user), Visitor(member.user)
    for name, visitor in (("here", here), ("elsewhere", elsewhere)):
        browser = Browser(endpoint=f"https://push.test/{name}")
        visitor.post(PUSH, {"wanted": "yes", "endpoint": browser.endpoint, **browser.keys})
    here.client.logout()
    assert [row.endpoint for row in PushSubscription.objects.all()] == ["https://push.test/elsewhere"]
    assert end_other_sessions(user=member.user, session_key=None) == 1
    assert not PushSubscription.objects.exists()


def test_nobody_subscribes_others_or_without_the_forms_token(member: Person, stranger: Person) -> None:
    browser = Browser()
    sent = {"wanted": "yes", "endpoint": browser.endpoint, **browser.keys}
    assert Visitor().post(PUSH, sent, headers=JSON).status_code == 401
    assert Visitor(member.user, csrf=True).post(PUSH, sent, headers=JSON).status_code == 403
    assert not PushSubscription.objects.exists()
    browser.subscribe(member.user)
    Visitor(stranger.user).post(PUSH, {**sent, "wanted": "no"}, headers=JSON)
    assert PushSubscription.objects.get().user == member.user


@pytest.mark.parametrize("endpoint", ["", "https://10.0.0.1/a", "http://push.test/a", "<script>"])
def test_a_wrong_endpoint_is_refused_in_words(member: Person, endpoint: str) -> None:
    sent = {"wanted": "yes", "endpoint": endpoint, **Browser().keys}
    answer = Visitor(member.user).post(PUSH, sent, headers=JSON)
    assert (answer.status_code, set(answer.json())) == (400, {"error"})


def test_the_page_offers_pushes_with_our_key_or_not_at_all(
    member: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(member.user)
    assert f'data-push="{vapid.public_key()}"' in visitor.get("/gallery/me/").text

    def broken() -> str:
        raise ImproperlyConfigured("no key")

    monkeypatch.setattr(vapid, "public_key", broken)
    page = visitor.get("/gallery/me/")
    assert page.status_code == 200
    assert "data-push" not in page.text
