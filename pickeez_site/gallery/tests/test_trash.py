"""The trash: what somebody has deleted, how long it stays, and bringing it back."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from albums.models import Album, Invitation
from albums.selectors import members_of
from albums.services import create_album, delete_album, delete_albums, set_may_upload
from conftest import MakePicture, Person, committing
from core.tests.answers import Answer
from photos.models import Photo, RemovedPicture
from photos.services import trash_photo, trash_photos
from photos.tests.builders import place_photo, place_photos
from pickeez_site.gallery.tests.visitors import Visitor
from pickeez_site.gallery.views import trash

TRASH = "/gallery/trash/"


def bring_back(person: Person, **what: object) -> Answer:
    return Visitor(person.user).post(TRASH, {name: str(value) for name, value in what.items()})


def picture_of(photo: Photo) -> str:
    return reverse("gallery:trashed-picture", args=[photo.pk])


def text_for(person: Person) -> str:
    return Visitor(person.user).get(TRASH).text


def test_an_album_comes_back_with_its_guests_and_photos(
    album: Album, owner: Person, member: Person, stranger: Person
) -> None:
    photo = place_photo(album, member.user)
    delete_album(album=album)
    assert "Summer" in text_for(owner)
    assert "30 days left" in text_for(owner)
    for person in (member, stranger):
        assert "Summer" not in text_for(person)
        assert bring_back(person, album=album.pk).status_code == 404
    assert bring_back(owner, album=album.pk).status_code == 303
    assert set(members_of(album)) == {owner.user, member.user}
    assert Album.objects.visible_to(member.user).exists()
    assert Photo.objects.alive().filter(pk=photo.pk).exists()
    assert bring_back(owner, album=album.pk).status_code == 404


def test_what_an_operator_has_deleted_only_operators_bring_back(album: Album, owner: Person) -> None:
    photo = place_photo(album, owner.user)
    trash_photos(photo_ids=[photo.pk])
    assert bring_back(owner, photo=photo.pk).status_code == 404
    delete_albums(albums=Album.objects.all())
    assert "Summer" not in text_for(owner)
    assert bring_back(owner, album=album.pk).status_code == 404


def test_after_thirty_days_it_is_gone(album: Album, owner: Person) -> None:
    photo = place_photo(create_album(owner=owner.user, name="Winter"), owner.user)
    trash_photo(photo=photo)
    delete_album(album=album)
    with time_machine.travel(timezone.now() + timedelta(days=29, hours=23)):
        assert text_for(owner).count("1 day left") == 2
    with time_machine.travel(timezone.now() + timedelta(days=30, seconds=1)):
        assert "The trash is empty" in text_for(owner)
        assert bring_back(owner, album=album.pk).status_code == 404
        assert bring_back(owner, photo=photo.pk).status_code == 404


def test_everybody_brings_back_their_own_photo(
    album: Album, owner: Person, member: Person, stranger: Person
) -> None:
    photo = place_photo(album, member.user)
    trash_photo(photo=photo)
    for person in (owner, stranger):
        assert str(photo.pk) not in text_for(person)
        assert bring_back(person, photo=photo.pk).status_code == 404
    assert "From “Summer”" in text_for(member)
    assert bring_back(member, photo=photo.pk).status_code == 303
    assert Photo.objects.alive().filter(pk=photo.pk).exists()
    assert "The trash is empty" in text_for(member)


def test_what_the_owner_has_deleted_only_the_owner_brings_back(
    album: Album, owner: Person, member: Person
) -> None:
    photo = place_photo(album, member.user)
    trash_photo(photo=photo, by=owner.user)
    assert bring_back(member, photo=photo.pk).status_code == 404
    assert bring_back(owner, photo=photo.pk).status_code == 303
    assert Photo.objects.visible_to(member.user).filter(pk=photo.pk).exists()
    assert not RemovedPicture.objects.exists()


def test_a_guests_photo_that_the_owner_has_removed_elsewhere_stays_out(
    album: Album, owner: Person, member: Person
) -> None:
    photo = place_photo(album, member.user)
    trash_photo(photo=photo)
    RemovedPicture.objects.create(album=album, sha256=photo.original.sha256 or "")
    answer = bring_back(member, photo=photo.pk)
    assert answer.status_code == 403
    assert "Somebody else has deleted this photo as well" in answer.text


def test_who_may_only_look_brings_nothing_back(album: Album, member: Person) -> None:
    photo = place_photo(album, member.user)
    trash_photo(photo=photo)
    set_may_upload(invitation=Invitation.objects.get(), may_upload=False)
    answer = bring_back(member, photo=photo.pk)
    assert answer.status_code == 403
    assert "only look" in answer.text


def test_a_small_picture_is_shown_to_who_can_bring_it_back_and_to_nobody_else(
    album: Album, owner: Person, member: Person, stranger: Person, make_picture: MakePicture
) -> None:
    answer = member.post("/photos/", {"album_id": str(album.pk), "file": make_picture(0)})
    photo = Photo.objects.get(pk=answer.json()["_id"])
    assert Visitor(member.user).get(picture_of(photo)).status_code == 404
    trash_photo(photo=photo)
    shown = Visitor(member.user).get(picture_of(photo))
    assert (shown.status_code, shown["Content-Type"], shown["Cache-Control"]) == (200, "image/jpeg", "no-store")
    for person in (owner, stranger):
        assert Visitor(person.user).get(picture_of(photo)).status_code == 404
    assert Client().get(picture_of(photo)).status_code == 303


@pytest.mark.parametrize("what", [{}, {"photo": "x"}, {"album": "1"}, {"photo": "\0"}])
def test_nonsense_is_not_there(owner: Person, what: dict[str, str]) -> None:
    assert bring_back(owner, **what).status_code == 404


def test_it_needs_a_sign_in_and_a_token(album: Album, owner: Person) -> None:
    delete_album(album=album)
    assert Client().get(TRASH).status_code == 303
    assert Visitor(owner.user, csrf=True).post(TRASH, {"album": str(album.pk)}).status_code == 403
    assert not Album.objects.alive().exists()


def test_many_photos_cost_no_query_more(
    album: Album, owner: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    photos = place_photos(album, owner.user, 120)
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(
        deleted_at=timezone.now(), deleted_by=owner.user
    )
    visitor = Visitor(owner.user)
    visitor.get(TRASH)  # the first request of a session notes that it was seen
    with committing(), django_assert_max_num_queries(8):
        page = visitor.get(TRASH).text
    assert page.count("From “Summer”") == 50
    assert "?page=2" in page


def test_more_albums_than_a_page_are_paged(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trash, "PAGE", 2)
    for number in range(5):
        delete_album(album=create_album(owner=owner.user, name=f"Trip {number}"))
    visitor, seen = Visitor(owner.user), list[str]()
    for page in (1, 2, 3):
        text = visitor.get(f"{TRASH}?albums={page}").text
        assert ('href="?albums=2"' in text) == (page in (1, 3))
        seen += re.findall(r"<strong dir=\"auto\">(Trip \d)", text)
    assert seen == [f"Trip {number}" for number in (4, 3, 2, 1, 0)]
