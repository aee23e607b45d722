from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from conftest import Caller, Person

MEMBERS = {
    "_id", "name", "email", "pic_url", "fb_id", "phone", "verified_phone", "send_push_notifs", "push_notif_token",
    "created_at", "updated_at",
}  # fmt: skip


def test_a_user_sees_themselves(owner: Person) -> None:
    answer = owner.get("/me")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    me = answer.json()
    assert set(me) == MEMBERS
    assert (me["_id"], me["name"], me["phone"], me["verified_phone"]) == (
        owner.id,
        "Owner",
        owner.phone,
        owner.phone,
    )
    assert (me["send_push_notifs"], me["push_notif_token"]) == (True, "device-of-Owner")


def test_what_is_unknown_is_null(owner: Person) -> None:
    me = owner.get("/me").json()
    assert {name for name, value in me.items() if value is None} == {"email", "pic_url", "fb_id"}


def test_times_are_in_utc(owner: Person) -> None:
    me = owner.get("/me").json()
    for name in ("created_at", "updated_at"):
        assert me[name].endswith("Z")
        age = datetime.now(UTC) - datetime.fromisoformat(me[name])
        assert abs(age.total_seconds()) < 60


def test_everybody_sees_only_themselves(owner: Person, member: Person) -> None:
    assert owner.get("/me", {"_id": member.id, "user_id": member.id}).json()["_id"] == owner.id


def test_nobody_is_told_to_sign_in(db: None, nobody: Caller) -> None:
    answer = nobody.get("/me")
    assert answer.status_code == 401
    assert answer.json() == {"msg": "No user found. Please supply token or sign in."}
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_token_and_its_digest_are_not_shown(owner: Person) -> None:
    text = owner.get("/me").text
    assert owner.token not in text
    assert owner.user.access_tokens.get().digest not in text


@pytest.mark.parametrize("path", ["/me", "/me/"])
def test_it_takes_one_query(owner: Person, path: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        owner.client.get(path)
