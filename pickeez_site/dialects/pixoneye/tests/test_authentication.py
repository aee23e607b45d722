import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conftest import Caller, Person
from core.tests.answers import Answer
from core.tests.presence import present
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from profiles.models import ApiKey
from profiles.services import issue_key, revoke_keys

PATH = "/v1/users/profiles-by-device-ids"
BODY = {"deviceIDs": "*", "appID": "Shop"}
NO_KEY = {"error": "An API key is required: send it in the header api_key."}
WRONG_KEY = {"error": "Invalid API key."}


def ask(headers: dict[str, str], **meta: Any) -> Answer:
    return Client().post(PATH, BODY, content_type="application/json", headers=headers, **meta)


@pytest.mark.parametrize(
    "header",
    [
        ("api_key", "{}"),
        ("API_KEY", "{}"),
        ("X-Api-Key", "{}"),
        ("Authorization", "Api-Key {}"),
        ("authorization", "api-key {}"),
    ],
)
def test_the_key_comes_in_one_of_three_headers(shop: Customer, header: tuple[str, str]) -> None:
    name, form = header
    assert ask({name: form.format(shop.key)}).status_code == 200


def test_without_a_key_nobody_is_let_in(shop: Customer) -> None:
    answer = ask({})
    assert (answer.status_code, answer.json()) == (401, NO_KEY)
    assert answer["WWW-Authenticate"] == "Api-Key"


@pytest.mark.parametrize(
    "key", ["", " ", "wrong", "x" * 43, "x" * 10_000, "ü", "a,b", "' OR 1=1 --", "null", "\x7f"]
)
@pytest.mark.parametrize("header", ["HTTP_API_KEY", "HTTP_X_API_KEY"])
def test_a_wrong_key_is_refused(shop: Customer, header: str, key: str) -> None:
    answer = ask({}, **{header: key})
    assert (answer.status_code, answer.json()) == (401, WRONG_KEY)


def test_a_key_joined_with_another_by_a_comma_is_refused(shop: Customer) -> None:
    for joined in (f"{shop.key},{shop.key}", f"{shop.key},", f",{shop.key}", f"{shop.key}, x"):
        assert ask({"api_key": joined}).status_code == 401


def test_two_different_keys_are_refused_and_the_same_twice_is_one(shop: Customer, news: Customer) -> None:
    assert ask({"api_key": shop.key, "X-Api-Key": news.key}).status_code == 401
    assert ask({"api_key": shop.key, "X-Api-Key": "wrong"}).status_code == 401
    assert ask({"api_key": shop.key, "X-Api-Key": shop.key}).status_code == 200


def test_a_key_in_the_query_or_body_is_none(shop: Customer) -> None:
    answer = Client().post(
        f"{PATH}?api_key={shop.key}", {**BODY, "api_key": shop.key}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()) == (401, NO_KEY)


def test_a_digest_is_no_key(shop: Customer) -> None:
    assert ask({"api_key": ApiKey.objects.get().digest}).status_code == 401


def test_an_app_may_have_several_keys_and_a_revoked_one_is_dead_at_once(shop: Customer) -> None:
    other, second = issue_key(app=shop.app)
    assert [ask({"api_key": key}).status_code for key in (shop.key, second)] == [200, 200]
    assert revoke_keys(keys=[other]) == 1
    assert [ask({"api_key": key}).status_code for key in (shop.key, second)] == [200, 401]


def test_a_users_token_is_no_key(shop: Customer, owner: Person) -> None:
    assert ask({"api_key": owner.token}).json() == WRONG_KEY
    assert ask({"authorization": f"Bearer {owner.token}"}).json() == NO_KEY


def test_a_wrong_token_is_refused_beside_a_good_key(shop: Customer, owner: Person) -> None:
    assert ask({"api_key": shop.key, "authorization": f"Bearer {owner.token}"}).status_code == 200
    assert ask({"api_key": shop.key, "authorization": "Bearer wrong"}).status_code == 401


def test_the_last_use_is_noted_once_a_minute(shop: Customer) -> None:
    def used() -> datetime:
        assert ask({"api_key": shop.key}).status_code == 200
        return present(ApiKey.objects.get().last_used_at)

    first = used()
    time.sleep(0.01)
    assert first is not None
    assert used() == first
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    assert used() > first


def test_401_goes_before_all_else(shop: Customer, nobody: Caller) -> None:
    answers = [
        nobody.client.post("/v1/users/post-profile", b"{", content_type="application/json"),
        nobody.client.get("/v1/users/post-profile"),
        nobody.client.get("/v1/users/scanned-images-by-device-id/x/nowhere"),
    ]
    assert [answer.status_code for answer in answers] == [401] * 3
