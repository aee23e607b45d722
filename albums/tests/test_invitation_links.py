"""Invitations are sent with a link of their own, made when the message is sent."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Message
from accounts.services import send_due_messages, verify_phone
from albums.models import Album, Invitation
from albums.selectors import invitation_by_link
from albums.services import (
    create_album,
    delete_album,
    invite_phones,
    leave_album,
    remove_invitations,
    restore_albums,
    uninvite_phones,
)
from albums.services.links import invitation_link
from conftest import Person, committing
from core.tests.answers import Json

PHONE, OTHER = "12025550144", "12025550145"


@pytest.fixture
def album(owner: Person) -> Album:
    return create_album(owner=owner.user, name="Summer")


def invite(album: Album, *phones: str) -> None:
    with committing():
        invite_phones(album=album, phones=phones)


def token_in(message: dict[str, Json], settings: Settings) -> str:
    """The token of the link at the end of an SMS."""
    link = message["body"].split()[-1]
    assert link.startswith(f"{settings.PUBLIC_URL}/i/")
    return str(link.rpartition("/")[2])


def opens(token: str) -> Album | None:
    try:
        return invitation_by_link(token).album
    except Invitation.DoesNotExist:
        return None


def test_each_sms_has_a_link_of_its_own(
    settings: Settings, owner: Person, album: Album, sms: list[dict[str, Json]]
) -> None:
    sms.clear()
    invite(album, PHONE, OTHER)
    tokens = {message["to"]: token_in(message, settings) for message in sms}
    assert tokens.keys() == {PHONE, OTHER}
    assert len(set(tokens.values())) == 2
    for phone, token in tokens.items():
        assert invitation_by_link(token).phone == phone
        assert len(token) == 24
    assert "Owner invited you to the album" in sms[0]["body"]
    assert "invite_page" not in sms[0]["body"]


def test_a_push_has_the_link_in_its_data(
    settings: Settings, member: Person, album: Album, pushes: list[dict[str, Json]]
) -> None:
    invite(album, member.phone)
    (push,) = pushes
    assert set(push["data"]) == {"album_id", "type", "link"}
    token = push["data"]["link"].removeprefix(f"{settings.PUBLIC_URL}/i/")
    assert invitation_by_link(token).claimed_by == member.user
    assert token not in push["body"]


def test_other_pushes_have_none(
    owner: Person, member: Person, album: Album, pushes: list[dict[str, Json]]
) -> None:
    invite(album, member.phone)
    pushes.clear()
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert [set(push["data"]) for push in pushes] == [{"album_id", "type"}]


def test_no_token_is_stored(settings: Settings, album: Album, sms: list[dict[str, Json]]) -> None:
    sms.clear()
    invite(album, PHONE)
    token = token_in(sms[0], settings)
    for row in (*Message.objects.values(), *Invitation.objects.values()):
        assert token not in str(row)


def test_no_token_is_logged(
    settings: Settings, album: Album, sms: list[dict[str, Json]], caplog: pytest.LogCaptureFixture
) -> None:
    sms.clear()
    with caplog.at_level(logging.DEBUG):
        invite(album, PHONE)
    assert token_in(sms[0], settings) not in caplog.text


def test_a_message_that_is_sent_again_has_the_same_link(album: Album, sms: list[dict[str, Json]]) -> None:
    sms.clear()
    invite(album, PHONE)
    Message.objects.update(sent_at=None, next_try_at=timezone.now())
    assert send_due_messages() == 1
    assert sms[0] == sms[1]


def test_a_link_still_works_after_the_invitation_was_claimed(
    settings: Settings, member: Person, album: Album, sms: list[dict[str, Json]]
) -> None:
    sms.clear()
    invite(album, PHONE)
    verify_phone(user=member.user, phone=PHONE)
    assert opens(token_in(sms[0], settings)) == album


def join_and_leave(album: Album, member: Person) -> None:
    verify_phone(user=member.user, phone=PHONE)
    leave_album(album=album, user=member.user)


@pytest.mark.parametrize(
    "remove",
    [
        lambda album, member: uninvite_phones(album=album, phones=[PHONE]),
        lambda album, member: remove_invitations(invitations=Invitation.objects.all()),
        join_and_leave,
        lambda album, member: Invitation.objects.all().delete(),
        lambda album, member: delete_album(album=album),
    ],
)
def test_a_link_is_dead_as_soon_as_the_invitation_is_removed(
    settings: Settings, member: Person, album: Album, sms: list[dict[str, Json]], remove: object
) -> None:
    sms.clear()
    invite(album, PHONE)
    token = token_in(sms[0], settings)
    assert opens(token) == album
    assert callable(remove)
    remove(album, member)
    assert opens(token) is None


def test_who_is_invited_again_gets_a_new_link_and_the_old_one_stays_dead(
    settings: Settings, album: Album, sms: list[dict[str, Json]]
) -> None:
    sms.clear()
    invite(album, PHONE)
    uninvite_phones(album=album, phones=[PHONE])
    invite(album, PHONE)
    old, new = (token_in(message, settings) for message in sms)
    assert (opens(old), opens(new)) == (None, album)


def test_inviting_a_phone_twice_sends_nothing_twice(album: Album, sms: list[dict[str, Json]]) -> None:
    sms.clear()
    invite(album, PHONE)
    invite(album, PHONE)
    assert len(sms) == 1


def test_a_link_expires_and_the_phone_can_be_invited_again(
    settings: Settings, album: Album, sms: list[dict[str, Json]]
) -> None:
    settings.INVITATION_LINK_DAYS = 3
    sms.clear()
    invite(album, PHONE)
    token = token_in(sms[0], settings)
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=-5)):
        assert opens(token) == album
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=5)):
        assert opens(token) is None
        invite(album, PHONE)
        assert len(sms) == 2
        assert (opens(token), opens(token_in(sms[1], settings))) == (None, album)


def test_a_link_is_alive_again_with_its_album(
    settings: Settings, album: Album, sms: list[dict[str, Json]]
) -> None:
    sms.clear()
    invite(album, PHONE)
    delete_album(album=album)
    restore_albums(albums=Album.objects.filter(pk=album.pk))
    assert opens(token_in(sms[0], settings)) == album


def test_an_invitation_that_was_removed_before_its_sms_was_sent_sends_none(
    album: Album, sms: list[dict[str, Json]]
) -> None:
    sms.clear()
    invite_phones(album=album, phones=[PHONE])
    uninvite_phones(album=album, phones=[PHONE])
    assert send_due_messages() == 0
    assert (sms, Message.objects.filter(phone=PHONE).exists()) == ([], False)


def test_links_that_are_sent_after_the_secret_key_was_changed_work(settings: Settings, album: Album) -> None:
    invite(album, PHONE)
    invitation = Invitation.objects.get()
    settings.SECRET_KEY = "another " * 10
    link = invitation_link(str(invitation.pk))
    assert link
    assert opens(link.rpartition("/")[2]) == album


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.swapcase(), lambda t: ""])
def test_another_token_opens_nothing(
    settings: Settings, album: Album, sms: list[dict[str, Json]], change: object
) -> None:
    sms.clear()
    invite(album, PHONE)
    assert callable(change)
    assert opens(change(token_in(sms[0], settings))) is None


def test_invitations_of_an_older_version_have_no_link(album: Album) -> None:
    invitation = Invitation.objects.create(album=album, phone=PHONE)
    assert invitation_link(str(invitation.pk)) is None
    assert opens("") is None
