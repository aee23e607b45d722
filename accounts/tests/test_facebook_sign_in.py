"""Signing in with Facebook's tokens and codes, and what is stored of a profile."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import Settings

from accounts.facebook import FacebookRefused, GraphUnavailable
from accounts.facebook import graph as graph_module
from accounts.models import AccessToken, User
from accounts.services.facebook import sign_in_with_facebook
from accounts.services.tokens import user_for_token
from accounts.tests.stand_in_graph import (
    APP_ID,
    CODE,
    DRIP,
    FB_ID,
    HANG,
    TOKEN,
    StandInGraph,
    debug,
    me,
)
from core.tests.answers import Json

PICTURE = "https://scontent.fbcdn.net/me.jpg?oe=1"


@pytest.fixture
def graph(settings: Settings) -> Iterator[StandInGraph]:
    with StandInGraph() as stand_in:
        stand_in.set_up(settings)
        yield stand_in


def sign_in() -> User:
    return sign_in_with_facebook(access_token=TOKEN)[0]


@pytest.mark.django_db
class TestWhoComesIn:
    def test_a_new_user_is_created_with_name_email_and_picture(self, graph: StandInGraph) -> None:
        user, token = sign_in_with_facebook(access_token=TOKEN)
        assert user_for_token(token) == user
        user.refresh_from_db()
        assert (user.fb_id, user.name, user.email) == (FB_ID, "Facebook's Name", "me@example.com")
        assert user.pic_url == PICTURE
        assert not user.has_usable_password()

    def test_a_code_is_exchanged_for_a_token_that_is_checked_too(self, graph: StandInGraph) -> None:
        user, _ = sign_in_with_facebook(code=CODE)
        assert user.fb_id == FB_ID
        assert [path for _, path, _ in graph.requests] == ["/oauth/access_token", "/debug_token", "/me"]
        assert [path for _, path, params in graph.requests if params.get("input_token") == TOKEN] == [
            "/debug_token"
        ]

    def test_a_second_sign_in_finds_the_same_user_and_creates_another_token(self, graph: StandInGraph) -> None:
        first, second = sign_in_with_facebook(access_token=TOKEN), sign_in_with_facebook(access_token=TOKEN)
        assert first[0] == second[0]
        assert first[1] != second[1]
        assert User.objects.count() == 1

    def test_values_that_users_set_themselves_are_kept(self, graph: StandInGraph) -> None:
        User.objects.create_user(fb_id=FB_ID, name="Own", email="own@example.com", pic_url="https://own.example/a")
        user = sign_in()
        assert (user.name, user.email, user.pic_url) == ("Own", "own@example.com", "https://own.example/a")

    def test_a_picture_url_of_facebook_is_replaced(self, graph: StandInGraph) -> None:
        User.objects.create_user(fb_id=FB_ID, pic_url="https://scontent.fbcdn.net/old.jpg")
        assert sign_in().pic_url == PICTURE

    def test_a_host_that_only_ends_like_facebooks_is_another_host(self, graph: StandInGraph) -> None:
        User.objects.create_user(fb_id=FB_ID, pic_url="https://notfbcdn.net/own.jpg")
        assert sign_in().pic_url == "https://notfbcdn.net/own.jpg"

    @pytest.mark.parametrize(
        ("changes", "field", "value"),
        [
            ({"name": None}, "name", ""),
            ({"name": "a\0b\ud800"}, "name", "ab"),
            ({"name": "n" * 900}, "name", "n" * 200),
            ({"email": "no mail"}, "email", ""),
            ({"email": ["me@example.com"]}, "email", ""),
            ({"picture": None}, "pic_url", ""),
            ({"picture": {"data": {"url": "javascript:alert(1)"}}}, "pic_url", ""),
            ({"picture": {"data": {"url": PICTURE, "is_silhouette": True}}}, "pic_url", ""),
            ({"picture": {"data": {"url": "https://a.example/" + "x" * 2000}}}, "pic_url", ""),
        ],
    )
    def test_invalid_parts_of_a_profile_are_ignored(
        self, graph: StandInGraph, changes: dict[str, object], field: str, value: str
    ) -> None:
        graph.answers["/me"] = me(**changes)
        user = sign_in()
        user.refresh_from_db()
        assert getattr(user, field) == value

    def test_a_deactivated_user_cannot_sign_in(self, graph: StandInGraph) -> None:
        User.objects.create_user(fb_id=FB_ID, is_active=False)
        with pytest.raises(FacebookRefused):
            sign_in()
        assert not AccessToken.objects.exists()
        assert User.objects.get().fb_token == ""

    @pytest.mark.parametrize(
        "facts",
        [
            debug(is_valid=False),
            debug(is_valid="true"),
            debug(app_id="4712"),
            debug(app_id=None),
            debug(user_id=None),
            debug(user_id=""),
            debug(user_id="../1"),
            debug(user_id="100200301"),
            debug(expires_at=1),
            debug(expires_at="soon"),
            debug(type="PAGE"),
            {"data": {"error": {"code": 190, "message": "bad"}, "is_valid": False}},
            {"data": []},
            {},
            (400, {"error": {"code": 100, "message": "bad"}}),
        ],
    )
    def test_a_token_that_is_invalid_or_of_another_app_is_refused(self, graph: StandInGraph, facts: Json) -> None:
        graph.answers["/debug_token"] = facts
        with pytest.raises(FacebookRefused):
            sign_in()
        assert not User.objects.exists()

    def test_an_app_id_may_be_a_number(self, graph: StandInGraph) -> None:
        graph.answers["/debug_token"] = debug(app_id=int(APP_ID), user_id=int(FB_ID))
        assert sign_in().fb_id == FB_ID

    @pytest.mark.parametrize(
        "answer",
        [
            (400, {"error": {"message": "This authorization code has been used.", "code": 100}}),
            (400, {"error": "invalid_grant"}),
            {"token_type": "bearer"},
            {"access_token": 7},
            {"error": "invalid_client"},
        ],
    )
    def test_a_code_that_gives_no_token_is_refused(self, graph: StandInGraph, answer: Json) -> None:
        graph.answers["/oauth/access_token"] = answer
        with pytest.raises(FacebookRefused):
            sign_in_with_facebook(code=CODE)

    def test_a_users_calls_carry_the_proof_that_the_app_makes_them(self, graph: StandInGraph) -> None:
        sign_in()
        [params] = graph.requests_to("/me")
        assert len(params["appsecret_proof"]) == 64


@pytest.mark.django_db
class TestAGraphInTrouble:
    @pytest.mark.parametrize("path", ["/oauth/access_token", "/debug_token", "/me"])
    @pytest.mark.parametrize(
        "answer",
        [
            (500, {"error": {"message": "oops"}}),
            (503, b""),
            (429, {"error": {"code": 4}}),
            (400, {"error": {"code": 2, "is_transient": True}}),
            (200, b"<html>"),
            (400, b"<html>"),
            (200, b"[" * 100_000),
            [1],
            (200, b" " * 5_000_000),
        ],
        ids=["500", "503", "429", "transient", "html", "html of 400", "deep", "list", "huge"],
    )
    def test_graph_errors_count_as_unavailable(self, graph: StandInGraph, path: str, answer: Json) -> None:
        graph.answers[path] = answer
        with pytest.raises(GraphUnavailable):
            sign_in_with_facebook(code=CODE)
        assert not User.objects.exists()

    def test_an_unreachable_graph_is_unavailable(self, graph: StandInGraph, settings: Settings) -> None:
        with StandInGraph() as other:
            settings.FACEBOOK_GRAPH_URL = other.url
        with pytest.raises(GraphUnavailable):
            sign_in()

    def test_redirects_are_not_followed(self, graph: StandInGraph) -> None:
        with StandInGraph() as other:
            graph.answers["/oauth/access_token"] = 307, {}, [("Location", f"{other.url}/oauth/access_token")]
            with pytest.raises(GraphUnavailable):
                sign_in_with_facebook(code=CODE)
            assert other.requests == []

    @pytest.mark.parametrize("answer", [HANG, DRIP], ids=["silent", "dripping"])
    def test_a_slow_graph_is_unavailable_after_the_deadline(
        self, graph: StandInGraph, monkeypatch: pytest.MonkeyPatch, answer: Json
    ) -> None:
        monkeypatch.setattr(graph_module, "TOTAL_SECONDS", 0.5)
        graph.answers["/me"] = answer
        started = time.monotonic()
        with pytest.raises(GraphUnavailable):
            sign_in()
        assert 0.4 < time.monotonic() - started < 2

    def test_the_timeouts_are_below_ten_seconds(self) -> None:
        assert graph_module.TOTAL_SECONDS < 10
        assert (graph_module.CONNECT_SECONDS, graph_module.READ_SECONDS) == (2, 3)

    @pytest.mark.parametrize("name", ["FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET"])
    def test_without_an_app_no_request_is_sent(self, graph: StandInGraph, settings: Settings, name: str) -> None:
        setattr(settings, name, "")
        with pytest.raises(GraphUnavailable, match="not set up"):
            sign_in()
        assert graph.requests == []


@pytest.mark.django_db(transaction=True)
def test_concurrent_first_sign_ins_create_one_user(graph: StandInGraph) -> None:
    together, users = threading.Barrier(8), []

    def enter() -> None:
        together.wait()
        users.append(sign_in().pk)
        connections.close_all()

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(users) == 8
    assert len(set(users)) == User.objects.count() == 1
