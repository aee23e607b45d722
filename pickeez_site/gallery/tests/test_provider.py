"""Signing in with a provider of OpenID Connect, which a test runs on loopback."""

import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.test import Client
from joserfc.jwk import ECKey, OctKey
from pytest_django import Settings

from accounts.models import ExternalIdentity, User
from accounts.services import verify_email
from albums.models import Album, Invitation
from conftest import Person
from core.tests.answers import Answer
from pickeez_site.gallery.provider import _client
from pickeez_site.gallery.tests.loopback_provider import CLIENT_ID, CLIENT_SECRET, Provider, serving
from pickeez_site.gallery.tests.people import browser, is_signed_in, text_of

pytestmark = pytest.mark.django_db
START, EMAIL = "/gallery/sign-in/provider/", "grace@example.org"


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    _client.cache_clear()
    with serving() as running:
        settings.OIDC_ISSUER, settings.OIDC_NAME = running.issuer, "Our house"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        yield running
    _client.cache_clear()


def sign_in(client: Client, provider: Provider, **claims: object) -> Answer:
    """Goes to the provider and comes back."""
    start = client.get(START)
    assert start.status_code == 302
    return client.get(provider.sign_in(start["Location"], **claims))


def test_who_signs_in_at_the_provider_is_signed_in_here(provider: Provider) -> None:
    client = browser()
    assert "Sign in with Our house" in text_of(client.get("/gallery/sign-in/"))
    answer = sign_in(client, provider, name="Grace")
    assert (answer.status_code, answer["Location"]) == (303, "/gallery/me/selfie/?next=%2Fgallery%2F")
    assert is_signed_in(client)
    user = User.objects.get()
    assert (user.name, user.verified_email, user.email) == ("Grace", None, "")
    assert ExternalIdentity.objects.values_list("issuer", "subject").get() == (provider.issuer, "grace-1")


def test_the_subject_is_who_comes_back_whatever_else_has_changed(provider: Provider) -> None:
    sign_in(browser(), provider, name="Grace", email=EMAIL, email_verified=True)
    sign_in(browser(), provider, name="Hopper", email="other@example.org", email_verified=True)
    user = User.objects.get()
    assert (user.name, user.verified_email) == ("Grace", EMAIL)
    sign_in(browser(), provider, sub="grace-2", email="other@example.org")
    assert User.objects.count() == 2


def test_an_address_that_both_have_verified_is_one_user(provider: Provider, owner: Person) -> None:
    verify_email(user=owner.user, email=EMAIL)
    client = browser()
    sign_in(client, provider, email="Grace@Example.org", email_verified=True)
    assert client.get("/gallery/").context["request"].user == owner.user


@pytest.mark.parametrize(
    "claims",
    [
        {"email": EMAIL},
        {"email": EMAIL, "email_verified": False},
        {"email": EMAIL, "email_verified": "false"},
        {"email": EMAIL, "email_verified": 1.5},
        {"email": [EMAIL], "email_verified": True},
        {"email": "no address", "email_verified": True},
        {"email": "\uff47race@example.org", "email_verified": True},  # another mailbox, in a full-width letter
        {"email": "grace\u200b@example.org", "email_verified": True},
        {"name": EMAIL, "preferred_username": EMAIL},
    ],
)
def test_an_address_that_the_provider_has_not_verified_is_nobodys(
    provider: Provider, owner: Person, claims: dict[str, object]
) -> None:
    verify_email(user=owner.user, email=EMAIL)
    client = browser()
    sign_in(client, provider, **claims)
    assert client.get("/gallery/").context["request"].user != owner.user
    assert User.objects.get(verified_email=EMAIL) == owner.user


def test_nor_is_an_address_that_its_user_has_not_verified_here(provider: Provider) -> None:
    User.objects.create_user(name="From Facebook", email=EMAIL)
    sign_in(browser(), provider, email=EMAIL, email_verified=True)
    assert User.objects.get(verified_email=EMAIL).name == ""


def test_a_verified_address_claims_its_invitations(provider: Provider, album: Album) -> None:
    Invitation.objects.create(album=album, email=EMAIL)
    client = browser()
    sign_in(client, provider, email=EMAIL, email_verified=True)
    assert "Summer" in text_of(client.get("/gallery/"))


def test_the_address_may_be_told_only_when_asked_for_the_same_subject(provider: Provider) -> None:
    provider.userinfo = {"sub": "grace-1", "email": EMAIL, "email_verified": True}
    sign_in(browser(), provider)
    assert User.objects.get().verified_email == EMAIL
    provider.userinfo = {"sub": "somebody else", "email": "other@example.org", "email_verified": True}
    sign_in(browser(), provider, sub="grace-2")
    assert not User.objects.filter(verified_email="other@example.org").exists()


