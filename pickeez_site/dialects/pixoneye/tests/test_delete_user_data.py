from collections.abc import Callable
from typing import cast

import pytest
from django.core.files.storage import default_storage
from rest_framework.request import Request

from albums.models import Album
from albums.services import create_album
from conftest import MakePicture, Person
from core.tests.presence import present
from faces.models import Face, Sighting
from photos.models import Original, Photo, Rendition
from photos.services import copy_photos
from pickeez_site.dialects.pixoneye.paths import device_and_owner
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from profiles.models import Device, Profile, ScannedPhoto

NOTHING = {
    "devices": 0,
    "profiles": 0,
    "images": 0,
    "photos": 0,
    "faces": 0,
    "embeddings": 0,
    "sightings": 0,
    "files": 0,
}
BY_APP = "delete-user-data-by-app-id/device-1/Shop"
BY_OWNER = "delete-user-data-by-owner-id/device-1/Acme"


@pytest.fixture
def busy(shop: Customer, owner: Person, member: Person, album: Album, make_picture: MakePicture) -> Customer:
    """A device with two images: three faces, one of them known."""
    owner.post("/me/selfie", {"file": make_picture(0, seed=99)})
    shop.upload(owner, album, make_picture(0, 1, seed=1))
    shop.upload(owner, album, make_picture(2, seed=2))
    owner.post(f"/albums/{album.pk}/done_uploading")
    shop.post_profile("device-1", gender="male", appUserID="u")
    shop.consent(owner)
    return shop


@pytest.mark.parametrize("route", [BY_APP, BY_OWNER])
def test_all_of_a_device_goes_and_is_counted(busy: Customer, stored: Callable[..., list[str]], route: str) -> None:
    before = len(stored())
    assert Sighting.objects.count() == 1
    answer = busy.delete(route)
    files = 2 + 2 * len(Rendition.Kind.values)
    expected = {
        "devices": 1,
        "profiles": 1,
        "images": 2,
        "photos": 2,
        "faces": 3,
        "embeddings": 3,
        "sightings": 1,
        "files": files,
    }
    assert (answer.status_code, answer.json()) == (200, {"deleted": expected})
    for model in (Device, Profile, ScannedPhoto, Photo, Original, Rendition, Face, Sighting):
        assert not model.objects.exists(), model
    assert len(stored()) == before - files == 1  # the selfie is not the device's


@pytest.mark.parametrize("route", [BY_APP, BY_OWNER])
def test_deleting_again_finds_nothing(busy: Customer, route: str) -> None:
    busy.delete(route)
    answer = busy.delete(route)
    assert (answer.status_code, answer.json()) == (200, {"deleted": NOTHING})


def test_an_unknown_device_is_deleted_already(shop: Customer) -> None:
    assert shop.delete(BY_APP).json() == shop.delete(BY_OWNER).json() == {"deleted": NOTHING}


