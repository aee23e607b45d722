"""The list of the viewer's albums."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from albums.models import Album, Invitation
from albums.services import create_album, delete_album, leave_album
from conftest import Person
from faces.models import Sighting
from photos.tests.builders import place_photo, place_photos
from pickeez_site.gallery.tests.people import browser, text_of
from pickeez_site.gallery.views.home import PAGE

HOME = "/gallery/"


def names(client: Client, path: str = HOME) -> list[str]:
    return [card["album"].name for card in client.get(path).context["cards"]]


def test_owner_and_member_see_the_album_and_a_stranger_does_not(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    assert names(browser(owner.user)) == names(browser(member.user)) == ["Summer"]
    assert names(browser(stranger.user)) == []
    assert browser().get(HOME).status_code == 303


def test_a_card_tells_whose_it_is_how_many_photos_and_how_many_of_you(
    owner: Person, member: Person, album: Album
) -> None:
    first, second, newest = place_photos(album, owner.user, 3)
    failed = place_photo(album, owner.user, status="failed")
    for photo in (first, second):
        Sighting.objects.create(photo=photo, user=member.user, by="builtin")
    text = text_of(browser(member.user).get(HOME))
    for words in (
        "By Owner",
        "4 photos",
        "2 of you",
        f"/media/{newest.pk}/medium/",
        f"/gallery/albums/{album.pk}/",
    ):
        assert words in text
    assert str(failed.pk) not in text
    text = text_of(browser(owner.user).get(HOME))
    assert "Yours" in text
    assert "of you</p>" not in re.sub(r"\s+", " ", text)


def test_who_has_no_albums_is_told_what_to_do(stranger: Person) -> None:
    text = text_of(browser(stranger.user).get(HOME))
    assert "No albums yet" in text
    assert "When a friend invites your phone number" in text


def test_albums_that_were_deleted_or_left_are_gone(owner: Person, member: Person, album: Album) -> None:
    client = browser(member.user)
    leave_album(album=album, user=member.user)
    assert (names(client), names(browser(owner.user))) == ([], ["Summer"])
    delete_album(album=album)
    assert names(browser(owner.user)) == []


def test_many_albums_are_paged_the_newest_first(owner: Person) -> None:
    for number in range(PAGE + 2):
        create_album(owner=owner.user, name=f"Album {number}")
    client = browser(owner.user)
    assert names(client) == [f"Album {number}" for number in range(PAGE + 1, 1, -1)]
    older = re.search(r'rel="next" href="(\?before=[0-9a-f-]+)"', text_of(client.get(HOME)))
    assert older
    assert names(client, HOME + older[1]) == ["Album 1", "Album 0"]
    assert "Newest albums" in text_of(client.get(HOME + older[1]))


@pytest.mark.parametrize("before", ["x", "1", "'", "00000000-0000-0000-0000"])
def test_a_page_that_cannot_be_is_not_found_in_words(owner: Person, before: str) -> None:
    answer = browser(owner.user).get(HOME, {"before": before})
    assert (answer.status_code, "There is no such page" in text_of(answer)) == (404, True)


def test_names_are_escaped_and_may_be_missing(owner: Person, member: Person, album: Album) -> None:
    forged = "<script>alert(1)</script>"
    Album.objects.update(name=forged)
    User.objects.filter(pk=owner.id).update(name=forged)
    for person in (owner, member):
        assert forged not in text_of(browser(person.user).get(HOME))
    Album.objects.update(name="")
    User.objects.filter(pk=owner.id).update(name="")
    text = text_of(browser(member.user).get(HOME))
    assert "Album without a name" in text
    assert "By a friend" in text


def test_it_costs_a_constant_number_of_queries(
    owner: Person, member: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = browser(member.user)
    client.get(HOME)
    for number in (1, 20):
        for _ in range(number):
            album = create_album(owner=owner.user, name="More")
            Invitation.objects.create(album=album, phone=member.phone, claimed_by=member.user)
            place_photos(album, owner.user, 2)
        with django_assert_num_queries(9):
            client.get(HOME)


def test_the_menu_leads_to_ones_own_pages(owner: Person) -> None:
    text = text_of(browser(owner.user).get(HOME))
    for path in ("/gallery/me/", "/gallery/devices/"):
        assert f'href="{path}"' in text
    assert 'action="/gallery/sign-out/"' in text
