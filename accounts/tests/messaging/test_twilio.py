import base64
import logging
import time
import traceback

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.messaging import MessageNotSent, get_sms_backend
from accounts.tests.messaging.stand_in import StandIn

SID, AUTH_TOKEN, SENDER = "AC" + "0" * 32, "the-auth-token", "+15005550006"
PATH = f"/2010-04-01/Accounts/{SID}/Messages.json"
MESSAGE = {"to": "972522934321", "body": "Your code is 864209"}
ACCEPTED = (201, {"sid": "SM" + "1" * 32, "status": "queued", "body": MESSAGE["body"]})


@pytest.fixture(autouse=True)
def twilio_settings(settings: Settings, gateway: StandIn) -> None:
    settings.SMS_BACKEND = "accounts.messaging.twilio.TwilioBackend"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = SID, AUTH_TOKEN, SENDER
    settings.TWILIO_API_URL = gateway.url
    settings.MESSAGE_TIMEOUT_SECONDS = 5


def failure_of_sending() -> MessageNotSent:
    with pytest.raises(MessageNotSent) as caught:
        get_sms_backend().send(MESSAGE)
    return caught.value


def test_a_message_reaches_twilio_with_its_fields_and_our_credentials(gateway: StandIn) -> None:
    gateway.answers[PATH] = ACCEPTED
    get_sms_backend().send(MESSAGE)
    [request] = gateway.received
    assert request.form == {"To": "+972522934321", "From": SENDER, "Body": MESSAGE["body"]}
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(f"{SID}:{AUTH_TOKEN}".encode()).decode()


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refused_recipient_is_not_retried(gateway: StandIn, status: int) -> None:
    gateway.answers[PATH] = (
        status,
        {"code": 21211, "message": "'To' +972522934321 is not valid", "status": status},
    )
    assert failure_of_sending().retry is False
    assert len(gateway.received) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_only_temporary_gateway_errors_may_be_retried(gateway: StandIn, status: int) -> None:
    gateway.answers[PATH] = (status, b"<html>not JSON</html>")
    assert failure_of_sending().retry is True
    assert len(gateway.received) == 1


@pytest.mark.parametrize("answer", [(201, b"<html>"), (201, ["sid"]), (500, "trouble"), (502, ["trouble"])])
def test_an_unreadable_answer_counts_as_not_sent(
    gateway: StandIn, answer: tuple[int, bytes | list[str] | str]
) -> None:
    gateway.answers[PATH] = answer
    assert failure_of_sending().retry is True


def test_a_hanging_gateway_raises_after_the_timeout(gateway: StandIn, settings: Settings) -> None:
    settings.MESSAGE_TIMEOUT_SECONDS = 0.3
    gateway.answers[PATH] = None
    started = time.monotonic()
    assert failure_of_sending().retry is True
    assert 0.3 <= time.monotonic() - started < 3


def test_an_unreachable_gateway_may_be_retried(settings: Settings, closed_port_url: str) -> None:
    settings.TWILIO_API_URL = closed_port_url
    assert failure_of_sending().retry is True


@pytest.mark.parametrize("answer", [ACCEPTED, (400, {"code": 21211, "message": f"{MESSAGE}"}), (500, b"oops")])
def test_neither_log_nor_exception_shows_message_or_credentials(
    gateway: StandIn, caplog: pytest.LogCaptureFixture, answer: tuple[int, bytes | dict[str, int | str]]
) -> None:
    caplog.set_level(logging.INFO)
    gateway.answers[PATH] = answer
    shown = ""
    try:
        get_sms_backend().send(MESSAGE)
    except MessageNotSent as error:
        shown = "".join(traceback.format_exception(error))
    for secret in ("864209", "2522934321", AUTH_TOKEN, SID):
        assert secret not in caplog.text + shown


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
def test_a_missing_credential_is_named(settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    with pytest.raises(ImproperlyConfigured, match=name):
        get_sms_backend()
