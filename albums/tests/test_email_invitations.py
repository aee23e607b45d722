"""Invitations by e-mail: each address gets a link of its own, and whoever verifies the address claims it."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Message
from accounts.services import RateLimitExceeded, delete_user, send_due_messages, verify_email
from albums.models import Album, Invitation
from albums.selectors import invitation_by_link, invited_phones, members_of
from albums.services import (
    claim_missed_invitations,
    create_album,
    invite_emails,
    invite_phones,
    remove_guest,
    resend_invitation,
    uninvite_phones,
)
from conftest import Person, committing
from core.tests.answers import Json

EMAIL, OTHER = "anna@example.org", "ben@example.org"


@pytest.fixture
def album(owner: Person) -> Album:
    return create_album(owner=owner.user, name="Summer")


def invite(album: Album, *emails: str) -> list[str]:
    with committing():
        return invite_emails(album=album, emails=emails).invited


def token_in(message: EmailMessage, settings: Settings) -> str:
    before, _, token = str(message.body).strip().rpartition("/i/")
    assert before.endswith(str(settings.PUBLIC_URL))
    return token


def test_each_address_gets_an_email_with_a_link_of_its_own(settings: Settings, album: Album) -> None:
    assert invite(album, EMAIL, OTHER, EMAIL) == [EMAIL, OTHER]
    assert [message.to for message in mail.outbox] == [[EMAIL], [OTHER]]
    assert mail.outbox[0].subject == "Owner invited you to the album “Summer”"
    for message, email in zip(mail.outbox, (EMAIL, OTHER), strict=True):
        assert invitation_by_link(token_in(message, settings)).email == email
    assert token_in(mail.outbox[0], settings) not in str([*Message.objects.values(), *Invitation.objects.values()])


def test_no_address_is_a_phone_in_any_api(album: Album, owner: Person) -> None:
    invite(album, EMAIL)
    assert invited_phones(album) == []
    answer = owner.get(f"/albums/{album.pk}").text
    assert EMAIL not in answer
    assert owner.post(f"/albums/{album.pk}/invite_phones", {"phones[]": "12025550144"}).json()[
        "updated_album_phones"
    ] == ["12025550144"]
    assert EMAIL not in owner.get(f"/v1/Group/{album.pk}").text


def test_words_of_users_bring_no_line_and_no_link_into_an_email(album: Album, owner: Person) -> None:
    Album.objects.filter(pk=album.pk).update(name="Win\r\nBcc: all@example.org https://evil.example/")
    owner.user.name = "Free\nmoney"
    owner.user.save()
    album = Album.objects.select_related("owner").get()
    invite(album, EMAIL)
    (message,) = mail.outbox
    assert "\n" not in message.subject
    assert message.recipients() == [EMAIL]
    assert "https://evil" not in f"{message.subject} {message.body}"


def test_inviting_twice_sends_nothing_twice(album: Album) -> None:
    assert invite(album, EMAIL) == [EMAIL]
    assert invite(album, EMAIL) == []
    assert len(mail.outbox) == 1


def test_an_expired_one_is_renewed_and_the_old_link_stays_dead(settings: Settings, album: Album) -> None:
    invite(album, EMAIL)
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        invite(album, EMAIL)
        old, new = (token_in(message, settings) for message in mail.outbox)
        assert invitation_by_link(new).email == EMAIL
        with pytest.raises(Invitation.DoesNotExist):
            invitation_by_link(old)


def test_a_withdrawn_invitation_sends_no_email(album: Album) -> None:
    invite_emails(album=album, emails=[EMAIL])
    remove_guest(invitation=Invitation.objects.get())
    assert send_due_messages() == 0
    assert (mail.outbox, Message.objects.exists()) == ([], False)


def test_removing_phones_removes_no_address(album: Album) -> None:
    invite(album, EMAIL)
    uninvite_phones(album=album, phones=["12025550144"])
    assert Invitation.objects.live().exists()


def test_limits_invite_nobody(settings: Settings, album: Album) -> None:
    settings.EMAILS_BY_USER_PER_HOUR = 2
    with pytest.raises(RateLimitExceeded):
        invite(album, EMAIL, OTHER, "cleo@example.org")
    assert not Invitation.objects.exists()
    settings.EMAILS_BY_USER_PER_HOUR, settings.EMAILS_PER_HOUR = 20, 1
    with pytest.raises(RateLimitExceeded):
        invite(album, EMAIL, OTHER)
    assert mail.outbox == []


def test_an_address_that_got_too_many_is_left_in_peace(settings: Settings, album: Album) -> None:
    settings.EMAILS_TO_ADDRESS_PER_HOUR = 1
    invite(album, EMAIL)
    assert not resend_invitation(invitation=Invitation.objects.get())
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (SMTPServerDisconnected("gone"), False),
        (ConnectionRefusedError("no"), False),
        (SMTPRecipientsRefused({EMAIL: (550, b"no such user")}), True),
    ],
)
def test_what_the_mail_server_does_not_take_is_tried_again_unless_it_never_will(
    album: Album, monkeypatch: pytest.MonkeyPatch, error: Exception, final: bool
) -> None:
    def fail(self: EmailMessage, fail_silently: bool = False) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", fail)
    invite(album, EMAIL)
    message = Message.objects.get()
    assert message.sent_at is None
    assert (message.failed_at is not None) == final
    monkeypatch.undo()
    Message.objects.filter(failed_at=None).update(next_try_at=timezone.now())
    assert send_due_messages() == (0 if final else 1)


def test_the_pushes_and_sms_of_others_have_nothing_to_do_with_it(
    album: Album, sms: list[dict[str, Json]], pushes: list[dict[str, Json]]
) -> None:
    sms.clear()
    invite(album, EMAIL)
    assert (sms, pushes) == ([], [])


def test_whoever_verifies_the_address_is_a_member_and_nobody_else(
    album: Album, member: Person, stranger: Person
) -> None:
    invite(album, EMAIL)
    verify_email(user=stranger.user, email=OTHER)
    assert set(members_of(album)) == {album.owner}
    verify_email(user=member.user, email=EMAIL)
    assert set(members_of(album)) == {album.owner, member.user}
    verify_email(user=stranger.user, email=EMAIL)
    assert set(members_of(album)) == {album.owner, member.user}


def test_a_user_of_the_address_is_a_member_at_once_and_gets_a_push_and_an_email(
    album: Album, member: Person, pushes: list[dict[str, Json]]
) -> None:
    verify_email(user=member.user, email=EMAIL)
    invite(album, EMAIL)
    assert member.user in members_of(album)
    assert [push["to"] for push in pushes] == [member.id]
    assert "/i/" in pushes[0]["data"]["link"]
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_who_is_in_by_phone_is_not_invited_once_more(album: Album, member: Person) -> None:
    invite_phones(album=album, phones=[member.phone])
    verify_email(user=member.user, email=EMAIL)
    with committing():
        outcome = invite_emails(album=album, emails=[EMAIL])
    assert (outcome.invited, outcome.already) == ([], [EMAIL])
    assert (Invitation.objects.count(), mail.outbox) == (1, [])


def test_the_owners_own_address_is_not_invited(album: Album, owner: Person) -> None:
    verify_email(user=owner.user, email=EMAIL)
    album.owner.refresh_from_db()
    with committing():
        assert invite_emails(album=album, emails=[EMAIL]).own == [EMAIL]
    assert not Invitation.objects.exists()


def test_who_was_removed_comes_back_when_invited_again(album: Album, member: Person) -> None:
    invite(album, EMAIL)
    verify_email(user=member.user, email=EMAIL)
    remove_guest(invitation=Invitation.objects.get())
    verify_email(user=member.user, email=EMAIL)
    assert member.user not in members_of(album)
    invite(album, EMAIL)
    assert member.user in members_of(album)


def test_an_invitation_created_while_its_address_is_verified_is_claimed_by_the_sweep(
    album: Album, member: Person
) -> None:
    verify_email(user=member.user, email=EMAIL)
    Invitation.objects.create(album=album, email=EMAIL)
    claim_missed_invitations()
    assert member.user in members_of(album)


def test_messages_to_a_deleted_user_are_deleted(album: Album, member: Person) -> None:
    verify_email(user=member.user, email=EMAIL)
    invite_emails(album=album, emails=[EMAIL])
    delete_user(user=member.user)
    assert not Message.objects.filter(email=EMAIL).exists()
