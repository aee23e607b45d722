"""Browsers that are subscribed to a user's pushes, and what they are sent."""

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from accounts.messaging import MessageNotSent, RecipientGone, memory
from accounts.messaging.memory import MemoryBackend
from accounts.models import Message, PushSubscription, User
from accounts.services import (
    delete_user,
    queue_push,
    send_due_messages,
    set_pushes_wanted,
    subscribe_browser,
    unsubscribe_browser,
)
from accounts.services.web_push import MAX_SUBSCRIPTIONS
from accounts.tests.web_browser import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return User.objects.create_user(name="Reader")


def push(*users: User, body: str = "Hello") -> None:
    queue_push(users=users, body=body, data={"album_id": "1"})


def test_each_browser_gets_the_push_and_so_does_the_phone(reader: User) -> None:
    reader.push_notif_token = "device"
    reader.save()
    for name in ("a", "b"):
        Browser(endpoint=f"https://push.test/{name}").subscribe(reader)
    push(reader)
    assert send_due_messages() == 3
    assert [message["token"] for message in memory.outbox["push"]] == ["device"]
    assert sorted(str(message["endpoint"]) for message in memory.outbox["web"]) == [
        "https://push.test/a",
        "https://push.test/b",
    ]
    push(reader)  # repeated within a minute
    assert send_due_messages() == 0


def test_who_wants_no_pushes_gets_none_in_any_browser(reader: User) -> None:
    Browser().subscribe(reader)
    push(reader)
    set_pushes_wanted(user=reader, wanted=False)
    assert send_due_messages() == 0
    assert not Message.objects.exists()
    push(reader, body="Another")
    assert not Message.objects.exists()


def test_a_browser_that_is_gone_is_forgotten_with_its_messages(
    reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise RecipientGone("gone")

    monkeypatch.setattr(MemoryBackend, "send", gone)
    Browser().subscribe(reader)
    push(reader)
    assert send_due_messages() == 0
    assert not PushSubscription.objects.exists()
    assert not Message.objects.exists()


def test_a_push_service_in_trouble_is_tried_again(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def trouble(*_: object) -> None:
        raise MessageNotSent("busy", retry=True)

    monkeypatch.setattr(MemoryBackend, "send", trouble)
    Browser().subscribe(reader)
    push(reader)
    assert send_due_messages() == 0
    assert PushSubscription.objects.count() == 1
    assert Message.objects.get().failed_at is None


def test_a_browser_is_one_users_at_a_time(reader: User) -> None:
    other, browser = User.objects.create_user(), Browser()
    browser.subscribe(reader)
    browser.subscribe(other)
    assert PushSubscription.objects.get().user == other
    assert not unsubscribe_browser(user=reader, endpoint=browser.endpoint)
    assert unsubscribe_browser(user=other, endpoint=browser.endpoint)
    assert not unsubscribe_browser(user=other, endpoint=browser.endpoint)


def test_the_oldest_of_too_many_browsers_is_dropped(reader: User) -> None:
    for number in range(MAX_SUBSCRIPTIONS + 1):
        Browser(endpoint=f"https://push.test/{number}").subscribe(reader)
    left = set(PushSubscription.objects.values_list("endpoint", flat=True))
    assert len(left) == MAX_SUBSCRIPTIONS
    assert "https://push.test/0" not in left


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "push.test",
        "http://push.test/a",
        "ftp://push.test/a",
        "javascript:alert(1)",
        "https://me:secret@push.test/a",
        "https://push.test:8443/a",
        "https://push.test:x/a",
        "https://localhost/a",
        "https://app.localhost/a",
        "https://intranet/a",
        "https://127.0.0.1/a",
        "https://10.1.2.3/a",
        "https://169.254.169.254/latest",
        "https://[::1]/a",
        "https://[fd00::1]/a",
        "https://[::ffff:10.0.0.1]/a",
        "https://[::",
        "https://push.test/ a",
        "https://push.test/\n",
        "https://push.test/" + "a" * 2000,
    ],
)
def test_an_endpoint_is_a_public_https_url(reader: User, endpoint: str) -> None:
    with pytest.raises(ValidationError):
        subscribe_browser(user=reader, endpoint=endpoint, **Browser().keys)
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"p256dh": ""},
        {"p256dh": "BAAA"},
        {"p256dh": "B" + "A" * 86},  # no point of the curve
        {"p256dh": "ü"},
        {"auth": ""},
        {"auth": "AAAA"},
        {"auth": "A" * 200},
    ],
)
def test_the_keys_are_those_of_a_browser(reader: User, changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        subscribe_browser(user=reader, endpoint="https://push.test/a", **(Browser().keys | changes))


def test_a_deleted_user_leaves_no_subscription(reader: User) -> None:
    Browser().subscribe(reader)
    push(reader)
    delete_user(user=reader)
    assert not PushSubscription.objects.exists()
    assert not Message.objects.exists()


def test_the_queries_of_a_push_do_not_grow_with_its_readers(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    users = [User.objects.create_user() for _ in range(5)]
    for number, user in enumerate(users):
        Browser(endpoint=f"https://push.test/{number}").subscribe(user)
    with django_assert_num_queries(5):  # savepoint, browsers, recent messages, insertion, release
        push(*users)
    assert Message.objects.count() == 5
