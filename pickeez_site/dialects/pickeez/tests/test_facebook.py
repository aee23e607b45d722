"""`/fb`, `/fb_enter` and `/fb_enter_browser`."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings
from time_machine import TimeMachineFixture

from accounts.facebook import graph as graph_module
from accounts.models import User
from accounts.tests.stand_in_graph import APP_ID, CODE, FB_ID, HANG, TOKEN, StandInGraph, debug
from conftest import Person
from core.tests.answers import Answer

pytestmark = pytest.mark.django_db
ENTRANCES = pytest.mark.parametrize("entrance", ["/fb_enter", "/fb_enter_browser", "/fb_enter/"])


@pytest.fixture
def graph(settings: Settings) -> Iterator[StandInGraph]:
    with StandInGraph() as stand_in:
        stand_in.set_up(settings)
        yield stand_in


@pytest.fixture
def browser() -> Client:
    return Client()


def begin(browser: Client) -> dict[str, str]:
    """Starts signing in and returns the dialog's parameters."""
    answer = browser.get("/fb")
    assert answer.status_code == 302
    return {name: value for name, [value] in parse_qs(urlsplit(answer["Location"]).query).items()}


def is_refusal(answer: Answer) -> bool:
    return (
        answer.status_code == 401
        and set(answer.json()) == {"msg"}
        and "WWW-Authenticate" in answer
        and answer["Cache-Control"] == "no-store"
    )


def test_the_dialog_is_asked_for_our_app_and_address(graph: StandInGraph, browser: Client) -> None:
    answer = browser.get("/fb")
    assert answer["Location"].startswith("https://www.facebook.com/dialog/oauth?")
    params = begin(browser)
    assert params.pop("state")
    assert params == {
        "response_type": "code",
        "client_id": APP_ID,
        "redirect_uri": "http://testserver/fb_enter",
        "scope": "email,user_photos",
    }
    assert graph.requests == []


def test_the_dialogs_address_is_a_setting(graph: StandInGraph, browser: Client, settings: Settings) -> None:
    settings.FACEBOOK_DIALOG_URL = "http://127.0.0.1:9/dialog"
    assert browser.get("/fb")["Location"].startswith("http://127.0.0.1:9/dialog?")


@pytest.mark.parametrize("secure", [False, True])
def test_the_state_is_tied_to_the_browser_by_a_cookie_that_scripts_cannot_read(
    graph: StandInGraph, browser: Client, settings: Settings, secure: bool
) -> None:
    settings.SESSION_COOKIE_SECURE = secure
    answer = browser.get("/fb")
    cookie = answer.cookies["fb_state"]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", secure)
    assert cookie["max-age"] == 600
    assert answer["Cache-Control"] == "no-store"


@ENTRANCES
def test_a_browser_comes_back_with_a_code_and_gets_a_token(
    graph: StandInGraph, browser: Client, entrance: str
) -> None:
    state = begin(browser)["state"]
    answer = browser.get(entrance, {"code": CODE, "state": state})
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "fb_id"}
    assert answer.json()["fb_id"] == FB_ID
    assert answer["Cache-Control"] == "no-store"
    me = Client().get("/me", {"token": answer.json()["token"]}).json()
    assert (me["fb_id"], me["name"], me["email"]) == (FB_ID, "Facebook's Name", "me@example.com")
    assert me["pic_url"] == "https://scontent.fbcdn.net/me.jpg?oe=1"


@ENTRANCES
def test_a_mobile_sdks_token_is_good_without_a_state(graph: StandInGraph, browser: Client, entrance: str) -> None:
    answer = browser.get(entrance, {"code": TOKEN})
    assert answer.status_code == 200
    assert answer.json()["fb_id"] == FB_ID
    assert graph.requests_to("/oauth/access_token") == []
    assert len(graph.requests_to("/debug_token")) == 1


@ENTRANCES
def test_the_code_is_required(graph: StandInGraph, browser: Client, entrance: str) -> None:
    for query in ({}, {"code": ""}, {"state": begin(browser)["state"]}):
        answer = browser.get(entrance, query)
        assert (answer.status_code, answer.json()) == (400, {"msg": "Missing parameter: code"})


def test_a_user_who_does_not_approve_is_not_let_in(graph: StandInGraph, browser: Client) -> None:
    state = begin(browser)["state"]
    assert is_refusal(browser.get("/fb_enter", {"error": "access_denied", "state": state}))
    assert graph.requests == []


def test_the_state_of_another_browser_is_refused(graph: StandInGraph, browser: Client) -> None:
    state = begin(browser)["state"]
    other = Client()
    assert is_refusal(other.get("/fb_enter", {"code": CODE, "state": state}))
    begin(other)
    assert is_refusal(other.get("/fb_enter", {"code": CODE, "state": state}))
    assert graph.requests == []


