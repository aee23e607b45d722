"""An owner invites guests by number, sees who has come, and lets them in and out."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Message, User
from accounts.services import verify_phone
from albums.models import Album, Invitation, OpenLink
from albums.selectors import members_of
from albums.services import delete_album, leave_album, set_open_link, uninvite_phones
from conftest import Person, committing
from core.tests.answers import Answer, Json
from photos.tests.builders import place_photo
from pickeez_site.gallery.tests.visitors import JSON, Visitor

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
PHONE, OTHER = "12025550144", "12025550145"


def guests(album: Album, show: str = "") -> str:
    return reverse("gallery:guests", args=[album.pk]) + (f"?show={show}" if show else "")


def invite(album: Album, person: Person, contacts: str) -> Answer:
    with committing():
        return Visitor(person.user).post(guests(album), {"contacts": contacts})


def invited(album: Album) -> set[str]:
    return {row.contact for row in Invitation.objects.live().filter(album=album)}


def do(album: Album, person: Person, invitation: Invitation, what: str) -> Answer:
    with committing():
        return Visitor(person.user).post(reverse("gallery:guest", args=[album.pk, invitation.pk]), {"do": what})


def pages_of(album: Album, invitation: Invitation) -> list[str]:
    return [
        guests(album),
        reverse("gallery:guest", args=[album.pk, invitation.pk]),
        reverse("gallery:remove-guest", args=[album.pk, invitation.pk]),
        reverse("gallery:open-link", args=[album.pk]),
        reverse("gallery:open-link-svg", args=[album.pk]),
    ]


def test_only_the_owner_has_these_pages(album: Album, owner: Person, member: Person, stranger: Person) -> None:
    invitation = Invitation.objects.get()
    for path in pages_of(album, invitation):
        for person in (member, stranger):
            visitor = Visitor(person.user)
            assert visitor.get(path).status_code in (404, 405)
            assert visitor.post(path, {"do": "restore", "contacts": PHONE}).status_code in (404, 405)
        signed_out = Client().get(path)
        assert signed_out.status_code in (303, 405)
    assert invited(album) == {member.phone}
    assert Visitor(owner.user).get(guests(album)).status_code == 200


def test_invitations_of_another_album_are_not_there(album: Album, owner: Person, stranger: Person) -> None:
    other = Album.objects.create(owner=stranger.user)
    foreign = Invitation.objects.create(album=other, phone=PHONE)
    for what in ("resend", "withdraw", "restore", "look"):
        assert do(album, owner, foreign, what).status_code == 404
    assert Visitor(owner.user).get(reverse("gallery:remove-guest", args=[album.pk, foreign.pk])).status_code == 404


def test_a_form_without_its_token_is_refused(album: Album, owner: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.user)
    for path in pages_of(album, Invitation.objects.get())[:4]:
        assert client.post(path, {"contacts": PHONE, "do": "replace"}).status_code == 403
    assert PHONE not in invited(album)


def test_a_pasted_list_with_names_is_read(album: Album, owner: Person, sms: list[dict[str, Json]]) -> None:
    sms.clear()
    marked = "\u200e+972 52 293 4322\u202c"  # as phones copy it from text that runs from right to left
    text = f"Guests:\nAnna +1 202 555 0144\n+1 202 555 0145 - Ben\nדנה 052-293-4321, {marked}\n"
    with committing():
        verify_phone(user=owner.user, phone="972522934320")
    answer = invite(album, owner, text)
    assert answer.status_code == 303
    assert {PHONE, OTHER, "972522934321", "972522934322"} <= invited(album)
    assert len(sms) == 4
    assert all("/i/" in message["body"] for message in sms)


def test_bad_numbers_are_named_and_the_good_ones_are_invited(album: Album, owner: Person) -> None:
    answer = invite(album, owner, f"+{PHONE}\nAunt May\n12 34\n+1 900 555 0100\nanna@@example.org")
    assert answer.status_code == 400
    assert PHONE in invited(album)
    for bad in ("Aunt May", "12 34", "+1 900 555 0100", "anna@@example.org"):
        assert bad in answer.text
    field = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    assert field
    assert "Aunt May" in field[1]
    assert PHONE not in field[1]


def test_a_script_is_told_the_same(album: Album, owner: Person) -> None:
    with committing():
        answer = Visitor(owner.user).post(guests(album), {"contacts": "Aunt May"}, headers=JSON)
    assert answer.status_code == 400
    assert "Aunt May" in answer.json()["error"]


@pytest.mark.parametrize("text", ["", "  \n , ;", "Guests:"])
def test_nobody_to_invite_is_said(album: Album, owner: Person, text: str) -> None:
    answer = invite(album, owner, text)
    assert answer.status_code == 400
    assert "Please type phone numbers" in answer.text


def test_more_than_an_hour_allows_invites_nobody_and_keeps_the_list(
    settings: Settings, album: Album, owner: Person, member: Person
) -> None:
    settings.SMS_BY_USER_PER_HOUR = 50
    text = "\n".join(f"+1202555{number:04}" for number in range(500))
    answer = invite(album, owner, text)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "3600"
    assert "Only 50 messages are possible within an hour" in answer.text
    assert "+12025550499" in answer.text
    assert invited(album) == {member.phone}


def test_five_hundred_and_one_are_too_many(album: Album, owner: Person) -> None:
    answer = invite(album, owner, "\n".join(f"+1202555{number:04}" for number in range(501)))
    assert answer.status_code == 400
    assert "at most 500" in answer.text
    assert invite(album, owner, "x" * 50_001).status_code == 400


def test_when_the_limit_is_over_the_page_says_when(settings: Settings, album: Album, owner: Person) -> None:
    settings.SMS_BY_USER_PER_HOUR = 1
    assert invite(album, owner, f"+{PHONE}").status_code == 303
    answer = invite(album, owner, f"+{OTHER}")
    assert answer.status_code == 429
    assert 3500 < int(answer["Retry-After"]) <= 3600
    assert "60 minutes" in answer.text


def test_own_number_and_invited_ones_are_said_kindly(album: Album, owner: Person, member: Person) -> None:
    answer = invite(album, owner, f"+{owner.phone}, +{member.phone}")
    assert answer.status_code == 303
    page = Visitor(owner.user).get(guests(album)).text
    assert invited(album) == {member.phone}
    assert "have come" in page.lower()


def test_who_was_removed_comes_back_when_invited_again(album: Album, owner: Person, member: Person) -> None:
    uninvite_phones(album=album, phones=[member.phone])
    invite(album, owner, f"+{member.phone}")
    assert member.user in members_of(album)


def test_a_user_whom_no_push_reaches_gets_an_sms(
    album: Album, owner: Person, stranger: Person, sms: list[dict[str, Json]]
) -> None:
    User.objects.filter(pk=stranger.user.pk).update(push_notif_token="")
    sms.clear()
    invite(album, owner, f"+{stranger.phone}")
    assert [message["to"] for message in sms] == [stranger.phone]


def test_names_are_no_scripts(album: Album, owner: Person, member: Person) -> None:
    User.objects.filter(pk=member.user.pk).update(name=SCRIPT)
    Album.objects.filter(pk=album.pk).update(name=SCRIPT)
    invitation = Invitation.objects.get()
    for path in (guests(album, "joined"), reverse("gallery:remove-guest", args=[album.pk, invitation.pk])):
        page = Visitor(owner.user).get(path).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
    page = invite(album, owner, SCRIPT).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_three_lists(album: Album, owner: Person, member: Person) -> None:
    Invitation.objects.create(album=album, phone=PHONE)
    Invitation.objects.create(album=album, phone=OTHER, removed_at=timezone.now())
    shown = {show: Visitor(owner.user).get(guests(album, show)).text for show in ("joined", "waiting", "removed")}
    for show, phone in {"joined": member.phone, "waiting": PHONE, "removed": OTHER}.items():
        assert f"+{phone}" in shown[show]
        assert [f"+{phone}" in text for text in shown.values()].count(True) == 1


def test_an_invitation_is_sent_again_with_the_same_link(
    album: Album, owner: Person, sms: list[dict[str, Json]]
) -> None:
    sms.clear()
    invite(album, owner, f"+{PHONE}")
    invitation = Invitation.objects.get(phone=PHONE)
    assert do(album, owner, invitation, "resend").status_code == 303
    assert len(sms) == 2
    assert sms[0]["body"] == sms[1]["body"]


def test_an_expired_one_gets_a_new_link_when_it_is_sent_again(
    album: Album, owner: Person, sms: list[dict[str, Json]]
) -> None:
    sms.clear()
    invite(album, owner, f"+{PHONE}")
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert "the link has expired" in Visitor(owner.user).get(guests(album, "waiting")).text
        do(album, owner, Invitation.objects.get(phone=PHONE), "resend")
        assert "the link has expired" not in Visitor(owner.user).get(guests(album, "waiting")).text
    assert sms[0]["body"] != sms[1]["body"]


def test_a_phone_that_got_too_many_messages_is_left_in_peace(
    settings: Settings, album: Album, owner: Person
) -> None:
    settings.SMS_TO_PHONE_PER_HOUR = 1
    invite(album, owner, f"+{PHONE}")
    answer = do(album, owner, Invitation.objects.get(phone=PHONE), "resend")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert Message.objects.filter(phone=PHONE).count() == 1


def test_what_waits_can_be_taken_back_and_made_valid_again(album: Album, owner: Person) -> None:
    invite(album, owner, f"+{PHONE}")
    invitation = Invitation.objects.get(phone=PHONE)
    assert do(album, owner, invitation, "withdraw").status_code == 303
    assert PHONE not in invited(album)
    assert do(album, owner, invitation, "resend").status_code == 404
    assert do(album, owner, invitation, "restore").status_code == 303
    assert PHONE in invited(album)


def test_a_member_is_not_withdrawn_but_removed_after_a_page_in_words(
    album: Album, owner: Person, member: Person
) -> None:
    place_photo(album, member.user)
    invitation = Invitation.objects.get()
    assert do(album, owner, invitation, "withdraw").status_code == 400
    path = reverse("gallery:remove-guest", args=[album.pk, invitation.pk])
    page = Visitor(owner.user).get(path).text
    assert "Remove Member?" in page
    assert "Their photo leaves the album, and stays theirs" in page
    assert Visitor(owner.user).post(path).status_code == 303
    assert member.user not in members_of(album)
    assert Visitor(owner.user).post(path).status_code == 404
    assert do(album, owner, invitation, "restore").status_code == 303
    assert member.user in members_of(album)


def test_who_left_is_told_apart_from_who_was_removed(album: Album, owner: Person, member: Person) -> None:
    leave_album(album=album, user=member.user)
    assert "left on" in Visitor(owner.user).get(guests(album, "removed")).text


def test_a_guest_may_be_let_only_look(album: Album, owner: Person) -> None:
    invitation = Invitation.objects.get()
    do(album, owner, invitation, "look")
    assert "looks only" in Visitor(owner.user).get(guests(album)).text
    do(album, owner, invitation, "upload")
    assert "looks only" not in Visitor(owner.user).get(guests(album)).text
    assert do(album, owner, invitation, "nonsense").status_code == 400


def test_a_deleted_album_has_no_guests_page(album: Album, owner: Person) -> None:
    delete_album(album=album)
    assert Visitor(owner.user).get(guests(album)).status_code == 404


def test_the_link_can_be_copied_and_sent_by_the_phones_own_app(album: Album, owner: Person) -> None:
    invite(album, owner, f"+{PHONE}")
    page = Visitor(owner.user).get(guests(album, "waiting")).text
    copied = re.search(r'data-copy="([^"]+/i/[\w-]{24})"', page)
    assert copied
    assert f'href="sms:+{PHONE}?&amp;body=' in page


def test_a_thousand_guests_cost_no_query_more(
    album: Album, owner: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    users = User.objects.bulk_create([User(name=f"Guest {number}") for number in range(1000)])
    Invitation.objects.bulk_create(
        [
            Invitation(album=album, phone=f"1303555{number:04}", claimed_by=user)
            for number, user in enumerate(users)
        ]
    )
    set_open_link(album=album, is_on=True, may_upload=True, expires_at=timezone.now() + timedelta(days=1))
    visitor = Visitor(owner.user)
    visitor.get(guests(album))  # the first request of a session notes that it was seen
    for path in (guests(album), guests(album) + "?show=joined&page=20"):
        with django_assert_max_num_queries(8):
            page = visitor.get(path).text
        assert page.count("Let only look") == 50
    assert "Page 20 of 21" in page
    assert OpenLink.objects.count() == 1
    assert mail.outbox == []


@pytest.mark.parametrize("one", ["a", "(", "1-x", "+-", "\u00a0("])
def test_a_hostile_list_costs_no_more_than_a_long_one(album: Album, owner: Person, one: str) -> None:
    """Patterns that begin anew at each character would take a minute of the server for one such text."""
    before, began = invited(album), time.process_time()
    answer = invite(album, owner, (one * 50_000)[:50_000])
    assert answer.status_code == 400
    assert time.process_time() - began < 5
    assert invited(album) == before
