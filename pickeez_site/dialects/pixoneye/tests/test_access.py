"""Who may what: two owners with two apps each, of the same ids, never see each other's rows."""

from urllib.parse import quote

import pytest
from django.test import Client

from albums.models import Album
from conftest import MakePicture, Person
from core.tests.answers import Answer
from photos.models import Photo
from pickeez_site.dialects.pixoneye import urls
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from profiles.models import Device, Profile

# Each request about the shop's device, and what the shop itself is answered.
REQUESTS = {
    "profiles-by-device-ids": (
        lambda c, a, o: c.post("profiles-by-device-ids", {"deviceIDs": ["d/1"], "appID": a}),
        200,
    ),
    "profile-by-app-user-id": (lambda c, a, o: c.get(f"profile-by-app-user-id/user/{a}"), 200),
    "scanned-images": (lambda c, a, o: c.get(f"scanned-images-by-device-id/d%2F1/{a}"), 200),
    "erase-by-owner": (lambda c, a, o: c.delete(f"delete-user-data-by-owner-id/d%2F1/{quote(o, safe='')}"), 200),
    "erase-by-app": (lambda c, a, o: c.delete(f"delete-user-data-by-app-id/d%2F1/{a}"), 200),
    "post-profile": (lambda c, a, o: c.post("post-profile", {"appID": a, "deviceID": "d/1"}), 201),
    "consent": (lambda c, a, o: c.post("consent", {"appID": a, "deviceID": "d/1", "consent": True}), 401),
}


@pytest.fixture
def everybody(
    shop: Customer, news: Customer, rival: Customer, rival_news: Customer
) -> tuple[Customer, Customer, Customer, Customer]:
    """Each app has a profile of a device of the same id, with the same user."""
    for number, customer in enumerate((shop, news, rival, rival_news)):
        customer.post_profile("d/1", appUserID="user", city=f"City {number}")
    return shop, news, rival, rival_news


def cities(answer: Answer) -> list[str]:
    return [profile["city"] for profile in answer.json()["profiles"]]


def test_every_route_has_a_row_in_the_table() -> None:
    assert {pattern.name for pattern in urls.urlpatterns if pattern.name} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_key_reads_and_writes_its_own_app(
    everybody: tuple[Customer, Customer, Customer, Customer], name: str
) -> None:
    request, status = REQUESTS[name]
    assert request(everybody[0], "Shop", "Acme").status_code == status


@pytest.mark.parametrize("name", [name for name in REQUESTS if name not in ("consent", "erase-by-owner")])
@pytest.mark.parametrize("app_id", ["News", "shop", "SHOP", "Nowhere"])
def test_another_app_is_refused_whether_it_is_there_or_not(
    everybody: tuple[Customer, Customer, Customer, Customer], name: str, app_id: str
) -> None:
    answer = REQUESTS[name][0](everybody[0], app_id, "Acme")
    assert (answer.status_code, answer.json()) == (403, {"error": "This key is not one of that appID."})
    assert Profile.objects.count() == 4


def test_consent_for_another_app_is_refused(
    everybody: tuple[Customer, Customer, Customer, Customer], owner: Person
) -> None:
    body = {"appID": "News", "deviceID": "d/1", "consent": True}
    answer = everybody[0].post("consent", body, headers={"authorization": f"Bearer {owner.token}"})
    assert answer.status_code == 403
    assert not Device.objects.consenting().exists()


@pytest.mark.parametrize("owner_id", ["Rival & Sons/Ltd", "acme", "Nobody", "Sons/Ltd"])
def test_erasing_by_another_owner_is_refused(
    everybody: tuple[Customer, Customer, Customer, Customer], owner_id: str
) -> None:
    answer = REQUESTS["erase-by-owner"][0](everybody[0], "Shop", owner_id)
    assert (answer.status_code, answer.json()) == (403, {"error": "This key is not one of that ownerID."})
    assert Profile.objects.count() == 4


@pytest.mark.parametrize("name", REQUESTS)
def test_nobody_without_a_key_is_let_in(
    everybody: tuple[Customer, Customer, Customer, Customer], name: str
) -> None:
    outsider = Customer("Outsider", "Shop")
    outsider.client = Client()
    answer = REQUESTS[name][0](outsider, "Shop", "Acme")
    assert (answer.status_code, set(answer.json())) == (401, {"error"})
    assert Profile.objects.count() == 4


def test_each_app_sees_its_own_rows_only(everybody: tuple[Customer, Customer, Customer, Customer]) -> None:
    for number, customer in enumerate(everybody):
        own = f"City {number}"
        assert cities(customer.everybody()) == cities(customer.listed("d/1")) == [own]
        found = customer.get(f"profile-by-app-user-id/user/{customer.app_id}").json()
        assert found["profile"]["city"] == own


def test_each_app_writes_to_its_own_rows_only(everybody: tuple[Customer, Customer, Customer, Customer]) -> None:
    everybody[0].post_profile("d/1", city="Changed", appUserID="user")
    assert [cities(customer.everybody()) for customer in everybody[1:]] == [["City 1"], ["City 2"], ["City 3"]]


def test_erasing_by_app_leaves_the_other_apps_alone(
    everybody: tuple[Customer, Customer, Customer, Customer],
) -> None:
    REQUESTS["erase-by-app"][0](everybody[0], "Shop", "")
    assert [len(cities(customer.everybody())) for customer in everybody] == [0, 1, 1, 1]


def test_erasing_by_owner_takes_all_of_the_owners_apps_and_no_others(
    everybody: tuple[Customer, Customer, Customer, Customer],
) -> None:
    REQUESTS["erase-by-owner"][0](everybody[2], "Shop", "Rival & Sons/Ltd")
    assert [len(cities(customer.everybody())) for customer in everybody] == [1, 1, 0, 0]


def test_a_photo_that_another_owners_app_has_taken_in_stays_for_that_one(
    shop: Customer, rival: Customer, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    shop.upload(owner, album, make_picture(0))
    rival.upload(owner, album, make_picture(0))
    assert Photo.objects.count() == 1
    assert shop.delete("delete-user-data-by-app-id/device-1/Shop").json()["deleted"]["photos"] == 0
    assert rival.get("scanned-images-by-device-id/device-1/Shop").json() == {"count": 1}
