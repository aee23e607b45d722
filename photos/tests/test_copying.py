from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import delete_user
from albums.models import Album
from albums.services import create_album
from conftest import Person, committing, picture
from faces.models import Face, Sighting
from photos.models import Original, Photo
from photos.services import PhotoFacts, copy_photos, move_photo, store_photo
from photos.tests.builders import place_photo, place_photos


def photos_of(album: Album) -> list[Photo]:
    return list(Photo.objects.filter(album=album).select_related("original").order_by("pk"))


def queries_to_copy(photos: list[Photo], album: Album, user: User) -> int:
    with CaptureQueriesContext(connection) as queries:
        copy_photos(photos=photos, album=album, user=user)
    return len(queries)


def test_a_group_of_five_hundred_is_copied_without_decoding_or_storing_anything(
    owner: Person, member: Person, album: Album, stored: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(3):
        file = SimpleUploadedFile(f"{seed}.png", picture(1, seed=seed, size=(90, 60)).getvalue())
        with committing():
            store_photo(user=owner.user, album=album, file=file, facts=PhotoFacts())
    place_photos(album, owner.user, 497)
    before = (stored(), Original.objects.count(), Face.objects.count())
    decoded: list[object] = []
    monkeypatch.setattr("faces.services.originals.read_picture", decoded.append)
    monkeypatch.setattr("photos.storage.save", lambda *_: decoded.append("saved"))
    target = create_album(owner=member.user)
    with committing():
        copies = copy_photos(photos=photos_of(album), album=target, user=member.user)
    assert (decoded, (stored(), Original.objects.count(), Face.objects.count())) == ([], before)
    assert Photo.objects.visible_to(member.user).filter(album=target).count() == len(copies) == 500
    assert [copy.original_id for copy in copies] == [photo.original_id for photo in photos_of(album)]


def test_copying_takes_a_constant_number_of_queries_for_each_hundred(
    owner: Person, album: Album, other: Album
) -> None:
    photos = place_photos(album, owner.user, 500)
    Sighting.objects.bulk_create([Sighting(photo=photo, user=owner.user, by="builtin") for photo in photos])
    few, many = (queries_to_copy(photos[:number], other, owner.user) for number in (100, 500))
    assert few <= 14
    # SQLite takes some 1,000 values at a time, so rows are inserted in batches of about fifty.
    assert many - few <= 4 * 3


@pytest.fixture
def other(owner: Person) -> Album:
    return create_album(owner=owner.user, name="Autumn")


def test_unfinished_photos_are_copied_too(owner: Person, album: Album, other: Album) -> None:
    photos = [place_photo(album, owner.user), place_photo(album, owner.user, status="processing")]
    copies = copy_photos(photos=photos, album=other, user=owner.user)
    assert [copy.original.status for copy in copies] == ["ready", "processing"]


def test_a_copy_of_a_copy_descends_from_the_first_and_inherits_what_clients_said(
    owner: Person, album: Album, other: Album
) -> None:
    photo = place_photo(album, owner.user)
    photo.rectangles, photo.num_faces, photo.sort_order = [{"x": 1}], 7, "first"
    photo.photo_creation_date = "2020"
    photo.save()
    first = copy_photos(photos=[photo], album=other, user=owner.user)[0]
    second = copy_photos(photos=[first], album=album, user=owner.user)[0]
    assert (first.copied_from, second.copied_from) == (photo.pk, photo.pk)
    assert (second.rectangles, second.num_faces, second.sort_order) == ([{"x": 1}], 7, "first")
    assert (second.photo_creation_date, second.s3_path) == ("2020", photo.s3_path)


def test_deleting_an_uploader_deletes_all_copies(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(album, member.user)
    copy_photos(photos=[photo], album=create_album(owner=owner.user), user=owner.user)
    own = place_photo(album, owner.user)
    with committing():
        delete_user(user=member.user)
    assert list(Photo.objects.all()) == [own]
    assert list(Original.objects.all()) == [own.original]


def test_a_moved_photo_keeps_its_uploader_where_that_is_a_member(
    owner: Person, member: Person, album: Album
) -> None:
    photo = place_photo(album, owner.user)
    target = create_album(owner=member.user)
    from albums.services import invite_phones

    invite_phones(album=target, phones=[owner.phone])
    move_photo(photo=photo, album=target, user=owner.user)
    photo.refresh_from_db()
    assert (photo.album, photo.uploader) == (target, owner.user)
