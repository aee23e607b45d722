"""`/i/TOKEN`, the page behind an invitation's own link: what it shows, and how it lets in whom it is for."""

import logging
import re
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import PhoneCode, User
from accounts.services import verify_email, verify_phone
from albums.models import Album, Invitation
from albums.services import (
    claim_missed_invitations,
    delete_album,
    invite_phones,
    leave_album,
    set_public_page,
    uninvite_phones,
)
from albums.services.links import invitation_link, renew_link
from conftest import Caller, MakePicture, Person, committing
from core.tests.answers import Json
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pickeez.tests.shapes import body_of
from pickeez_site.gallery.tests.people import another, browser, code_in, is_signed_in, submit, text_of
from pickeez_site.gallery.views.paths import album_path
from pickeez_site.operations.observing.scrubbing import scrub

PHONE, EMAIL = "12025550144", "grace@example.org"
DEAD = "This link does not open an album"
SEND = "Send me a code to"


@pytest.fixture
def path(album: Album) -> str:
    """The link of a phone that is invited to the album."""
    invite_phones(album=album, phones=[PHONE])
    link = invitation_link(str(Invitation.objects.get(phone=PHONE).pk))
    assert link
    return link[link.index("/i/") :]


def album_page(album: Album) -> str:
    return album_path(album)


def to_selfie(album: Album) -> str:
    """The first screen of who has given no selfie."""
    return f"/gallery/me/selfie/?{urlencode({'next': album_page(album)})}"


def has_photos(text: str) -> int:
    return text.count('<img src="/media/')


def test_whoever_has_the_link_sees_the_album_and_who_invites(nobody: Caller, stranger: Person, path: str) -> None:
    for caller in (nobody, stranger):
        for variant in (path, f"{path}/"):
            answer = caller.get(variant)
            text = text_of(answer)
            assert answer.status_code == 200
            assert "Owner invites you to" in text
            assert "Summer</h1>" in text
            assert f'{SEND} <bdi dir="ltr">··· 0144</bdi>' in text
            assert PHONE not in text
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_chats_preview_its_title_and_a_marked_cover(
    nobody: Caller, owner: Person, album: Album, path: str, make_picture: MakePicture, settings: Settings
) -> None:
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    text = text_of(nobody.get(path))
    assert '<meta property="og:title" content="Owner invites you to “Summer”">' in text
    cover = text.split('property="og:image" content="')[1].split('"')[0]
    assert cover.startswith(f"{settings.PUBLIC_URL}/media/")
    assert "/watermark/" in cover
    assert body_of(nobody.get(urlsplit(cover).path))[:2] == b"\xff\xd8"


def test_an_album_without_names_and_photos_has_words_for_it(
    nobody: Caller, owner: Person, album: Album, path: str
) -> None:
    Album.objects.update(name="")
    User.objects.filter(pk=owner.id).update(name="")
    text = text_of(nobody.get(path))
    assert "A friend invites you to an album" in text
    assert "No photos yet" in text
    assert "og:image" not in text


@pytest.mark.parametrize("method", ["get", "head"])
def test_the_robots_of_previews_consume_nothing(method: str, path: str, sms: list[dict[str, Json]]) -> None:
    before, sent = list(Invitation.objects.values()), len(sms)
    for address in (path, f"{path}?step=code"):
        assert getattr(Client(), method)(address).status_code == 200
    assert list(Invitation.objects.values()) == before
    assert (len(sms), PhoneCode.objects.count()) == (sent, 0)


def sent_code(client: Client, path: str, sms: list[dict[str, Json]]) -> str:
    answer = submit(client, path, do="send")
    assert (answer.status_code, answer["Location"]) == (303, f"{path}?step=code")
    assert sms[-1]["to"] == PHONE
    return code_in(sms[-1])


def test_one_tap_and_a_code_and_one_is_in_the_album(album: Album, path: str, sms: list[dict[str, Json]]) -> None:
    client = browser()
    code = sent_code(client, path, sms)
    assert sms[-1]["body"].splitlines()[-1] == f"@127.0.0.1 #{code}"
    page = text_of(client.get(f"{path}?step=code"))
    assert 'autocomplete="one-time-code"' in page
    answer = submit(client, f"{path}?step=code", path=path, do="enter", code=code)
    assert answer.status_code == 303
    assert answer["Location"] == to_selfie(album)
    guest = User.objects.get(verified_phone=PHONE)
    assert Invitation.objects.get(phone=PHONE).claimed_by == guest
    assert "Summer" in text_of(client.get("/gallery/"))
    assert client.get(path)["Location"] == album_page(album), "from now on the link leads to the album"


