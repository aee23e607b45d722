import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from core.tests.answers import Answer, Json
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from profiles.models import Device, Profile
from profiles.services import get_or_create_app


def scroll(customer: Customer, **more: int) -> list[list[str]]:
    """The devices of each batch."""
    batches, answer = [], customer.everybody(**more).json()
    while True:
        batches.append([profile["deviceID"] for profile in answer["profiles"]])
        if "scrollID" not in answer:
            return batches
        answer = customer.everybody(scrollID=answer["scrollID"]).json()


@pytest.fixture
def seven(shop: Customer) -> list[str]:
    for number in range(7):
        shop.post_profile(f"d{number}")
    return [f"d{number}" for number in range(7)]


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 7), (3, [3, 3, 1]), (6, [6, 1]), (7, [7]), (10_000, [7])])
def test_batches_are_as_large_as_asked_and_the_last_has_no_scroll_id(
    shop: Customer, seven: list[str], size: int, lengths: list[int]
) -> None:
    batches = scroll(shop, batchSize=size)
    assert list(map(len, batches)) == lengths
    assert [device for batch in batches for device in batch] == seven


def test_a_batch_has_1000_by_default(shop: Customer, seven: list[str]) -> None:
    made = Device.objects.bulk_create([Device(app=shop.app, device_id=f"x{number}") for number in range(1000)])
    Profile.objects.bulk_create([Profile(app=shop.app, device=device) for device in made])
    assert list(map(len, scroll(shop))) == [1000, 7]


def test_the_size_may_change_on_the_way(shop: Customer, seven: list[str]) -> None:
    first = shop.everybody(batchSize=2).json()
    second = shop.everybody(scrollID=first["scrollID"], batchSize=4).json()
    third = shop.everybody(scrollID=second["scrollID"]).json()
    assert [len(batch["profiles"]) for batch in (first, second, third)] == [2, 4, 1]


def test_the_same_scroll_id_gives_the_same_batch(shop: Customer, seven: list[str]) -> None:
    first = shop.everybody(batchSize=2).json()
    again = [shop.everybody(scrollID=first["scrollID"]).json()["profiles"] for _ in range(2)]
    assert again[0] == again[1]


def test_each_row_comes_exactly_once_while_others_write_and_delete(shop: Customer, seven: list[str]) -> None:
    answer = shop.everybody(batchSize=2).json()
    found = [profile["deviceID"] for profile in answer["profiles"]]
    number = 0
    while "scrollID" in answer:
        shop.post_profile(f"new {number}")
        shop.post_profile("d0", age="25-35")
        shop.post_profile("d6", appUserID=str(number))
        shop.delete("delete-user-data-by-app-id/d1/Shop")
        shop.post_profile("d1")
        answer = shop.everybody(scrollID=answer["scrollID"]).json()
        found += [profile["deviceID"] for profile in answer["profiles"]]
        number += 1
    assert [name for name in found if not name.startswith("new")] == seven
    assert len(found) == len(set(found))


def test_a_deleted_row_is_not_sent_and_holds_nobody_up(shop: Customer, seven: list[str]) -> None:
    first = shop.everybody(batchSize=2).json()
    for device in ("d1", "d2", "d6"):
        shop.delete(f"delete-user-data-by-app-id/{device}/Shop")
    rest = shop.everybody(scrollID=first["scrollID"], batchSize=10).json()
    assert [profile["deviceID"] for profile in rest["profiles"]] == ["d3", "d4", "d5"]
    assert "scrollID" not in rest


def test_a_scroll_id_lives_for_60_seconds_from_its_answer(shop: Customer, seven: list[str]) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        first = shop.everybody(batchSize=2).json()
        clock.shift(59.9)
        second = shop.everybody(scrollID=first["scrollID"]).json()
        assert len(second["profiles"]) == 2
        clock.shift(0.2)
        answer = shop.everybody(scrollID=first["scrollID"])
        assert answer.status_code == 410
        assert set(answer.json()) == {"error"}
        assert shop.everybody(scrollID=second["scrollID"]).status_code == 200


def refused(answer: Answer) -> bool:
    return answer.status_code == 400 and "scrollID" in answer.json()["error"]


def test_a_tampered_scroll_id_is_refused(shop: Customer, seven: list[str]) -> None:
    good = shop.everybody(batchSize=2).json()["scrollID"]
    assert shop.everybody(scrollID=good).status_code == 200
    flipped = [good[:i] + ("A" if good[i] != "A" else "B") + good[i + 1 :] for i in range(len(good))]
    cut = [good[:i] for i in range(0, len(good), 7)] + [good[1:], good + "A", good + "=", f" {good}", good * 50]
    for bad in flipped + cut:
        assert refused(shop.everybody(scrollID=bad)), bad


@pytest.mark.parametrize("bad", [None, 0, True, [], {}, "", "*", "ü", ":", "a:b", "\0", "x" * 100_000])
def test_what_is_no_scroll_id_is_refused(shop: Customer, bad: Json) -> None:
    assert refused(shop.everybody(scrollID=bad))


def test_another_apps_scroll_id_is_refused(
    shop: Customer, seven: list[str], news: Customer, rival: Customer
) -> None:
    good = shop.everybody(batchSize=2).json()["scrollID"]
    for customer in (news, rival):
        assert refused(customer.everybody(scrollID=good))


def test_an_app_that_has_changed_hands_begins_again(shop: Customer, seven: list[str]) -> None:
    good = shop.everybody(batchSize=2).json()["scrollID"]
    shop.app.owner = get_or_create_app(owner_id="Buyer", app_id="Shop").owner
    shop.app.app_id = "Bought"
    shop.app.save()
    answer = shop.post("profiles-by-device-ids", {"deviceIDs": "*", "appID": "Bought", "scrollID": good})
    assert refused(answer)


def test_a_list_takes_no_scroll_id(shop: Customer, seven: list[str]) -> None:
    good = shop.everybody(batchSize=2).json()["scrollID"]
    answer = shop.post("profiles-by-device-ids", {"deviceIDs": ["d1"], "appID": "Shop", "scrollID": good})
    assert refused(answer)


def test_a_batch_costs_a_constant_number_of_queries(
    shop: Customer, seven: list[str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shop.everybody()  # the key's use is noted once a minute
    with django_assert_num_queries(3):
        first = shop.everybody(batchSize=3).json()
    with django_assert_num_queries(2):
        shop.everybody(scrollID=first["scrollID"])


def test_a_batch_size_may_be_written_with_a_point(shop: Customer) -> None:
    """JSON has one kind of numbers."""
    for number in range(3):
        shop.post_profile(f"device-{number}")
    answer = shop.everybody(batchSize=2.0).json()
    assert len(answer["profiles"]) == 2
    assert len(shop.everybody(scrollID=answer["scrollID"]).json()["profiles"]) == 1
