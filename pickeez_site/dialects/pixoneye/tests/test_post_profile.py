from collections.abc import Mapping
from threading import Thread

import pytest
from django.db import connection

from pickeez_site.dialects.pixoneye.tests.customers import Customer
from profiles.models import Device, Profile
from profiles.services import post_profile

UNKNOWN = dict.fromkeys(("gender", "marital-status", "parental-status", "age"), "unknown")


def test_a_profile_is_created(shop: Customer) -> None:
    answer = shop.post_profile("device-1", gender="male")
    assert answer.status_code == 201
    assert answer.json() == {"profile": {"deviceID": "device-1", **UNKNOWN, "gender": "male"}}


def test_members_given_replace_and_members_absent_stay(shop: Customer) -> None:
    shop.post_profile("d", gender="male", sports=["active"], country="Israel", appUserID="user")
    answer = shop.post_profile("d", gender="female", sports=["viewer"], age="25-35")
    assert answer.status_code == 201
    expected = {"gender": "female", "sports": ["viewer"], "country": "Israel", "age": "25-35", "appUserID": "user"}
    assert answer.json()["profile"] == {"deviceID": "d", **UNKNOWN, **expected}
    assert Profile.objects.count() == 1


def test_nothing_but_a_device_is_a_profile_of_which_nothing_is_known(shop: Customer) -> None:
    assert shop.post_profile("d").json()["profile"] == {"deviceID": "d", **UNKNOWN}
    assert shop.everybody().json()["profiles"] == [{"deviceID": "d", **UNKNOWN}]


def test_what_is_empty_is_not_sent(shop: Customer) -> None:
    shop.post_profile("d", city="Rome", pets=["dog"], city_vacations=["Paris"])
    answer = shop.post_profile("d", city="", pets=[], city_vacations=[])
    assert answer.json()["profile"] == {"deviceID": "d", **UNKNOWN}


def test_a_word_given_twice_counts_once(shop: Customer) -> None:
    answer = shop.post_profile("d", sports=["viewer", "active", "viewer"], country_vacations=["Italy", "Italy"])
    assert answer.json()["profile"]["sports"] == ["viewer", "active"]
    assert answer.json()["profile"]["country-vacations"] == ["Italy"]


@pytest.mark.parametrize("name", ["gender", "marital-status", "parental-status", "age"])
def test_the_documents_misspelling_is_taken_and_never_sent(shop: Customer, name: str) -> None:
    assert shop.post_profile("d", **{name: "unkown"}).json()["profile"][name] == "unknown"
    assert Profile.objects.get().posted == {name: "unknown"}


@pytest.mark.parametrize(
    "device_id",
    ["a/b", " ", " a ", "ü/й/中", "a?b#c%20d", "*", "..", "x" * 128, "क्‍ष", "👩‍👧", "a\u00a0b", "'\"\\"],
)
def test_ids_may_hold_printable_characters_of_any_script(shop: Customer, device_id: str) -> None:
    answer = shop.post_profile(device_id, appUserID=device_id)
    assert answer.status_code == 201
    assert answer.json()["profile"]["deviceID"] == answer.json()["profile"]["appUserID"] == device_id
    assert shop.listed(device_id).json()["profiles"] == [answer.json()["profile"]]


def test_an_apps_user_is_tied_to_the_device_that_was_posted_last(shop: Customer) -> None:
    shop.post_profile("old", appUserID="user")
    shop.post_profile("new", appUserID="user")
    assert shop.get("profile-by-app-user-id/user/Shop").json()["profile"]["deviceID"] == "new"
    assert "appUserID" not in shop.listed("old").json()["profiles"][0]


def test_a_device_may_change_its_user(shop: Customer) -> None:
    shop.post_profile("d", appUserID="first")
    shop.post_profile("d", appUserID="second")
    assert shop.get("profile-by-app-user-id/first/Shop").status_code == 404
    assert shop.get("profile-by-app-user-id/second/Shop").status_code == 200


def test_posting_again_gives_the_same_answer(shop: Customer) -> None:
    first, second = (shop.post_profile("d", gender="male", appUserID="u") for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)


@pytest.mark.django_db(transaction=True)
def test_two_who_post_at_once_both_leave_their_words(transactional_db: None) -> None:
    from profiles.services import get_or_create_app

    app = get_or_create_app(owner_id="Acme", app_id="Shop")
    words: list[dict[str, str | list[str]]] = [
        {"gender": "male"},
        {"age": "25-35"},
        {"country": "Israel"},
        {"pets": ["dog"]},
    ]

    def post(members: Mapping[str, str | list[str]]) -> None:
        post_profile(app=app, device_id="d", members=members, app_user_id="same")
        connection.close()

    threads = [Thread(target=post, args=(members,)) for members in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Profile.objects.get().posted == {name: word for members in words for name, word in members.items()}
    assert Device.objects.count() == 1
