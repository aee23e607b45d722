"""An album's open link: its owner's card with the QR code, and the page of who follows it."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.phones import international_format
from albums.models import Album, Invitation, OpenLink
from albums.selectors import members_of
from albums.services import delete_album, leave_album, uninvite_phones
from albums.services.links import address_of_open_link
from conftest import Person, committing
from core.tests.answers import Answer
from photos.tests.builders import place_photos
from pickeez_site.gallery.tests.visitors import JSON, Visitor
from pickeez_site.operations.observing.scrubbing import scrub

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
SETTINGS = {"do": "save", "is_on": "on", "may_upload": "yes", "days": "7", "max_uses": ""}


def save(album: Album, person: Person, **settings: str) -> Answer:
    path = reverse("gallery:open-link", args=[album.pk])
    return Visitor(person.user).post(path, {**SETTINGS, **settings})


@pytest.fixture
def path(album: Album, owner: Person) -> str:
    """The path of the album's open link."""
    assert save(album, owner).status_code == 303
    return path_of(album)


def path_of(album: Album) -> str:
    address = address_of_open_link(OpenLink.objects.current().get(album=album))
    return address[address.index("/o/") :]


def test_the_owner_makes_a_link_and_sees_its_code(album: Album, owner: Person, path: str) -> None:
    page = Visitor(owner.user).get(reverse("gallery:guests", args=[album.pk])).text
    assert path in page
    assert 'alt="QR code of the open link"' in page
    assert re.search(r'href="sms:\?&amp;body=[^"]*/o/', page)
    link = OpenLink.objects.get()
    assert timedelta(days=6) < link.expires_at - timezone.now() < timedelta(days=8)


@pytest.mark.parametrize("form", [{}, {"do": ""}, {"do": "nonsense"}, {"is_on": "on"}])
def test_a_form_that_says_nothing_changes_nothing(
    album: Album, owner: Person, path: str, form: dict[str, str]
) -> None:
    before = OpenLink.objects.values().get()
    answer = Visitor(owner.user).post(reverse("gallery:open-link", args=[album.pk]), form)
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert OpenLink.objects.values().get() == before


def test_who_joins_is_told_what_others_will_see(path: str, stranger: Person) -> None:
    page = Visitor(stranger.user).get(path).text
    assert f"You join as {stranger.user.name}. The other guests see that name." in page
    assert f'Its owner also sees <bdi dir="ltr">{international_format(stranger.phone)}</bdi>' in page
    stranger.user.verified_phone, stranger.user.verified_email = None, "grace@example.org"
    stranger.user.save()
    assert "grace@example.org" in Visitor(stranger.user).get(path).text
    nobody = Visitor().get(path).text
    assert "which the album&#x27;s owner sees when you have joined" in nobody or "album's owner sees" in nobody


def test_the_code_is_a_picture_that_runs_nothing_and_is_not_cached(album: Album, owner: Person, path: str) -> None:
    visitor = Visitor(owner.user)
    svg = visitor.get(reverse("gallery:open-link-svg", args=[album.pk]))
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg["Cache-Control"] == "no-store"
    assert svg["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg.content).iter()} == {
        "svg",
        "g",
        "path",
    }
    png = visitor.get(reverse("gallery:open-link-png", args=[album.pk]) + "?download")
    assert png.content.startswith(b"\x89PNG")
    assert png["Content-Disposition"] == 'attachment; filename="pickeez-qr.png"'


