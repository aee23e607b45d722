from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from albums.models import Album
from albums.services import create_album, delete_album, invite_phones, restore_albums, uninvite_phones
from conftest import Person
from photos.models import Photo
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/albums/delete-album"


def test_the_album_goes_and_its_images_stay_in_the_library(gallery: Gallery, imported: Callable[..., str]) -> None:
    path = imported("a.png")
    gallery.post("/albums/create-album", name="Summer")
    gallery.post("/albums/add-multiple-to-album", album_name="Summer", paths=[path])
    assert_success(gallery.delete(PATH, name="Summer"), 200, "Summer")
    assert not Album.objects.exists()
    assert gallery.images == [path]
    assert Photo.objects.count() == 1


def test_an_album_of_others_goes_to_the_trash_and_everybody_keeps_their_images(
    gallery: Gallery, owner: Person, member: Person, album: Album, member_gallery: Gallery
) -> None:
    mine, theirs = place_photo(album, owner.user), place_photo(album, member.user)
    trash_photo(photo=place_photo(album, owner.user))
    assert_success(gallery.delete(PATH, album_name="Summer"), 200, "Summer")
    assert gallery.images == [mine.s3_path]
    assert member_gallery.images == [theirs.s3_path]
    assert owner.get(f"/albums/{album.pk}").status_code == 404
    restore_albums(albums=Album.objects.filter(deleted_at__isnull=False))
    assert gallery.data("/albums/view-album", album_name="Summer")["photos"] == [mine.s3_path, theirs.s3_path]


def test_an_album_with_a_photo_of_somebody_who_left_goes_to_the_trash(
    gallery: Gallery, member: Person, album: Album
) -> None:
    place_photo(album, member.user)
    uninvite_phones(album=album, phones=[member.phone])
    gallery.delete(PATH, name="Summer")
    assert Album.objects.get().deleted_at


def test_an_album_to_which_nobody_has_come_yet_is_erased(gallery: Gallery, owner: Person) -> None:
    invite_phones(album=create_album(owner=owner.user, name="Summer"), phones=["12025550199"])
    gallery.delete(PATH, name="Summer")
    assert not Album.objects.exists()


def test_of_two_albums_with_one_name_none_goes(
    gallery: Gallery, member_gallery: Gallery, other_gallery: Gallery, nobodys_gallery: Gallery, owner: Person
) -> None:
    albums = [create_album(owner=owner.user, name="Summer") for _ in range(2)]
    assert_failure(gallery.delete(PATH, name="Summer"), 409, "Album name is not unique")
    for other in (member_gallery, other_gallery):
        assert_failure(other.delete(PATH, name="Summer"), 404, "Album not found")
    assert_failure(nobodys_gallery.delete(PATH, name="Summer"), 401, "Unauthorized")
    assert list(Album.objects.alive().order_by("pk")) == albums
    delete_album(album=albums[0])
    assert gallery.delete(PATH, name="Summer").status_code == 200


def test_a_large_album_goes_in_a_few_queries(
    gallery: Gallery, owner: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    place_photos(create_album(owner=owner.user, name="Summer"), owner.user, 600)
    with django_assert_max_num_queries(60):
        assert gallery.delete(PATH, name="Summer").status_code == 200
    assert Photo.objects.filter(album=None).count() == 600


@pytest.mark.parametrize("name", ["Unknown", "summer", "Summer "])
def test_an_unknown_album_is_not_found(gallery: Gallery, album: Album, name: str) -> None:
    assert_failure(gallery.delete(PATH, name=name), 404, "Album not found")


def test_deleting_twice_is_not_found(gallery: Gallery, album: Album) -> None:
    gallery.delete(PATH, name="Summer")
    assert_failure(gallery.delete(PATH, name="Summer"), 404, "Album not found")


def test_to_members_and_strangers_the_album_does_not_exist(
    member_gallery: Gallery, other_gallery: Gallery, album: Album
) -> None:
    for other in (member_gallery, other_gallery):
        assert_failure(other.delete(PATH, name="Summer"), 404, "Album not found")
    assert Album.objects.alive().count() == 1


def test_a_missing_name_is_named(gallery: Gallery) -> None:
    assert_failure(gallery.delete(PATH), 400, "Missing 'name' in payload")


def test_nobody_is_refused(nobodys_gallery: Gallery, album: Album) -> None:
    assert_failure(nobodys_gallery.delete(PATH, name="Summer"), 401, "Unauthorized")
