import json
import logging
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.messaging import MessageNotSent, fcm, get_push_backend
from accounts.messaging.transport import GatewayAdapter
from accounts.tests.messaging.stand_in import Reply, StandIn

PATH = "/v1/projects/pickeez-test/messages:send"
ALBUM_ID = UUID("01890000-0000-7000-8000-000000000001")
MESSAGE = {
    "to": "01890000-0000-7000-8000-000000000002",
    "token": "the-device-token",
    "body": "New photos in Garden party",
    "data": {"album_id": ALBUM_ID, "photos": 3},
}
ACCESS_TOKEN = "the-access-token"
SENT = (200, {"name": "projects/pickeez-test/messages/1"})


def refusal(status: int, code: str, fcm_code: str | None = None) -> Reply:
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    details = [{"@type": kind, "errorCode": fcm_code}] if fcm_code else []
    return status, {"error": {"code": status, "message": f"{MESSAGE}", "status": code, "details": details}}


@pytest.fixture(scope="module")
def private_key() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
def fcm_settings(settings: Settings, gateway: StandIn, private_key: RSAPrivateKey, tmp_path: Path) -> None:
    pem = private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "project_id": "pickeez-test",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "sender@pickeez-test.example",
        "token_uri": f"{gateway.url}/token",
    }
    credentials = tmp_path / "service-account.json"
    credentials.write_text(json.dumps(account))
    settings.PUSH_BACKEND = "accounts.messaging.fcm.FcmBackend"
    settings.FCM_CREDENTIALS, settings.FCM_API_URL = str(credentials), gateway.url
    settings.MESSAGE_TIMEOUT_SECONDS = 5
    gateway.answers["/token"] = (
        200,
        {"access_token": ACCESS_TOKEN, "expires_in": 3600, "token_type": "Bearer"},
    )


def failure_of_sending(message: Mapping[str, object] = MESSAGE) -> MessageNotSent:
    with pytest.raises(MessageNotSent) as caught:
        get_push_backend().send(message)
    return caught.value


def test_a_push_reaches_fcm_with_its_fields_and_an_access_token(gateway: StandIn) -> None:
    gateway.answers[PATH] = SENT
    get_push_backend().send(MESSAGE)
    [request] = gateway.received_at(PATH)
    assert request.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"
    assert request.json["message"] == {
        "token": "the-device-token",
        "notification": {"body": MESSAGE["body"]},
        "data": {"album_id": str(ALBUM_ID), "photos": "3"},
    }


def test_the_access_token_is_asked_for_by_the_service_account_once(
    gateway: StandIn, private_key: RSAPrivateKey
) -> None:
    gateway.answers[PATH] = SENT
    get_push_backend().send(MESSAGE)
    get_push_backend().send(MESSAGE)
    [request] = gateway.received_at("/token")
    claims = jwt.decode(
        request.form["assertion"], private_key.public_key(), ["RS256"], options={"verify_aud": False}
    )
    assert claims["iss"] == "sender@pickeez-test.example"
    assert len(gateway.received_at(PATH)) == 2


def test_a_push_without_data_is_sent(gateway: StandIn) -> None:
    gateway.answers[PATH] = SENT
    get_push_backend().send({key: value for key, value in MESSAGE.items() if key != "data"})
    assert len(gateway.received_at(PATH)) == 1


@pytest.mark.parametrize(
    "answer",
    [refusal(404, "NOT_FOUND", "UNREGISTERED"), refusal(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
     refusal(400, "INVALID_ARGUMENT"), refusal(401, "UNAUTHENTICATED")],
)  # fmt: skip
def test_a_refused_device_is_not_retried(gateway: StandIn, answer: Reply) -> None:
    gateway.answers[PATH] = answer
    assert failure_of_sending().retry is False


@pytest.mark.parametrize(
    "answer",
    [refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), refusal(500, "INTERNAL", "INTERNAL"), (502, b"<html>"),
     refusal(503, "UNAVAILABLE", "UNAVAILABLE")],
)  # fmt: skip
def test_only_temporary_gateway_errors_may_be_retried(gateway: StandIn, answer: Reply) -> None:
    gateway.answers[PATH] = answer
    assert failure_of_sending().retry is True
    assert len(gateway.received_at(PATH)) == 1


@pytest.mark.parametrize(
    "answer", [(200, b"<html>"), (200, {}), (200, []), (500, {"error": "trouble"}), (502, ["trouble"])]
)
def test_an_unreadable_answer_counts_as_not_sent(gateway: StandIn, answer: Reply) -> None:
    gateway.answers[PATH] = answer
    assert failure_of_sending().retry is True


@pytest.mark.parametrize("hanging", [PATH, "/token"])
def test_a_hanging_gateway_raises_after_the_timeout(gateway: StandIn, settings: Settings, hanging: str) -> None:
    settings.MESSAGE_TIMEOUT_SECONDS = 0.3
    gateway.answers[PATH] = SENT
    gateway.answers[hanging] = None
    started = time.monotonic()
    assert failure_of_sending().retry is True
    assert 0.3 <= time.monotonic() - started < 3


def test_an_unreachable_gateway_may_be_retried(settings: Settings, closed_port_url: str) -> None:
    settings.FCM_API_URL = closed_port_url
    assert failure_of_sending().retry is True


def test_refused_credentials_may_be_retried(gateway: StandIn) -> None:
    gateway.answers["/token"] = (400, {"error": "invalid_grant"})
    assert failure_of_sending().retry is True
    assert gateway.received_at(PATH) == []


def test_a_message_that_the_client_library_refuses_is_not_retried(gateway: StandIn) -> None:
    assert failure_of_sending({**MESSAGE, "token": ""}).retry is False
    assert gateway.received == []


@pytest.mark.parametrize("answer", [SENT, refusal(404, "NOT_FOUND", "UNREGISTERED"), (500, b"oops")])
def test_neither_log_nor_exception_shows_message_or_credentials(
    gateway: StandIn, caplog: pytest.LogCaptureFixture, answer: Reply
) -> None:
    caplog.set_level(logging.INFO)
    gateway.answers[PATH] = answer
    shown = ""
    try:
        get_push_backend().send(MESSAGE)
    except MessageNotSent as error:
        shown = "".join(traceback.format_exception(error))
    for secret in ("Garden party", "the-device-token", ACCESS_TOKEN, "PRIVATE KEY"):
        assert secret not in caplog.text + shown


@pytest.mark.parametrize("content", [None, "", "{}", '{"type": "authorized_user"}'])
def test_an_unusable_credentials_file_is_named(settings: Settings, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "other.json"
    settings.FCM_CREDENTIALS = str(path)
    if content is not None:
        path.write_text(content)
    with pytest.raises(ImproperlyConfigured, match="FCM_CREDENTIALS"):
        get_push_backend().send(MESSAGE)


def test_missing_credentials_are_named(settings: Settings) -> None:
    settings.FCM_CREDENTIALS = ""
    with pytest.raises(ImproperlyConfigured, match="FCM_CREDENTIALS"):
        get_push_backend()


def test_firebase_still_has_its_private_session() -> None:
    """`session_of` uses private names of firebase_admin: when they change, pushes ignore FCM_API_URL."""
    session = fcm.session_of(fcm._current_app())
    assert isinstance(session, requests.Session)
    assert isinstance(session.get_adapter("https://fcm.googleapis.com/v1/projects"), GatewayAdapter)
