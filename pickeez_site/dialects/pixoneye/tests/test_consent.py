import pytest

from conftest import Caller, Person
from core.tests.answers import Json
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from profiles.models import Device, Profile
from profiles.services import derive_profile

DERIVED = {"country": "Israel"}


def derived(customer: Customer, device_id: str = "device-1") -> None:
    """As if something had been derived."""
    device = Device.objects.get(app=customer.app, device_id=device_id)
    Profile.objects.update_or_create(device=device, defaults={"app": customer.app, "derived": DERIVED})


def test_consent_is_given_and_withdrawn(shop: Customer, owner: Person) -> None:
    given = shop.consent(owner)
    assert (given.status_code, given.json()) == (200, {"deviceID": "device-1", "consent": True})
    assert Device.objects.get().user == owner.user
    withdrawn = shop.consent(owner, consent=False)
    assert (withdrawn.status_code, withdrawn.json()) == (200, {"deviceID": "device-1", "consent": False})
    assert not Device.objects.consenting().exists()


def test_giving_and_withdrawing_again_give_the_same_answer(shop: Customer, owner: Person) -> None:
    for consent in (True, False):
        first, second = (shop.consent(owner, consent=consent) for _ in range(2))
        assert (first.status_code, first.content) == (second.status_code, second.content)


def test_giving_again_keeps_the_first_time(shop: Customer, owner: Person) -> None:
    shop.consent(owner)
    first = Device.objects.get().consented_at
    shop.consent(owner)
    assert Device.objects.get().consented_at == first


def test_withdrawing_for_an_unknown_device_makes_none(shop: Customer, owner: Person) -> None:
    assert shop.consent(owner, consent=False).status_code == 200
    assert not Device.objects.exists()


def test_withdrawing_erases_what_was_derived_and_keeps_what_was_posted(shop: Customer, owner: Person) -> None:
    shop.consent(owner)
    shop.post_profile(gender="male")
    derived(shop)
    assert shop.listed("device-1").json()["profiles"][0]["country"] == "Israel"
    shop.consent(owner, consent=False)
    profile = shop.listed("device-1").json()["profiles"][0]
    assert (profile["gender"], "country" in profile) == ("male", False)


def test_withdrawing_erases_a_profile_that_was_only_derived(shop: Customer, owner: Person) -> None:
    shop.consent(owner)
    derived(shop)
    shop.consent(owner, consent=False)
    assert shop.everybody().json() == {"profiles": []}


def test_a_posted_profile_without_a_word_outlives_what_was_derived(shop: Customer, owner: Person) -> None:
    shop.post_profile()
    shop.consent(owner)
    derived(shop)
    shop.consent(owner, consent=False)
    assert len(shop.everybody().json()["profiles"]) == 1


def test_nothing_is_derived_after_consent_was_withdrawn(shop: Customer, owner: Person) -> None:
    shop.consent(owner)
    shop.consent(owner, consent=False)
    assert derive_profile(device_id=Device.objects.get().pk) is False


def test_another_user_may_neither_take_over_nor_withdraw_a_consent(
    shop: Customer, owner: Person, stranger: Person
) -> None:
    shop.consent(owner)
    for consent in (True, False):
        answer = shop.consent(stranger, consent=consent)
        assert (answer.status_code, set(answer.json())) == (403, {"error"})
    assert Device.objects.consenting().get().user == owner.user


def test_the_next_user_of_a_device_may_consent_when_the_first_has_withdrawn(
    shop: Customer, owner: Person, member: Person
) -> None:
    shop.consent(owner)
    shop.consent(owner, consent=False)
    assert shop.consent(member).status_code == 200
    assert Device.objects.consenting().get().user == member.user


def test_each_app_needs_its_own_consent(shop: Customer, news: Customer, owner: Person) -> None:
    shop.consent(owner)
    news.post_profile()
    assert [device.app for device in Device.objects.consenting()] == [shop.app]


def test_a_key_without_a_user_and_a_user_without_a_key_are_refused(
    shop: Customer, owner: Person, nobody: Caller
) -> None:
    body = {"deviceID": "d", "appID": "Shop", "consent": True}
    bearer = {"authorization": f"Bearer {owner.token}"}
    answers = [
        shop.post("consent", body),
        shop.post("consent", body, headers={"authorization": "Bearer wrong"}),
        nobody.client.post("/v1/users/consent", body, content_type="application/json", headers=bearer),
        nobody.client.post("/v1/users/consent", body, content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(set(answer.json()) == {"error"} for answer in answers)
    assert not Device.objects.exists()


@pytest.mark.parametrize("consent", [None, 0, 1, "true", "yes", [], {}])
def test_consent_is_true_or_false(shop: Customer, owner: Person, consent: Json) -> None:
    answer = shop.consent(owner, consent=consent)
    assert (answer.status_code, answer.json()) == (400, {"error": "consent must be true or false."})


def test_a_user_who_leaves_takes_device_and_profile_along(shop: Customer, owner: Person) -> None:
    shop.consent(owner)
    shop.post_profile(gender="male")
    derived(shop)
    owner.post("/delete_me", {"sure": "yes"})
    assert not Device.objects.exists()
    assert not Profile.objects.exists()


def test_a_posted_word_wins_over_a_derived_one_even_if_it_says_nothing(shop: Customer, owner: Person) -> None:
    shop.consent(owner)
    derived(shop)
    shop.post_profile(country="", city="Rome")
    profile = shop.listed("device-1").json()["profiles"][0]
    assert ("country" in profile, profile["city"]) == (False, "Rome")
    assert Profile.objects.get().derived == DERIVED
