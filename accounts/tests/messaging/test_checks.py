from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.messaging.checks import check_messaging

FILE = "accounts.messaging.file.FileBackend"
TWILIO = "accounts.messaging.twilio.TwilioBackend"
FCM = "accounts.messaging.fcm.FcmBackend"


@pytest.fixture(autouse=True)
def no_gateways(settings: Settings) -> None:
    settings.SMS_BACKEND = settings.PUSH_BACKEND = FILE
    settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = settings.TWILIO_FROM = settings.FCM_CREDENTIALS = ""


def errors() -> list[tuple[str | None, str]]:
    return [(error.id, error.msg) for error in check_messaging(None)]


def test_the_defaults_have_no_errors() -> None:
    assert errors() == []


def test_every_missing_credential_is_named(settings: Settings) -> None:
    settings.SMS_BACKEND, settings.PUSH_BACKEND = TWILIO, FCM
    assert [(id_, message.split()[0]) for id_, message in errors()] == [
        ("messaging.E003", "TWILIO_ACCOUNT_SID"),
        ("messaging.E003", "TWILIO_AUTH_TOKEN"),
        ("messaging.E003", "TWILIO_FROM"),
        ("messaging.E003", "FCM_CREDENTIALS"),
    ]


def test_complete_credentials_pass(settings: Settings, tmp_path: Path) -> None:
    settings.SMS_BACKEND, settings.PUSH_BACKEND = TWILIO, FCM
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = (
        "AC1",
        "secret",
        "+15005550006",
    )
    settings.FCM_CREDENTIALS = str(tmp_path / "account.json")
    assert [id_ for id_, _ in errors()] == ["messaging.E004"]
    (tmp_path / "account.json").write_text("{}")
    assert errors() == []


@pytest.mark.parametrize(
    "path", ["accounts.messaging.file.Nothing", "no.such.module", "json.dumps", "json.JSONEncoder"]
)
def test_a_path_that_is_no_backend_is_an_error(settings: Settings, path: str) -> None:
    settings.SMS_BACKEND = path
    [(id_, message)] = errors()
    assert id_ == "messaging.E001"
    assert path in message
    assert message.startswith("SMS_BACKEND")


def test_a_backend_of_the_other_channel_is_an_error(settings: Settings) -> None:
    settings.SMS_BACKEND, settings.PUSH_BACKEND = FCM, TWILIO
    assert [id_ for id_, _ in errors()] == ["messaging.E002", "messaging.E002"]