OTHER_KEY = ECKey.generate_key("P-256", {"kid": "1"})


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["another client"], "azp": CLIENT_ID},
        {"iss": "https://another.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    provider: Provider, lie: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    client = browser()
    answer = sign_in(client, provider, **lie)
    assert (answer.status_code, "Signing in did not work" in text_of(answer)) == (403, True)
    assert "identified nobody" in caplog.text
    assert (is_signed_in(client), User.objects.count()) == (False, 0)


@pytest.mark.parametrize(("key", "algorithm"), [(OTHER_KEY, "ES256"), (OctKey.import_key(CLIENT_SECRET), "HS256")])
def test_a_signature_of_another_is_refused(provider: Provider, key: ECKey | OctKey, algorithm: str) -> None:
    provider.signs_with, provider.algorithm = key, algorithm
    assert sign_in(browser(), provider).status_code == 403
    assert not User.objects.exists()


def test_a_sign_in_that_another_browser_began_is_refused(provider: Provider) -> None:
    """Nobody can be signed in as somebody else by a link."""
    path = provider.sign_in(browser().get(START)["Location"])
    victim = browser()
    victim.get(START)
    for attempt in (path, path.split("&state")[0], "/gallery/sign-in/provider/back/"):
        assert victim.get(attempt).status_code == 403
    assert not is_signed_in(victim)


def test_a_way_back_works_once(provider: Provider) -> None:
    client = browser()
    path = provider.sign_in(client.get(START)["Location"])
    assert client.get(path).status_code == 303
    assert client.get(path).status_code == 403


def test_who_cancels_there_is_told(provider: Provider) -> None:
    client = browser()
    client.get(START)
    answer = client.get("/gallery/sign-in/provider/back/?error=access_denied&error_description=<script>")
    text = text_of(answer)
    assert (answer.status_code, "cancelled" in text, "<script>" in text) == (403, True, False)


def test_a_provider_that_cannot_be_reached_is_said(provider: Provider) -> None:
    client = browser()
    provider.is_down = True
    answer = client.get(START)
    assert (answer.status_code, "cannot be reached" in text_of(answer)) == (503, True)
    provider.is_down = False
    path = provider.sign_in(client.get(START)["Location"])
    provider.is_down = True
    assert client.get(path).status_code == 503


def test_the_description_of_another_issuer_is_not_believed(provider: Provider) -> None:
    provider.metadata = {"issuer": "https://another.example"}
    assert browser().get(START).status_code == 503


@pytest.mark.parametrize(
    ("wanted", "reached"), [("/gallery/me/", "/gallery/me/"), ("//evil.example", "/gallery/")]
)
def test_one_comes_back_to_a_page_of_ours(provider: Provider, wanted: str, reached: str) -> None:
    client = browser()
    for page in (f"/gallery/me/selfie/?{urlencode({'next': reached})}", reached):  # the first time, and later
        path = provider.sign_in(client.get(START, {"next": wanted})["Location"])
        assert client.get(path)["Location"] == page
        client.logout()


def test_the_key_of_the_session_changes(provider: Provider) -> None:
    client = browser()
    path = provider.sign_in(client.get(START)["Location"])
    planted = client.cookies["sessionid"].value
    client.get(path)
    assert client.cookies["sessionid"].value != planted
    assert client.cookies["sessionid"]["max-age"] == 90 * 24 * 3600


def test_an_operator_is_not_in_the_admin_by_it(provider: Provider) -> None:
    client = browser()
    sign_in(client, provider)
    User.objects.update(is_staff=True, is_superuser=True)
    assert is_signed_in(client)
    assert client.get("/admin/").status_code == 302


def test_who_was_deactivated_is_told(provider: Provider) -> None:
    sign_in(browser(), provider)
    User.objects.update(is_active=False)
    client = browser()
    answer = sign_in(client, provider)
    assert (answer.status_code, "This account was closed" in text_of(answer)) == (403, True)
    assert not is_signed_in(client)


def test_an_address_begins_only_so_many_sign_ins(provider: Provider, settings: Settings) -> None:
    settings.OIDC_SIGN_INS_PER_ADDRESS_PER_HOUR = 1
    assert browser().get(START).status_code == 302
    answer = browser().get(START)
    assert (answer.status_code, "try again in" in text_of(answer)) == (429, True)
    assert int(answer["Retry-After"]) > 3000


def test_without_a_provider_there_is_none() -> None:
    client = browser()
    for path in (START, "/gallery/sign-in/provider/back/?code=1&state=2"):
        assert client.get(path).status_code == 404
    assert "Sign in with" not in text_of(client.get("/gallery/sign-in/"))
