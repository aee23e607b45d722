"""Whatever is sent, the answer is one that the schema describes."""

import pytest
from schemathesis import Case

from conftest import Person
from pickeez_site.dialects.pixoneye import scrolling
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from pickeez_site.tests.fuzzing import check, fuzzed

schema = fuzzed("pixoneye")
pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]


@pytest.fixture
def customer(db: None) -> Customer:
    """The app of the schema's examples, with enough profiles for several batches."""
    customer = Customer("Acme", "MyApp")
    for number in range(3):
        customer.post_profile(f"device-{number}", gender="male", appUserID=f"user-{number}")
    return customer


@pytest.fixture(params=["nobody", "key", "key and token", "wrong key", "another key and token"])
def headers(
    request: pytest.FixtureRequest, customer: Customer, rival_news: Customer, owner: Person
) -> dict[str, str]:
    """What a caller of each kind sends."""
    token = {"authorization": f"Bearer {owner.token}"}
    return {
        "nobody": {},
        "key": {"api_key": customer.key},
        "key and token": {"api_key": customer.key, **token},
        "wrong key": {"api_key": "wrong"},
        "another key and token": {"api_key": rival_news.key, **token},
    }[request.param]


@pytest.fixture
def scroll_id(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> str:
    """One that lives as long as the test."""
    monkeypatch.setattr(scrolling, "LIFETIME_SECONDS", 24 * 3600)
    return customer.everybody(batchSize=1).json()["scrollID"]


@schema.parametrize()
def test_every_answer_is_as_described(case: Case, headers: dict[str, str], scroll_id: str) -> None:
    check(case, headers, {"SCROLL-ID": scroll_id})
