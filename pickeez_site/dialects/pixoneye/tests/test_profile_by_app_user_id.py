from urllib.parse import quote

import pytest

from pickeez_site.dialects.pixoneye.tests.customers import Customer


def test_the_profile_of_an_apps_user(shop: Customer) -> None:
    posted = shop.post_profile("d", gender="male", appUserID="user-7").json()
    answer = shop.get("profile-by-app-user-id/user-7/Shop")
    assert (answer.status_code, answer.json()) == (200, posted)


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("user", ["a/b", "/", "//", " ", "ü й 中", "a?b", "a%2Fb", "..", "x" * 128, "a/Shop"])
def test_ids_come_percent_encoded(shop: Customer, user: str, end: str) -> None:
    shop.post_profile("d", appUserID=user)
    answer = shop.get(f"profile-by-app-user-id/{quote(user, safe='')}/Shop{end}")
    assert (answer.status_code, answer.json()["profile"]["appUserID"]) == (200, user)


def test_an_unknown_user_is_not_found(shop: Customer) -> None:
    shop.post_profile("device", appUserID="user")
    for user in ("device", "User", "user2", "%2Fuser"):
        answer = shop.get(f"profile-by-app-user-id/{user}/Shop")
        assert (answer.status_code, answer.json()) == (404, {"error": "Not found."})


def test_an_erased_user_is_not_found(shop: Customer) -> None:
    shop.post_profile("d", appUserID="user")
    shop.delete("delete-user-data-by-app-id/d/Shop")
    assert shop.get("profile-by-app-user-id/user/Shop").status_code == 404