def test_a_state_is_good_once(graph: StandInGraph, browser: Client) -> None:
    query = {"code": CODE, "state": begin(browser)["state"]}
    assert browser.get("/fb_enter", query).status_code == 200
    assert is_refusal(browser.get("/fb_enter", query))


@pytest.mark.parametrize("state", ["", "forged", "a:b:c", "x" * 400])
def test_a_forged_state_is_refused_and_no_way_around(graph: StandInGraph, browser: Client, state: str) -> None:
    begin(browser)
    for code in (CODE, TOKEN):
        assert is_refusal(browser.get("/fb_enter", {"code": code, "state": state}))
    assert graph.requests == []


def test_a_state_that_was_tampered_with_is_refused(graph: StandInGraph, browser: Client) -> None:
    state = begin(browser)["state"]
    browser.cookies["fb_state"] = "mine"
    assert is_refusal(browser.get("/fb_enter", {"code": CODE, "state": "mine" + state[state.index(":") :]}))


def test_an_old_state_is_refused(graph: StandInGraph, browser: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-01-01T12:00:00+00:00", tick=False)
    state = begin(browser)["state"]
    time_machine.shift(601)
    assert is_refusal(browser.get("/fb_enter", {"code": CODE, "state": state}))


def test_a_code_that_facebook_refuses_is_refused(graph: StandInGraph, browser: Client) -> None:
    state = begin(browser)["state"]
    assert is_refusal(browser.get("/fb_enter", {"code": "another", "state": state}))


@pytest.mark.parametrize(
    "facts", [debug(app_id="666"), debug(is_valid=False), debug(user_id="1"), debug(expires_at=9)]
)
def test_a_token_that_is_not_good_for_our_app_is_refused(
    graph: StandInGraph, browser: Client, facts: dict[str, dict[str, object]]
) -> None:
    graph.answers["/debug_token"] = facts
    assert is_refusal(browser.get("/fb_enter", {"code": TOKEN}))
    assert not User.objects.exists()


def test_a_user_who_was_shut_out_is_refused(graph: StandInGraph, browser: Client) -> None:
    User.objects.create_user(fb_id=FB_ID, is_active=False)
    assert is_refusal(browser.get("/fb_enter", {"code": TOKEN}))


@pytest.mark.parametrize("trouble", [(500, b""), (200, b"<html>"), HANG], ids=["500", "not JSON", "hanging"])
def test_a_graph_in_trouble_is_answered_503_in_time(
    graph: StandInGraph, browser: Client, monkeypatch: pytest.MonkeyPatch, trouble: object
) -> None:
    monkeypatch.setattr(graph_module, "READ_SECONDS", 0.3)
    graph.answers["/debug_token"] = trouble
    answer = browser.get("/fb_enter", {"code": TOKEN})
    assert answer.status_code == 503
    assert answer.json() == {"msg": "Facebook is away. Please try again later."}


@pytest.mark.parametrize("path", ["/fb", "/fb_enter?code=x"])
def test_without_a_facebook_app_the_routes_say_so(
    graph: StandInGraph, browser: Client, settings: Settings, path: str
) -> None:
    settings.FACEBOOK_APP_SECRET = ""
    answer = browser.get(path)
    assert answer.status_code == 503
    assert answer.json() == {"msg": "Facebook sign-in is not set up on this server."}
    assert "fb_state" not in answer.cookies


@pytest.mark.parametrize("code", ["x" * 5000, "nul\0", ["two", "codes"]])
def test_a_code_that_cannot_be_one_is_refused_unasked(
    graph: StandInGraph, browser: Client, code: list[str] | str
) -> None:
    assert browser.get("/fb_enter", {"code": code}).status_code == 400
    assert graph.requests == []


@pytest.mark.parametrize("path", ["/fb", "/fb_enter", "/fb_enter_browser"])
def test_a_bad_token_of_ours_does_not_keep_anybody_from_signing_in(
    graph: StandInGraph, browser: Client, path: str
) -> None:
    answer = browser.get(path, {"code": TOKEN}, headers={"authorization": "Bearer of-yesterday"})
    assert answer.status_code in (200, 302)


@pytest.mark.parametrize("path", ["/fb", "/fb_enter", "/fb_enter_browser"])
def test_only_get_is_taken(graph: StandInGraph, browser: Client, path: str) -> None:
    assert browser.post(path, {"code": TOKEN}).status_code == 405


def test_facebooks_token_is_shown_nowhere(graph: StandInGraph, owner: Person) -> None:
    user = User.objects.get(pk=owner.id)
    user.fb_id = FB_ID
    user.save()
    Client().get("/fb_enter", {"code": TOKEN})
    user.refresh_from_db()
    assert user.fb_token
    answer = owner.get("/me").content.decode()
    assert user.fb_token not in answer
    assert "fb_token" not in answer
