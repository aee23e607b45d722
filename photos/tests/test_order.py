"""An album keeps the order in which photos came there."""

import random
import threading
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from albums.models import Album
from albums.services import create_album
from conftest import Person
from photos.image_paths import paths_by_album, paths_in_albums
from photos.models import Photo
from photos.services import add_images, copy_photos, move_photo, remove_from_album, trash_photo
from photos.tests.builders import place_photo, place_photos


def shown(album: Album) -> list[str]:
    return paths_by_album(album.owner, [album.pk], limit=1000)[album.pk]


def add(album: Album, *paths: str) -> None:
    add_images(album=album, user=album.owner, paths=paths)


@pytest.fixture
def library(owner: Person) -> list[str]:
    """The paths of the owner's images."""
    return [photo.s3_path for photo in place_photos(None, owner.user, 12)]


@pytest.mark.parametrize("seed", range(5))
def test_any_order_is_kept_whatever_is_added_later(album: Album, library: list[str], seed: int) -> None:
    chance = random.Random(seed)
    chance.shuffle(library)
    expected: list[str] = []
    while len(expected) < len(library):
        paths = chance.choices(library, k=4)
        expected += [path for path in dict.fromkeys(paths) if path not in expected]
        add(album, *paths)
        assert shown(album) == expected


def test_what_was_taken_out_or_trashed_comes_back_at_the_end(album: Album, library: list[str]) -> None:
    add(album, *library[:4])
    remove_from_album(photos=Photo.objects.filter(album=album, s3_path=library[0]))
    trash_photo(photo=Photo.objects.get(album=album, s3_path=library[1]))
    assert shown(album) == library[2:4]
    add(album, library[4], library[1], library[0])
    assert shown(album) == [*library[2:4], library[4], library[1], library[0]]
    assert Photo.objects.filter(album=album).count() == 5


def test_what_comes_another_way_is_last_too(album: Album, library: list[str], owner: Person) -> None:
    elsewhere = create_album(owner=owner.user, name="Winter")
    old, copied = place_photos(elsewhere, owner.user, 2)
    add(album, library[1], library[0])
    uploaded = place_photo(album, owner.user)
    move_photo(photo=old, album=album, user=owner.user)
    copy_photos(photos=[copied], album=album, user=owner.user)
    add(album, library[2])
    others = [photo.s3_path for photo in (uploaded, old, copied)]
    assert shown(album) == [library[1], library[0], *others, library[2]]


def test_the_order_goes_on_where_a_clock_is_behind(album: Album, library: list[str]) -> None:
    add(album, library[0])
    Photo.objects.filter(album=album).update(position="ffff0000-0000-7000-8000-000000000000")
    add(album, library[2], library[1])
    assert shown(album) == [library[0], library[2], library[1]]


def test_pages_follow_the_order(album: Album, library: list[str]) -> None:
    library.reverse()
    add(album, *library)
    paths, after = [], None
    while page := paths_in_albums(album.owner, [album.pk], after=after, limit=5):
        paths += [row.path for row in page]
        after = page[-1].position
    assert paths == library


def test_a_member_of_the_same_file_keeps_theirs(
    album: Album, library: list[str], owner: Person, member: Person
) -> None:
    theirs = place_photo(album, member.user)
    Photo.objects.filter(pk=theirs.pk).update(s3_path=library[0])
    add(album, library[0])
    assert Photo.objects.filter(album=album, owner=owner.user).count() == 1


def test_photos_of_before_are_in_the_order_of_their_ids(album: Album, owner: Person) -> None:
    photos = place_photos(album, owner.user, 3)
    for photo in photos:
        photo.position = album.pk
        photo.save()
    import_module("photos.migrations.0008_order_of_photos").keep_the_order(apps, None)
    assert shown(album) == [photo.s3_path for photo in photos]


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_add_each_image_once_and_keep_their_own_order(
    album: Album, library: list[str]
) -> None:
    forth, back = library, library[::-1]

    def run(paths: list[str]) -> None:
        add(album, *paths)
        connection.close()

    threads = [threading.Thread(target=run, args=[paths]) for paths in (forth, back, forth)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shown(album) in (forth, back)
    assert Photo.objects.filter(album=album).count() == len(library)
