"""Nothing is added to an album that its user has lost since the request began: it would be hidden from them."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from albums.models import Album
from albums.services import create_album, delete_album, leave_album, uninvite_phones
from conftest import MakePicture, Person
from photos import storage
from photos.models import Original, Photo
from photos.services import (
    PhotoFacts,
    add_images,
    add_slots,
    copy_photos,
    fill_slot,
    move_photo,
    register_photo,
    store_photo,
)
from photos.tests.builders import place_photo

pytestmark = pytest.mark.django_db
FACTS = PhotoFacts()
Way = Callable[[Album, Person], Callable[[], object]]


@pytest.fixture
def ways(make_picture: MakePicture) -> dict[str, Way]:
    """Each prepares a request into the album by a user who is still in it, and returns the rest of it."""

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("photo.png", make_picture(0).read())

    def placed(person: Person) -> Photo:
        photo = place_photo(create_album(owner=person.user), person.user)
        return Photo.objects.select_related("original", "album").get(pk=photo.pk)

    def upload(album: Album, person: Person) -> Callable[[], object]:
        return lambda: store_photo(user=person.user, album=album, file=file(), facts=FACTS)

    def register(album: Album, person: Person) -> Callable[[], object]:
        storage.save("camera/a.png", b"content")
        return lambda: register_photo(user=person.user, album=album, s3_path="camera/a.png", facts=FACTS)

    def fill(album: Album, person: Person) -> Callable[[], object]:
        (slot,) = add_slots(album=album, user=person.user, number=1)
        return lambda: fill_slot(slot_id=slot.pk, file=file())

    def copy(album: Album, person: Person) -> Callable[[], object]:
        photo = placed(person)
        return lambda: copy_photos(photos=[photo], album=album, user=person.user)

    def move(album: Album, person: Person) -> Callable[[], object]:
        photo = placed(person)
        return lambda: move_photo(photo=photo, album=album, user=person.user)

    return {"upload": upload, "register": register, "fill": fill, "copy": copy, "move": move}


@pytest.mark.parametrize("way", ["upload", "register", "fill", "copy", "move"])
@pytest.mark.parametrize("lost", ["deleted", "removed", "left"])
def test_a_guest_who_has_lost_the_album_meanwhile_adds_nothing_to_it(
    ways: dict[str, Way], way: str, lost: str, album: Album, member: Person
) -> None:
    add = ways[way](album, member)
    if lost == "deleted":
        delete_album(album=Album.objects.get(pk=album.pk))
    elif lost == "removed":
        uninvite_phones(album=album, phones=[str(member.user.verified_phone)])
    else:
        leave_album(album=album, user=member.user)
    with pytest.raises(Album.DoesNotExist):
        add()
    assert not Photo.objects.filter(album=album).exists()


@pytest.mark.parametrize("way", ["upload", "register", "fill", "copy", "move"])
def test_what_a_guest_adds_in_time_stays_with_them(
    ways: dict[str, Way], way: str, album: Album, member: Person
) -> None:
    ways[way](album, member)()
    kept = Original.objects.get(photos__album=album)
    delete_album(album=album)
    assert Photo.objects.filter(album=None, owner=member.user, original=kept, deleted_at=None).exists()


def test_nothing_is_added_from_the_library_to_a_deleted_album(album: Album, owner: Person) -> None:
    image = place_photo(None, owner.user)
    delete_album(album=Album.objects.get(pk=album.pk))
    with pytest.raises(Album.DoesNotExist):
        add_images(album=album, user=owner.user, paths=[image.s3_path])