def test_other_devices_and_other_peoples_photos_stay(
    busy: Customer, member: Person, album: Album, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    busy.upload(owner := member, album, make_picture(3, seed=3), "device-2")
    owner.post("/photos/", {"album_id": str(album.pk), "file": make_picture(4, seed=4)})
    busy.delete(BY_APP)
    assert Photo.objects.count() == 2
    assert [device.device_id for device in Device.objects.all()] == ["device-2"]
    assert all(default_storage.exists(original.key) for original in Original.objects.all())


def test_deleting_by_owner_takes_the_device_in_every_app_of_the_owner(
    busy: Customer, news: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    news.upload(owner, album, make_picture(5, seed=5))
    news.post_profile("device-1")
    deleted = news.delete(BY_OWNER).json()["deleted"]
    assert (deleted["devices"], deleted["profiles"], deleted["images"]) == (2, 2, 3)
    assert not Device.objects.exists()


def test_copies_go_with_the_devices_photos(
    busy: Customer, owner: Person, member: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    other = create_album(owner=member.user, name="Member's own")
    photos = list(Photo.objects.select_related("original"))
    copies = copy_photos(photos=photos[:1], album=other, user=member.user)
    copy_photos(photos=copies, album=create_album(owner=owner.user), user=owner.user)
    deleted = busy.delete(BY_APP).json()["deleted"]
    assert (deleted["images"], deleted["photos"]) == (2, 4)
    assert not Photo.objects.exists()
    assert len(stored()) == 1


def test_the_same_picture_from_the_user_without_the_device_stays(
    busy: Customer, owner: Person, make_picture: MakePicture
) -> None:
    other = create_album(owner=owner.user, name="By hand")
    owner.post("/photos/", {"album_id": str(other.pk), "file": make_picture(0, 1, seed=1)})
    deleted = busy.delete(BY_APP).json()["deleted"]
    assert (deleted["images"], deleted["photos"], deleted["faces"]) == (2, 2, 1)
    assert [photo.album for photo in Photo.objects.all()] == [other]
    assert default_storage.exists(Original.objects.get().key)


def test_a_photo_of_two_devices_stays_for_the_other(
    busy: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    busy.upload(owner, album, make_picture(2, seed=2), "device-2")
    assert busy.delete(BY_APP).json()["deleted"]["photos"] == 1
    assert busy.get("scanned-images-by-device-id/device-2/Shop").json() == {"count": 1}
    assert busy.delete("delete-user-data-by-app-id/device-2/Shop").json()["deleted"]["photos"] == 1


def test_a_deleted_photo_is_erased_too(busy: Customer, owner: Person) -> None:
    photo = present(Photo.objects.first())
    owner.post(f"/photos/{photo.pk}/delete")
    assert busy.delete(BY_APP).json()["deleted"]["photos"] == 2


def test_a_photo_registered_again_by_another_member_is_not_their_devices(
    busy: Customer, member: Person, album: Album
) -> None:
    photo = present(Photo.objects.first())
    data = {"album_id": str(album.pk), "s3_path": photo.s3_path, "device_id": "theirs"}
    assert member.client.post("/photos/", data, headers={"api_key": busy.key}).json() == {"_id": str(photo.pk)}
    assert busy.delete("delete-user-data-by-app-id/theirs/Shop").json()["deleted"] == {**NOTHING, "devices": 1}
    assert Photo.objects.count() == 2


def test_a_user_who_comes_back_begins_anew(
    busy: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    busy.delete(BY_APP)
    busy.upload(owner, album, make_picture(0, 1, seed=1))
    assert busy.get("scanned-images-by-device-id/device-1/Shop").json() == {"count": 1}
    assert not Device.objects.consenting().exists()


def test_what_is_erased_leaves_the_members_albums(busy: Customer, member: Person, album: Album) -> None:
    assert len(member.get(f"/albums/{album.pk}").json()["users"][-1]["photos"]) == 2
    busy.delete(BY_APP)
    assert member.get(f"/albums/{album.pk}").json()["users"][-1]["photos"] == []


class Sent:
    """A request as a server passes it on; `uri` is what was on the request line."""

    def __init__(self, ids: str, uri: str | None = None) -> None:
        self.path = f"/v1/users/delete-user-data-by-owner-id/{ids}"
        self.META = {} if uri is None else {"RAW_URI": f"/v1/users/delete-user-data-by-owner-id/{uri}"}


@pytest.mark.parametrize(
    ("ids", "uri", "own", "expected"),
    [
        ("d/o", "d/o", "o", ("d", "o")),
        ("d/o/", "d/o/", "o", ("d", "o")),
        ("d/o", "d/o?x=/y/z", "o", ("d", "o")),
        ("a/b/c", "a%2Fb/c", "c", ("a/b", "c")),
        ("a/b/c", "a%2Fb/c", "b/c", ("a/b", "c")),  # another owner's: it is refused
        ("a/b/c", "a/b%2Fc", "c", ("a", "b/c")),
        ("a/b/c", "a/b%2Fc", "b/c", ("a", "b/c")),
        ("a/b/c", "a/b/c", "b/c", ("a", "b/c")),  # not encoded: the caller's own owner parts them
        ("a/b/c", None, "b/c", ("a", "b/c")),
        ("a/b/c", None, "c", ("a/b", "c")),
        ("a/b/c/", None, "x", ("a/b", "c")),
    ],
)
def test_device_and_owner_are_parted_where_the_client_parted_them(
    ids: str, uri: str | None, own: str, expected: tuple[str, str]
) -> None:
    assert device_and_owner(cast("Request", Sent(ids, uri)), ids, own) == expected
