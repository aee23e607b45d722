"""Stored messages are sent once, tried again when that fails, and fail after the last try."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from time_machine import Traveller

from accounts.messaging import MessageNotSent
from accounts.messaging.memory import MemoryBackend
from accounts.models import Message, User
from accounts.services import delete_old_codes_and_messages, messages, queue_push, queue_sms, send_due_messages
from accounts.tasks import deliver_messages
from core.tests.answers import Json

PHONE = "12025550199"
pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return User.objects.create_user(name="Reader", push_notif_token="device")


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


class Gateway:
    """A gateway that records messages, or raises `trouble`."""

    def __init__(self) -> None:
        self.trouble: Exception | None = MessageNotSent("away", retry=True)
        self.tried: list[dict[str, object]] = []


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Replaces the backends by a gateway that records what is sent and raises its `trouble`."""
    gateway = Gateway()

    def send(_backend: MemoryBackend, message: dict[str, object]) -> None:
        gateway.tried.append(dict(message))
        if gateway.trouble:
            raise gateway.trouble

    monkeypatch.setattr(MemoryBackend, "send", send)
    return gateway


def push(*users: User, body: str = "Hello", **data: object) -> None:
    queue_push(users=users, body=body, data=data)


def test_a_push_contains_user_device_text_and_data(reader: User, pushes: list[dict[str, Json]]) -> None:
    push(reader, body="New photos in “Summer”", album_id="1")
    assert send_due_messages() == 1
    assert pushes == [
        {"to": str(reader.pk), "token": "device", "body": "New photos in “Summer”", "data": {"album_id": "1"}}
    ]


def test_an_sms_contains_phone_and_text(sms: list[dict[str, Json]]) -> None:
    queue_sms(phones=[PHONE, "555"], body="Come")
    assert send_due_messages() == 2
    assert sorted(sms, key=lambda message: message["to"]) == [
        {"to": PHONE, "body": "Come"},
        {"to": "555", "body": "Come"},
    ]


