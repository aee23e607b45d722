from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import Person
from core.tests.answers import Answer
from pickeez_site.dialects.pixoneye.tests.customers import Customer


def devices(answer: Answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [profile["deviceID"] for profile in answer.json()["profiles"]]


def test_profiles_come_in_the_lists_order_and_unknown_ids_are_left_out(shop: Customer) -> None:
    for name in "abc":
        shop.post_profile(name)
    answer = shop.listed("c", "nobody", "a", "b", "a")
    assert devices(answer) == ["c", "a", "b"]
    assert set(answer.json()) == {"profiles"}


def test_an_empty_list_asks_for_nobody(shop: Customer) -> None:
    shop.post_profile("a")
    assert shop.listed().json() == {"profiles": []}


def test_a_device_without_a_profile_has_none(shop: Customer, owner: Person) -> None:
    shop.consent(owner, "silent")
    assert shop.listed("silent").json() == {"profiles": []}
    assert shop.everybody().json() == {"profiles": []}


def test_an_app_without_profiles_has_an_empty_last_batch(shop: Customer) -> None:
    assert shop.everybody().json() == {"profiles": []}


def test_case_and_blanks_make_another_device(shop: Customer) -> None:
    shop.post_profile("Device")
    assert devices(shop.listed("device", "Device ", " Device", "DEVICE")) == []


def test_10000_ids_may_be_asked_for_and_no_more(shop: Customer) -> None:
    shop.post_profile("9999")
    ids = [str(number) for number in range(10_001)]
    assert devices(shop.listed(*ids[:10_000])) == ["9999"]
    answer = shop.listed(*ids)
    assert answer.status_code == 400
    assert answer.json() == {"error": 'deviceIDs must be "*" or a list of at most 10000 ids.'}


def test_a_list_costs_the_same_queries_however_long_it_is(shop: Customer) -> None:
    for number in range(30):
        shop.post_profile(str(number))
    counts = []
    for n in (1, 30):
        with CaptureQueriesContext(connection) as queries:
            assert len(devices(shop.listed(*map(str, range(n))))) == n
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3