def test_a_guest_comes_back_on_another_device(album: Album, path: str, sms: list[dict[str, Json]]) -> None:
    for _ in range(2):
        client = browser()
        code = sent_code(client, path, sms)
        assert submit(client, path, do="enter", code=code).status_code == 303
        assert client.get(path)["Location"] == album_page(album)
    assert User.objects.filter(verified_phone=PHONE).count() == 1


def test_who_has_given_a_selfie_goes_right_to_the_album(
    owner: Person, member: Person, album: Album, path: str, sms: list[dict[str, Json]], make_picture: MakePicture
) -> None:
    guest = Person("Guest", PHONE)
    guest.post("/me/selfie", {"file": make_picture(1)})
    client = browser()
    answer = submit(client, path, do="enter", code=sent_code(client, path, sms))
    assert answer["Location"] == album_page(album)


def test_members_and_the_owner_go_right_to_the_album(
    owner: Person, member: Person, album: Album, path: str
) -> None:
    for person in (owner, member):
        answer = browser(person.user).get(path)
        assert (answer.status_code, answer["Location"]) == (303, album_page(album))


def test_who_is_signed_in_as_somebody_else_has_the_choice(
    stranger: Person, album: Album, path: str, sms: list[dict[str, Json]]
) -> None:
    client = browser(stranger.user)
    text = text_of(client.get(path))
    assert "You are signed in as <strong>Stranger</strong>, but this invitation is for somebody else" in text
    assert "Stay signed in, to my own albums" in text
    answer = submit(client, path, do="enter", code=sent_code(client, path, sms))
    assert answer["Location"] == to_selfie(album)
    assert client.get("/gallery/").context["request"].user.verified_phone == PHONE
    stranger.user.refresh_from_db()
    assert stranger.user.verified_phone == stranger.phone


def test_an_account_without_a_phone_gets_that_of_its_invitation(
    album: Album, path: str, sms: list[dict[str, Json]]
) -> None:
    """As of who signs in by e-mail."""
    user = User.objects.create_user(name="Grace")
    verify_email(user=user, email="grace@example.org")
    client = browser(user)
    assert "it becomes yours, and the album too" in text_of(client.get(path))
    code = sent_code(client, path, sms)
    assert submit(client, path, do="enter", code=another(code)).status_code == 403
    submit(client, path, do="enter", code=code)
    user.refresh_from_db()
    assert (user.verified_phone, user.verified_email) == (PHONE, "grace@example.org")
    assert client.get(path)["Location"] == album_page(album)


def test_whether_the_phone_has_an_account_is_not_told_to_who_cannot_read_its_code(
    path: str, sms: list[dict[str, Json]]
) -> None:
    client = browser(User.objects.create_user(name="Grace"))
    changing = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|value="\d{6}"')

    def seen() -> list[str]:
        code = sent_code(client, path, sms)
        wrong = submit(client, path, do="enter", code=another(code))
        return [changing.sub("", text_of(answer)) for answer in (client.get(path), wrong)]

    before = seen()
    guest = Person("Guest", PHONE)
    assert seen() == before
    submit(client, path, do="enter", code=sent_code(client, path, sms))
    assert client.get("/gallery/").context["request"].user == guest.user


def test_an_invitation_whose_user_has_another_number_now_signs_in_nobody_else(
    owner: Person, album: Album, path: str, sms: list[dict[str, Json]]
) -> None:
    guest = Person("Guest", PHONE)
    verify_phone(user=guest.user, phone="12025550177")
    holder = Person("New owner of the number", PHONE)
    for client, form in ((browser(), "/gallery/sign-in/"), (browser(holder.user), "/gallery/")):
        text = text_of(client.get(path))
        assert "whose number or address has changed since" in text
        assert SEND not in text
        for do in ("send", "enter"):
            assert submit(client, form, path=path, do=do, code="123456").status_code == 403
    assert browser(guest.user).get(path)["Location"] == album_page(album)


def test_an_invitation_that_was_not_claimed_in_time_is_claimed_by_a_tap(album: Album, path: str) -> None:
    """It was made in the very moment in which its user verified the phone."""
    guest = User.objects.create_user(name="Guest", verified_phone=PHONE)
    client = browser(guest)
    assert "Open the album" in text_of(client.get(path))
    assert submit(client, path, do="enter").status_code == 303
    assert Invitation.objects.get(phone=PHONE).claimed_by == guest


@pytest.fixture
def email_path(album: Album) -> str:
    """The link of an e-mail address that is invited to the album."""
    invitation = Invitation(album=album, email=EMAIL)
    renew_link(invitation)
    invitation.save()
    link = invitation_link(str(invitation.pk))
    assert link
    return link[link.index("/i/") :]