def test_there_is_no_code_before_there_is_a_link(album: Album, owner: Person) -> None:
    assert Visitor(owner.user).get(reverse("gallery:open-link-svg", args=[album.pk])).status_code == 404
    answer = Visitor(owner.user).post(reverse("gallery:open-link", args=[album.pk]), {"do": "replace"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "bad", [{"max_uses": "0"}, {"max_uses": "many"}, {"max_uses": "100001"}, {"days": "8"}, {"days": "x"}]
)
def test_a_bad_setting_is_said_and_changes_nothing(album: Album, owner: Person, bad: dict[str, str]) -> None:
    answer = save(album, owner, **bad)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert not OpenLink.objects.exists()
    path = reverse("gallery:open-link", args=[album.pk])
    assert Visitor(owner.user).post(path, {**SETTINGS, **bad}, headers=JSON).json()["error"]


def test_who_is_signed_out_signs_in_and_comes_back(album: Album, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert f'{reverse("gallery:sign-in")}?next={path.replace("/", "%2F")}"' in answer.text
    assert "Owner invites you to" in answer.text
    assert Client().post(path).status_code == 401
    assert OpenLink.objects.get().uses == 0


def test_a_stranger_joins_by_pressing_the_button(album: Album, stranger: Person, path: str) -> None:
    place_photos(album, album.owner, 3)
    visitor = Visitor(stranger.user)
    page = visitor.get(path).text
    assert "3 photos so far" in page
    assert stranger.user not in members_of(album)
    answer = visitor.post(path)
    assert answer.status_code == 303
    assert stranger.user in members_of(album)
    assert visitor.get(path).status_code == 303


def test_the_button_needs_its_token(album: Album, stranger: Person, path: str) -> None:
    assert Visitor(stranger.user, csrf=True).post(path).status_code == 403
    assert stranger.user not in members_of(album)


def test_owner_and_members_go_to_the_album(album: Album, owner: Person, member: Person, path: str) -> None:
    for person in (owner, member):
        for answer in (Visitor(person.user).get(path), Visitor(person.user).post(path)):
            assert answer.status_code == 303
    assert OpenLink.objects.get().uses == 0


def dead(path: str, person: Person, words: str) -> bool:
    """Whether the link is dead for the person, in these words, and for those who are signed out."""
    answers = [Visitor(person.user).get(path), Visitor(person.user).post(path)]
    return all(answer.status_code == 404 and words in answer.text for answer in answers)


def test_what_lets_nobody_in_says_so_in_words(album: Album, owner: Person, stranger: Person, path: str) -> None:
    assert dead(path[:-1], stranger, "does not open an album")
    assert dead("/o/", stranger, "does not open an album")
    save(album, owner, is_on="")
    assert dead(path, stranger, "switched this link off")
    save(album, owner)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert dead(path, stranger, "until some time ago")
    Visitor(owner.user).post(reverse("gallery:open-link", args=[album.pk]), {"do": "replace"})
    assert dead(path, stranger, "replaced by another one")
    path = path_of(album)
    assert Visitor(stranger.user).get(path).status_code == 200
    delete_album(album=album)
    assert dead(path, stranger, "does not open an album")
    assert "Summer" not in Visitor(stranger.user).get(path).text


def test_a_full_link_says_so_but_lets_its_own_people_back_in(
    album: Album, owner: Person, stranger: Person, path: str
) -> None:
    save(album, owner, max_uses="1")
    Visitor(stranger.user).post(path)
    late = Person("Late", "12025550155")
    assert dead(path, late, "As many people as may join")
    with committing():
        leave_album(album=album, user=stranger.user)
    assert Visitor(stranger.user).get(path).status_code == 200
    Visitor(stranger.user).post(path)
    assert stranger.user in members_of(album)


def test_who_was_removed_is_told_so(album: Album, stranger: Person, path: str) -> None:
    Visitor(stranger.user).post(path)
    with committing():
        uninvite_phones(album=album, phones=[stranger.phone])
    answer = Visitor(stranger.user).post(path)
    assert answer.status_code == 403
    assert "You were removed from this album" in answer.text
    assert stranger.user not in members_of(album)


def test_who_may_only_look_is_told_before_joining(
    album: Album, owner: Person, stranger: Person, path: str
) -> None:
    save(album, owner, may_upload="no")
    assert "Adding photos is left to others" in Visitor(stranger.user).get(path).text
    Visitor(stranger.user).post(path)
    assert not Invitation.objects.get(claimed_by=stranger.user).may_upload


def test_names_are_no_scripts(album: Album, stranger: Person, path: str) -> None:
    Album.objects.filter(pk=album.pk).update(name=SCRIPT)
    page = Visitor(stranger.user).get(path).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_logs_do_not_tell_the_token(path: str) -> None:
    assert scrub(f"GET {path} 200") == "GET /o/*** 200"
