"""Secrets of signing in with Facebook: tokens are encrypted, states are signed and bound to a browser."""

import logging
import traceback
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings
from time_machine import TimeMachineFixture

from accounts.facebook import FacebookRefused, GraphUnavailable, check_state, new_state
from accounts.models import User
from accounts.services.facebook import sign_in_with_facebook
from accounts.tests.stand_in_graph import (
    APP_SECRET,
    CODE,
    TOKEN,
    StandInGraph,
)
from core.encryption import DecryptionError, decrypt, encrypt


@pytest.fixture
def graph(settings: Settings) -> Iterator[StandInGraph]:
    with StandInGraph() as stand_in:
        stand_in.set_up(settings)
        yield stand_in


def sign_in() -> User:
    return sign_in_with_facebook(access_token=TOKEN)[0]


@pytest.mark.django_db
class TestSecrets:
    def test_facebooks_token_is_stored_encrypted(self, graph: StandInGraph) -> None:
        user = sign_in()
        with connection.cursor() as cursor:
            cursor.execute("SELECT fb_token FROM accounts_user")
            [[stored]] = cursor.fetchall()
        assert len(stored) > len(TOKEN)
        assert TOKEN not in stored
        assert decrypt(stored, purpose=f"accounts.fb_token:{user.pk}") == TOKEN

    def test_a_stored_token_cannot_be_decrypted_in_another_users_row(self, graph: StandInGraph) -> None:
        with pytest.raises(DecryptionError):
            decrypt(sign_in().fb_token, purpose="accounts.fb_token:somebody else")

    def test_a_replaced_key_still_decrypts_while_it_is_a_fallback(self, settings: Settings) -> None:
        encrypted = encrypt("token", purpose="test")
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
        assert decrypt(encrypted, purpose="test") == "token"
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(DecryptionError):
            decrypt(encrypted, purpose="test")

    @pytest.mark.parametrize(
        "trouble",
        [
            None,
            (400, {"error": {"message": f"{TOKEN} {CODE}"}}),
            (500, b""),
            (500, b"", [("X-Malformed", "header\r\nof the Graph's")]),
        ],
    )
    def test_neither_log_nor_error_shows_a_secret(
        self,
        graph: StandInGraph,
        caplog: pytest.LogCaptureFixture,
        trouble: tuple[bytes | dict[str, dict[str, str]] | int | list[tuple[str, str]], ...] | None,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        if trouble:
            graph.answers["/me"] = trouble
        shown = ""
        try:
            sign_in_with_facebook(code=CODE)
        except (FacebookRefused, GraphUnavailable) as error:
            shown = "".join(traceback.format_exception(error))
        assert bool(shown) is bool(trouble)
        for secret in (TOKEN, CODE, APP_SECRET):
            assert secret not in caplog.text + shown


class TestState:
    def test_a_state_is_valid_for_its_own_browser(self) -> None:
        state, nonce = new_state()
        check_state(state=state, nonce=nonce)

    def test_no_two_states_are_equal(self) -> None:
        assert new_state()[1] != new_state()[1]

    def test_another_browsers_nonce_is_refused(self) -> None:
        with pytest.raises(FacebookRefused):
            check_state(state=new_state()[0], nonce=new_state()[1])

    @pytest.mark.parametrize("nonce", ["", "é"])
    def test_no_nonce_is_refused(self, nonce: str) -> None:
        with pytest.raises(FacebookRefused):
            check_state(state=new_state()[0], nonce=nonce)

    def test_a_forged_state_is_refused(self, settings: Settings) -> None:
        settings.SECRET_KEY, key = "somebody else's", settings.SECRET_KEY
        state, nonce = new_state()
        settings.SECRET_KEY = key
        with pytest.raises(FacebookRefused):
            check_state(state=state, nonce=nonce)

    @pytest.mark.parametrize("state", ["", "x", "a:b:c", "::"])
    def test_an_unsigned_state_is_refused(self, state: str) -> None:
        with pytest.raises(FacebookRefused):
            check_state(state=state, nonce=state.partition(":")[0])

    def test_an_old_state_is_refused(self, time_machine: TimeMachineFixture) -> None:
        time_machine.move_to("2026-01-01T12:00:00+00:00", tick=False)
        state, nonce = new_state()
        time_machine.shift(599)
        check_state(state=state, nonce=nonce)
        time_machine.shift(2)
        with pytest.raises(FacebookRefused):
            check_state(state=state, nonce=nonce)
