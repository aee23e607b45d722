"""Members who may only look add no photo by any API; see `docs/one-life.md`."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from albums.models import Album, Invitation
from albums.services import (
    LookOnly,
    create_album,
    invite_phones,
    join_by_open_link,
    set_may_upload,
    set_open_link,
)
from albums.services.links import address_of_open_link
from conftest import MakePicture, Person, committing
from photos.models import Original, Photo, UploadSlot
from photos.services import copy_photos, fill_slot, move_photo, register_photo, store_photo
from photos.services.intake import PhotoFacts
from photos.services.slots import add_slots
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import call

REFUSED = "You may look at this album, but not add photos."


@pytest.fixture
def guest(album: Album, stranger: Person) -> Person:
    """Somebody who has joined the album by an open link for looking only."""
    link = set_open_link(album=album, is_on=True, may_upload=False, expires_at=timezone.now() + timedelta(days=1))
    join_by_open_link(token=address_of_open_link(link).rpartition("/o/")[2], user=stranger.user)
    return stranger


def file_of(make_picture: MakePicture) -> SimpleUploadedFile:
    return SimpleUploadedFile("one.png", make_picture(0).read())


def test_pickeez_refuses_files_and_keys_and_stores_nothing(
    album: Album, guest: Person, member: Person, make_picture: MakePicture
) -> None:
    for data in ({"file": make_picture(0)}, {"s3_path": "camera/one.jpg"}):
        answer = guest.post("/photos/", {"album_id": str(album.pk), **data})
        assert answer.status_code == 403
        assert REFUSED in answer.json()["msg"]
    assert (Photo.objects.count(), Original.objects.count()) == (0, 0)
    assert guest.get(f"/albums/{album.pk}").status_code == 200
    answer = member.post("/photos/", {"album_id": str(album.pk), "file": make_picture(0)})
    assert answer.status_code == 200


def test_picthrive_refuses_slots_copies_and_moves(album: Album, guest: Person) -> None:
    answer = call(guest, "POST", f"/v1/Group/{album.pk}/Photo", {"AddPhotos": 1})
    assert answer.status_code == 403
    own = place_photo(create_album(owner=guest.user, name="Own"), guest.user)
    for copies in (True, False):
        answer = call(guest, "PUT", f"/v1/Photo/{own.pk}", {"GroupId": str(album.pk), "DoCopy": copies})
        assert answer.status_code == 403
        assert REFUSED in answer.content.decode()
    assert not Photo.objects.filter(album=album).exists()


def test_a_slot_from_before_takes_no_file_any_more(
    album: Album, member: Person, make_picture: MakePicture
) -> None:
    (slot,) = add_slots(album=album, user=member.user, number=1)
    set_may_upload(invitation=Invitation.objects.get(claimed_by=member.user), may_upload=False)
    with pytest.raises(LookOnly):
        fill_slot(slot_id=slot.pk, file=file_of(make_picture))
    assert UploadSlot.objects.filter(pk=slot.pk).exists()
    assert not Photo.objects.exists()


def test_no_service_adds_a_photo(album: Album, guest: Person, make_picture: MakePicture) -> None:
    user = guest.user
    own = place_photo(create_album(owner=user, name="Own"), user)
    with pytest.raises(LookOnly):
        store_photo(user=user, album=album, file=file_of(make_picture), facts=PhotoFacts())
    with pytest.raises(LookOnly):
        register_photo(user=user, album=album, s3_path=own.s3_path, facts=PhotoFacts())
    with pytest.raises(LookOnly):
        copy_photos(photos=[own], album=album, user=user)
    with pytest.raises(LookOnly):
        move_photo(photo=own, album=album, user=user)
    with pytest.raises(LookOnly):
        add_slots(album=album, user=user, number=1)
    assert not Photo.objects.filter(album=album).exists()


def test_likes_and_leaving_are_theirs(album: Album, guest: Person, owner: Person) -> None:
    photo = place_photo(album, owner.user)
    assert guest.post(f"/photos/{photo.pk}/set_filter", {"filter": "like"}).status_code == 200
    answer = guest.post(f"/albums/{album.pk}/invite_phones", {"phones[]": guest.phone, "remove": "true"})
    assert answer.status_code == 200
    assert not Album.objects.visible_to(guest.user).exists()


def test_whom_the_owner_invites_by_number_may_add_photos(
    album: Album, guest: Person, make_picture: MakePicture
) -> None:
    with committing():
        invite_phones(album=album, phones=[guest.phone])
    answer = guest.post("/photos/", {"album_id": str(album.pk), "file": make_picture(0)})
    assert answer.status_code == 200