def test_an_invitation_by_email_sends_its_code_by_email(album: Album, email_path: str) -> None:
    client = browser()
    assert "g···@example.org" in text_of(client.get(email_path))
    submit(client, email_path, do="send")
    assert mail.outbox[-1].to == [EMAIL]
    code = code_in({"body": mail.outbox[-1].body})
    assert submit(client, email_path, do="enter", code=code)["Location"] == to_selfie(album)
    assert Invitation.objects.get(email=EMAIL).claimed_by == User.objects.get(verified_email=EMAIL)
    assert client.get(email_path)["Location"] == album_page(album)


def test_it_adds_the_address_to_an_account_that_has_none(stranger: Person, album: Album, email_path: str) -> None:
    client = browser(stranger.user)
    submit(client, email_path, do="send")
    assert "sign-in" not in mail.outbox[-1].body, "its link would sign in somebody else"
    submit(client, email_path, do="enter", code=code_in({"body": mail.outbox[-1].body}))
    stranger.user.refresh_from_db()
    assert (stranger.user.verified_email, stranger.user.verified_phone) == (EMAIL, stranger.phone)
    assert client.get(email_path)["Location"] == album_page(album)


def test_an_invitation_by_email_that_was_not_claimed_in_time_is_claimed_by_the_sweep(
    album: Album, email_path: str
) -> None:
    user = User.objects.create_user(verified_email=EMAIL)
    claim_missed_invitations()
    assert Invitation.objects.get(email=EMAIL).claimed_by == user


def test_a_wrong_code_is_said_and_nothing_is_lost(path: str, sms: list[dict[str, Json]]) -> None:
    client = browser()
    code = sent_code(client, path, sms)
    for _ in range(5):
        answer = submit(client, path, do="enter", code=another(code))
        text = text_of(answer)
        assert (answer.status_code, "This code is wrong" in text, another(code) in text) == (403, True, True)
    answer = submit(client, path, do="enter", code=code)
    assert (answer.status_code, "try again in 10 minutes" in text_of(answer)) == (429, True)
    assert int(answer["Retry-After"]) > 500
    assert not is_signed_in(client)
    assert not Invitation.objects.get(phone=PHONE).claimed_by


@pytest.mark.parametrize("code", ["", "12", "letters"])
def test_what_is_no_code_is_said(path: str, code: str) -> None:
    for do in ("enter", "", "anything"):
        answer = submit(browser(), path, do=do, code=code)
        assert (answer.status_code, "six digits" in text_of(answer)) == (400, True)


def test_too_many_codes_are_refused_with_the_time_to_wait(path: str, sms: list[dict[str, Json]]) -> None:
    client = browser()
    for _ in range(5):
        sent_code(client, path, sms)
    answer = submit(client, path, do="send")
    text = text_of(answer)
    assert (answer.status_code, "try again in" in text, SEND in text) == (429, True, True)
    assert int(answer["Retry-After"]) > 3000


def test_a_code_for_another_invitation_opens_nothing(album: Album, path: str, sms: list[dict[str, Json]]) -> None:
    with committing():
        invite_phones(album=album, phones=["12025550155"])
    other = str(invitation_link(str(Invitation.objects.get(phone="12025550155").pk)))
    client = browser()
    submit(browser(), other[other.index("/i/") :], do="send")
    theirs = code_in(sms[-1])
    if theirs != sent_code(client, path, sms):
        assert submit(client, path, do="enter", code=theirs).status_code == 403
    assert not is_signed_in(client)


def test_two_tabs_the_second_is_told_to_load_the_page_again(
    album: Album, path: str, sms: list[dict[str, Json]]
) -> None:
    client = browser()
    code = sent_code(client, path, sms)
    old = text_of(client.get(f"{path}?step=code")).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    submit(client, path, do="enter", code=code)
    answer = client.post(path, {"do": "enter", "code": code, "csrfmiddlewaretoken": old})
    assert answer.status_code == 403
    assert "another tab" in text_of(answer)
    assert client.get(path)["Location"] == album_page(album)


def test_who_was_removed_sees_a_kind_page(
    owner: Person, album: Album, path: str, sms: list[dict[str, Json]]
) -> None:
    client = browser()
    submit(client, path, do="enter", code=sent_code(client, path, sms))
    leave_album(album=album, user=User.objects.get(verified_phone=PHONE))
    answer = client.get(path)
    assert (answer.status_code, "Ask the person who invited you" in text_of(answer)) == (404, True)
    assert "To your albums" in text_of(answer)


