import pytest

from albums.models import Album
from albums.services import create_album
from conftest import MakePicture, Person
from core.tests.answers import Answer
from photos.models import Original
from pickeez_site.dialects.pixoneye.tests.customers import Customer


def count(customer: Customer, device_id: str = "device-1") -> Answer:
    return customer.get(f"scanned-images-by-device-id/{device_id}/{customer.app_id}")


def test_uploads_from_a_device_are_counted_when_they_are_processed(
    shop: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    for seed in range(3):
        shop.upload(owner, album, make_picture(0, seed=seed))
    assert (count(shop).status_code, count(shop).json()) == (200, {"count": 3})


@pytest.mark.parametrize("status", ["new", "processing", "failed"])
def test_what_was_not_processed_is_not_counted(
    shop: Customer, owner: Person, album: Album, make_picture: MakePicture, status: str
) -> None:
    shop.upload(owner, album, make_picture(0))
    Original.objects.update(status=status)
    assert count(shop).json() == {"count": 0}


def test_a_known_device_without_images_has_none(shop: Customer, owner: Person) -> None:
    shop.post_profile("posted")
    shop.consent(owner, "consenting")
    assert [count(shop, name).json() for name in ("posted", "consenting")] == [{"count": 0}] * 2


def test_an_unknown_device_is_not_found(shop: Customer) -> None:
    answer = count(shop, "nobody")
    assert (answer.status_code, answer.json()) == (404, {"error": "Not found."})


def test_an_erased_device_is_not_found(
    shop: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    shop.upload(owner, album, make_picture(0))
    shop.delete("delete-user-data-by-app-id/device-1/Shop")
    assert count(shop).status_code == 404


def test_an_image_uploaded_again_or_to_another_album_is_one_image(
    shop: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    other = create_album(owner=owner.user, name="Other")
    for place in (album, album, other):
        shop.upload(owner, place, make_picture(0))
    assert count(shop).json() == {"count": 1}


def test_a_deleted_photo_does_not_count(
    shop: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    photo = shop.upload(owner, album, make_picture(0))
    owner.post(f"/photos/{photo}/delete")
    assert count(shop).json() == {"count": 0}


def test_each_app_and_device_counts_its_own(
    shop: Customer, news: Customer, rival: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    shop.upload(owner, album, make_picture(0, seed=1))
    shop.upload(owner, album, make_picture(0, seed=2), "device/2")
    news.upload(owner, album, make_picture(0, seed=3))
    assert [count(shop).json(), count(shop, "device%2F2").json(), count(news).json()] == [{"count": 1}] * 3
    assert count(rival).status_code == 404
