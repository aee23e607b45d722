"""The one rule that decides who sees a photo: `Photo.objects.visible_to` and `alive`."""

import pytest
from pytest_django import DjangoAssertNumQueries

from albums.models import Album
from albums.services import create_album, delete_album, invite_phones, uninvite_phones
from conftest import Person
from photos.models import Original, Photo
from photos.selectors import progress_of
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos


@pytest.fixture
def photo(member: Person, album: Album) -> Photo:
    return place_photo(album, member.user)


def seen_by(person: Person) -> list[Photo]:
    return list(Photo.objects.visible_to(person.user))


def kept_by(person: Person) -> list[Original]:
    """The originals in the person's library."""
    return [photo.original for photo in seen_by(person) if photo.album is None]


def test_members_see_what_is_in_their_album_and_a_stranger_does_not(
    owner: Person, member: Person, stranger: Person, photo: Photo
) -> None:
    assert seen_by(owner) == seen_by(member) == [photo]
    assert seen_by(stranger) == []


def test_only_the_owner_sees_a_library(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(None, owner.user)
    assert (seen_by(owner), seen_by(member)) == ([photo], [])


def test_a_deleted_photo_is_seen_by_nobody(owner: Person, member: Person, photo: Photo) -> None:
    trash_photo(photo=photo)
    assert seen_by(owner) == seen_by(member) == list(Photo.objects.alive()) == []


def test_the_photos_of_a_deleted_album_are_seen_by_nobody_and_guests_keep_theirs_in_their_libraries(
    owner: Person, member: Person, album: Album, photo: Photo
) -> None:
    place_photo(album, owner.user)
    delete_album(album=album)
    assert seen_by(owner) == []
    assert kept_by(member) == [photo.original]
    assert list(Photo.objects.alive()) == seen_by(member)


def test_a_removed_members_photos_leave_that_album_only(
    owner: Person, member: Person, album: Album, photo: Photo
) -> None:
    other = create_album(owner=owner.user)
    invite_phones(album=other, phones=[member.phone])
    elsewhere = place_photo(other, member.user)
    uninvite_phones(album=album, phones=[member.phone])
    assert seen_by(owner) == [elsewhere]
    assert {seen.album for seen in seen_by(member)} == {other, None}
    assert kept_by(member) == [photo.original]
    invite_phones(album=album, phones=[member.phone])
    assert set(seen_by(owner)) == {photo, elsewhere}


def test_photos_of_a_stranger_in_an_album_are_not_visible(owner: Person, stranger: Person, album: Album) -> None:
    place_photo(album, stranger.user)
    assert seen_by(owner) == seen_by(stranger) == []


def test_the_owners_photos_stay_whoever_leaves(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    uninvite_phones(album=album, phones=[member.phone])
    assert (seen_by(owner), seen_by(member)) == ([photo], [])


def test_progress_counts_what_can_be_seen(owner: Person, member: Person, album: Album) -> None:
    place_photos(album, owner.user, 2)
    place_photo(album, owner.user, status="failed")
    place_photo(album, owner.user, status="new")
    place_photo(album, member.user, status="processing")
    progress = progress_of([album.pk])[album.pk]
    assert (progress.total, progress.done, progress.failed, progress.unfinished) == (5, 2, 1, 2)
    uninvite_phones(album=album, phones=[member.phone])
    assert progress_of([album.pk])[album.pk].total == 4


@pytest.mark.parametrize("number", [1, 20])
def test_the_rule_costs_one_query(
    owner: Person, member: Person, album: Album, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    place_photos(album, member.user, number)
    with django_assert_num_queries(1):
        assert len(seen_by(owner)) == number
    assert Album.objects.count() == 1
