"""Messages bear the words of whoever causes them, and go with them."""

import pytest

from accounts.models import Message, User
from accounts.services import queue_push, queue_sms
from accounts.services.users import delete_user
from albums.models import Album
from albums.services import invite_phones, mark_done_uploading

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return User.objects.create_user(name="Olga", verified_phone="12025550101")


@pytest.fixture
def guest() -> User:
    return User.objects.create_user(name="Gustav", verified_phone="12025550102", push_notif_token="device")


def test_the_invitations_of_a_deleted_user_go_whether_or_not_they_were_sent(owner: User, guest: User) -> None:
    album = Album.objects.create(owner=owner, name="Wedding")
    invite_phones(album=album, phones=["12025550102", "12025550103"])
    sms = Message.objects.get(phone="12025550103")
    assert "Olga" in sms.body
    Message.objects.filter(channel="push").update(sent_at=sms.created_at)
    delete_user(user=owner)
    assert not Message.objects.exists()


def test_what_a_guest_has_announced_goes_with_the_guest(owner: User, guest: User) -> None:
    owner.push_notif_token = "another device"
    owner.save()
    album = Album.objects.create(owner=owner, name="Wedding")
    mark_done_uploading(album=album, user=guest)
    assert "Gustav" in Message.objects.get(user=owner).body
    delete_user(user=guest)
    assert not Message.objects.exists()


def test_the_messages_of_others_stay(owner: User, guest: User) -> None:
    stranger = User.objects.create_user(name="Sven")
    queue_sms(phones=["12025550103"], body="Sven invited you", sender=stranger)
    queue_push(users=[guest], body="Sven added photos", data={}, caused_by=stranger)
    delete_user(user=owner)
    assert Message.objects.count() == 2
