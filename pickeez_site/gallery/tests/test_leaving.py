"""Leaving an album, and deleting oneself."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccessToken, User
from albums.models import Album, Invitation
from albums.selectors import members_of
from albums.services import create_album
from conftest import Person
from photos.models import Photo
from photos.tests.builders import place_photo
from pickeez_site.gallery.tests.visitors import JSON, Visitor

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
DELETE_ME = "/gallery/delete-me/"


def leave_page(album: Album) -> str:
    return reverse("gallery:leave", args=[album.pk])


def test_a_member_leaves_and_keeps_their_photos(album: Album, member: Person) -> None:
    place_photo(album, member.user)
    page = Visitor(member.user).get(leave_page(album)).text
    assert "Your photo leaves it with you, and stays in your own library" in page
    answer = Visitor(member.user).post(leave_page(album))
    assert (answer.status_code, answer["Location"]) == (303, reverse("gallery:home"))
    assert member.user not in members_of(album)
    assert Photo.objects.visible_to(member.user).filter(album=None).count() == 1
    assert Invitation.objects.get().left
    assert Visitor(member.user).get(leave_page(album)).status_code == 404


def test_an_owner_cannot_leave(album: Album, owner: Person) -> None:
    for answer in (Visitor(owner.user).get(leave_page(album)), Visitor(owner.user).post(leave_page(album))):
        assert answer.status_code == 400
        assert "This is your own album" in answer.text


def test_a_stranger_and_nobody_have_no_such_page(album: Album, stranger: Person) -> None:
    assert Visitor(stranger.user).get(leave_page(album)).status_code == 404
    assert Visitor(stranger.user).post(leave_page(album)).status_code == 404
    assert Client().get(leave_page(album)).status_code == 303


def test_leaving_needs_the_forms_token(album: Album, member: Person) -> None:
    assert Visitor(member.user, csrf=True).post(leave_page(album)).status_code == 403
    assert member.user in members_of(album)


def test_names_are_no_scripts(album: Album, member: Person) -> None:
    Album.objects.filter(pk=album.pk).update(name=SCRIPT)
    page = Visitor(member.user).get(leave_page(album)).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_who_types_the_word_is_deleted_and_signed_out_everywhere(album: Album, owner: Person) -> None:
    other_browser = Visitor(owner.user)
    visitor = Visitor(owner.user)
    place_photo(album, owner.user)
    page = visitor.get(DELETE_ME).text
    assert "your 1 album, with all photos in it" in page
    answer = visitor.post(DELETE_ME, {"sure": " Delete "})
    assert (answer.status_code, answer["Location"]) == (303, reverse("gallery:sign-in"))
    assert not User.objects.filter(pk=owner.user.pk).exists()
    assert not Album.objects.exists()
    assert not AccessToken.objects.filter(user_id=owner.user.pk).exists()
    for browser in (visitor, other_browser):
        assert browser.get(DELETE_ME).status_code == 303
    assert owner.get("/me").status_code == 401


@pytest.mark.parametrize("typed", ["", "yes", "delete me", "\0"])
def test_without_the_word_nothing_goes(album: Album, owner: Person, typed: str) -> None:
    create_album(owner=owner.user, name="Winter")
    answer = Visitor(owner.user).post(DELETE_ME, {"sure": typed})
    assert answer.status_code == 400
    assert "Nothing was deleted" in answer.text
    assert "Nothing was deleted" in Visitor(owner.user).post(DELETE_ME, headers=JSON).json()["error"]
    assert Album.objects.count() == 2


def test_it_needs_a_sign_in_and_a_token(owner: Person) -> None:
    assert Client().get(DELETE_ME).status_code == 303
    assert Client().post(DELETE_ME, {"sure": "delete"}).status_code == 303
    assert Visitor(owner.user, csrf=True).post(DELETE_ME, {"sure": "delete"}).status_code == 403
    assert User.objects.filter(pk=owner.user.pk).exists()