def test_an_old_link_still_leads_who_has_joined_to_the_album(
    nobody: Caller, stranger: Person, album: Album, path: str
) -> None:
    guest = Person("Guest", PHONE)
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert browser(guest.user).get(path)["Location"] == album_page(album)
        for client in (browser(), browser(stranger.user)):
            assert client.get(path).status_code == 404
        delete_album(album=album)
        assert browser(guest.user).get(path).status_code == 404


def test_it_costs_few_queries(
    owner: Person, stranger: Person, album: Album, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in (1, 30):
        place_photos(album, owner.user, number)
        with django_assert_num_queries(3):
            Client().get(path)


def test_it_shows_the_ten_newest_pictures_that_can_be_shown(
    nobody: Caller, owner: Person, album: Album, path: str
) -> None:
    photos = place_photos(album, owner.user, 12)
    place_photo(album, owner.user, status="failed")
    text = text_of(nobody.get(path))
    assert has_photos(text) == 10
    assert [f"/media/{photo.pk}/medium/" in text for photo in photos] == [False] * 2 + [True] * 10
    assert "13 photos so far" in text


def test_its_pictures_can_be_fetched_by_who_has_no_account(
    nobody: Caller, owner: Person, album: Album, path: str, make_picture: MakePicture
) -> None:
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    source = text_of(nobody.get(path)).split('<img src="/media')[1].split('"')[0]
    picture = nobody.get(f"/media{source}")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert body_of(picture)[:2] == b"\xff\xd8"


def test_its_pictures_may_come_from_the_bucket(
    nobody: Caller, album: Album, path: str, bucket: str, settings: Settings
) -> None:
    endpoint = urlsplit(settings.STORAGES["default"]["OPTIONS"]["endpoint_url"])
    for page, data in ((path, {}), ("/invite_page", {"album_id": album.pk})):
        answer = nobody.get(page, data, headers={"Accept": "text/html,*/*"})
        sources = answer["Content-Security-Policy"].split("img-src ")[1].split(";")[0].split()
        assert sources[0] == "'self'"
        assert urlsplit(sources[1]).netloc.endswith(endpoint.netloc)
        assert sources[2:] == ["data:", "blob:"]


def test_names_are_escaped(nobody: Caller, owner: Person, album: Album, path: str) -> None:
    Album.objects.update(name="<script>1</script>")
    User.objects.filter(pk=owner.id).update(name='"><script>2</script>')
    text = text_of(nobody.get(path))
    assert "<script>" not in text
    assert text.count("&lt;script&gt;1") >= 2, "in the page and in its preview"


def test_it_does_not_need_the_public_page(nobody: Caller, album: Album, path: str) -> None:
    set_public_page(album=album, public=False)
    assert nobody.get(path).status_code == 200
    assert nobody.get("/invite_page", {"album_id": album.pk}).status_code == 404


def test_a_dead_link_is_not_found_with_words_of_what_to_do(
    nobody: Caller, stranger: Person, album: Album, path: str
) -> None:
    place = len(path) - 5
    for dead in (path[:-1], f"{path}A", path[:place] + "AAAAA", "/i/", "/i", "/i/x", "/i/a/b", "/i/%00", "/i/é"):
        answer = nobody.get(dead)
        assert (answer.status_code, DEAD in text_of(answer)) == (404, True), dead
    uninvite_phones(album=album, phones=[PHONE])
    for caller in (nobody, stranger):
        answer = caller.get(path)
        text = text_of(answer)
        assert (answer.status_code, DEAD in text, "Summer" in text) == (404, True, False)
        assert "Ask the person who invited you" in text


def test_the_ids_of_album_and_invitation_are_no_links(nobody: Caller, album: Album, path: str) -> None:
    for pk in (album.pk, Invitation.objects.get(phone=PHONE).pk):
        assert nobody.get(f"/i/{pk}").status_code == 404


def test_a_form_without_its_token_is_refused(path: str, member: Person) -> None:
    for client in (browser(), browser(member.user)):
        for do in ("send", "enter"):
            assert client.post(path, {"do": do}).status_code == 403
    assert not PhoneCode.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_not_for_it(path: str, method: str) -> None:
    assert getattr(Client(), method)(path).status_code == 405


def test_no_log_has_the_token(nobody: Caller, path: str, caplog: pytest.LogCaptureFixture) -> None:
    token = path.rpartition("/")[2]
    with caplog.at_level(logging.DEBUG):
        for variant in (path, f"{path}/", path[:-8], f"{path}/more", f"/i/{token[:5]}"):
            nobody.get(variant)
    lines = [record.getMessage() for record in caplog.records if record.name == "pickeez.access"]
    assert [line.split()[1] for line in lines] == ["/i/***"] * 5
    assert token[:-8] not in scrub(caplog.text), "as every line is scrubbed before it is written"