def test_a_message_is_sent_when_its_change_commits(
    sms: list[dict[str, Json]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        queue_sms(phones=[PHONE], body="Come")
        assert sms == []
    assert len(sms) == 1


def test_a_message_is_sent_once_however_often_the_task_runs(sms: list[dict[str, Json]]) -> None:
    queue_sms(phones=[PHONE], body="Come")
    for _ in range(3):
        deliver_messages()
    assert len(sms) == 1


def test_two_workers_never_send_the_same_message(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    def send(_backend: MemoryBackend, message: dict[str, str]) -> None:
        sent.append(message["to"])
        if len(sent) == 1:  # while this one is on its way, another worker looks at the same list
            assert send_due_messages() == 4

    monkeypatch.setattr(MemoryBackend, "send", send)
    numbers = [f"1202555010{n}" for n in range(5)]
    queue_sms(phones=numbers, body="Come")
    assert send_due_messages() == 1
    assert sorted(sent) == numbers


def test_a_message_that_failed_is_tried_again_at_growing_intervals(gateway: Gateway, clock: Traveller) -> None:
    queue_sms(phones=[PHONE], body="Come")
    waits = []
    for attempt in range(1, 6):
        send_due_messages()
        assert len(gateway.tried) == attempt
        waits.append((Message.objects.get().next_try_at - timezone.now()).total_seconds())
        clock.shift(waits[-1] - 1)
        send_due_messages()
        assert len(gateway.tried) == attempt
        clock.shift(1)
    assert waits == [30, 60, 120, 240, 480]


def test_a_message_fails_after_six_tries(gateway: Gateway, clock: Traveller) -> None:
    queue_sms(phones=[PHONE], body="Come")
    for _ in range(10):
        send_due_messages()
        clock.shift(timedelta(hours=1))
    assert len(gateway.tried) == 6
    message = Message.objects.get()
    assert message.failed_at
    assert message.sent_at is None


def test_a_message_is_sent_when_the_gateway_is_back(gateway: Gateway, clock: Traveller) -> None:
    queue_sms(phones=[PHONE], body="Come")
    send_due_messages()
    gateway.trouble = None
    clock.shift(31)
    assert send_due_messages() == 1
    clock.shift(3600)
    assert send_due_messages() == 0
    assert len(gateway.tried) == 2


def test_a_permanently_refused_recipient_is_not_tried_again(gateway: Gateway, clock: Traveller) -> None:
    gateway.trouble = MessageNotSent("no such number", retry=False)
    queue_sms(phones=[PHONE], body="Come")
    send_due_messages()
    clock.shift(3600)
    send_due_messages()
    assert len(gateway.tried) == 1
    assert Message.objects.get().failed_at


def test_a_message_that_fails_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    def send(_backend: MemoryBackend, message: dict[str, str]) -> None:
        if message["to"] == "555":
            raise MessageNotSent("away", retry=True)
        sent.append(message["to"])

    monkeypatch.setattr(MemoryBackend, "send", send)
    queue_sms(phones=["555", PHONE], body="Come")
    assert send_due_messages() == 1
    assert sent == [PHONE]


def test_a_gateway_that_hangs_is_called_once_in_a_round_and_delays_no_other(
    reader: User, monkeypatch: pytest.MonkeyPatch, clock: Traveller
) -> None:
    asked = []

    def hang(_backend: MemoryBackend, message: dict[str, object]) -> None:
        asked.append(message["to"])
        if message["to"] != str(reader.pk):
            raise MessageNotSent("timed out", retry=True)

    monkeypatch.setattr(MemoryBackend, "send", hang)
    monkeypatch.setattr(messages, "HANGING_SECONDS", -1)
    phones = [f"1202555010{number}" for number in range(5)]
    queue_sms(phones=phones, body="Come")
    push(reader)
    assert send_due_messages() == 1
    assert (len(asked), str(reader.pk) in asked) == (2, True)
    assert Message.objects.filter(tries=0).count() == 4
    send_due_messages()
    assert len(set(asked)) == len(asked) == 3


def test_a_missing_setting_loses_no_message(gateway: Gateway, clock: Traveller) -> None:
    gateway.trouble = ImproperlyConfigured("TWILIO_FROM")
    queue_sms(phones=[PHONE], body="Come")
    send_due_messages()
    gateway.trouble = None
    clock.shift(31)
    assert send_due_messages() == 1


@pytest.mark.parametrize("change", [{"send_push_notifs": False}, {"push_notif_token": ""}])
def test_users_who_want_no_pushes_or_have_no_device_get_none(
    reader: User, pushes: list[dict[str, Json]], change: dict[str, object]
) -> None:
    User.objects.filter(pk=reader.pk).update(**change)
    reader.refresh_from_db()
    push(reader)
    assert not Message.objects.exists()


@pytest.mark.parametrize("change", [{"send_push_notifs": False}, {"push_notif_token": ""}])
def test_queued_pushes_are_dropped_when_a_user_turns_pushes_off(
    reader: User, pushes: list[dict[str, Json]], change: dict[str, object]
) -> None:
    push(reader)
    User.objects.filter(pk=reader.pk).update(**change)
    assert send_due_messages() == 0
    assert pushes == []
    User.objects.filter(pk=reader.pk).update(send_push_notifs=True, push_notif_token="device")
    assert send_due_messages() == 0


def test_a_push_is_sent_to_the_current_device(reader: User, pushes: list[dict[str, Json]]) -> None:
    push(reader)
    User.objects.filter(pk=reader.pk).update(push_notif_token="new device")
    send_due_messages()
    assert [message["token"] for message in pushes] == ["new device"]


@pytest.mark.parametrize(("seconds", "messages"), [(0, 1), (59, 1), (61, 2)])
def test_the_same_push_within_a_minute_is_one(
    reader: User, pushes: list[dict[str, Json]], clock: Traveller, seconds: int, messages: int
) -> None:
    for _ in range(2):
        push(reader, album_id="1")
        send_due_messages()
        clock.shift(seconds)
    assert len(pushes) == messages


def test_pushes_with_another_album_text_or_user_are_different(reader: User, pushes: list[dict[str, Json]]) -> None:
    other = User.objects.create_user(push_notif_token="other device")
    push(reader, album_id="1")
    push(reader, album_id="2")
    push(reader, body="Bye", album_id="1")
    push(reader, other, album_id="1")
    assert send_due_messages() == 4


def test_pushes_are_deleted_with_their_user(reader: User, pushes: list[dict[str, Json]]) -> None:
    push(reader)
    reader.delete()
    assert send_due_messages() == 0
    assert pushes == []


def test_queueing_for_many_users_costs_few_queries(
    django_assert_num_queries: DjangoAssertNumQueries, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    readers = [User.objects.create_user(push_notif_token=str(n)) for n in range(20)]
    with django_assert_max_num_queries(5):
        push(*readers)
    Message.objects.all().delete()
    with django_assert_num_queries(1):
        send_due_messages()


def test_sent_messages_are_deleted_after_a_day(sms: list[dict[str, Json]], clock: Traveller) -> None:
    queue_sms(phones=[PHONE], body="Come")
    send_due_messages()
    delete_old_codes_and_messages()
    assert Message.objects.exists()
    clock.shift(timedelta(days=1, seconds=1))
    delete_old_codes_and_messages()
    assert not Message.objects.exists()


def test_no_log_line_contains_text_phone_or_device(
    reader: User, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    queue_sms(phones=[PHONE], body="the words")
    push(reader, body="the words")
    send_due_messages()
    assert caplog.records
    assert not any(secret in caplog.text for secret in ("the words", PHONE, "device"))
