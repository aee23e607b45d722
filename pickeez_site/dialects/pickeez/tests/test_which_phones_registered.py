from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import RateLimitHit
from accounts.services import verify_phone
from conftest import Caller, Person, committing

PATH = "/users/which_phones_registered"


def test_numbers_come_back_as_they_were_sent(owner: Person, member: Person) -> None:
    sent = [member.phone, "+1 202 555 0122", "(202) 555-0122", "12025550199", "no phone", owner.phone]
    answer = owner.get(PATH, {"phones[]": sent})
    assert answer.status_code == 200
    assert answer.json() == {
        member.phone: member.id,
        "+1 202 555 0122": member.id,
        "(202) 555-0122": member.id,
        "12025550199": None,
        "no phone": None,
        owner.phone: owner.id,
    }


def test_the_documents_own_call_works(owner: Person) -> None:
    assert owner.get(f"{PATH}?phones[]=972522934321&phones[]=20").json() == {"972522934321": None, "20": None}


def test_a_plus_that_the_query_turned_into_a_space_stays_one(owner: Person, member: Person) -> None:
    assert owner.get(f"{PATH}?phones[]=+{member.phone}").json() == {f" {member.phone}": member.id}


@pytest.mark.parametrize("query", ["phones=12025550122", "phones[]=12025550122", "phones%5B%5D=12025550122"])
def test_every_spelling_of_the_list_is_read(owner: Person, member: Person, query: str) -> None:
    assert owner.get(f"{PATH}?{query}").json() == {member.phone: member.id}


def test_a_json_list_in_the_body_of_a_get_is_read(owner: Person, member: Person) -> None:
    answer = owner.client.generic("GET", PATH, f'{{"phones": ["{member.phone}", 20]}}', "application/json")
    assert answer.json() == {member.phone: member.id, "20": None}


def test_only_verified_phones_count(owner: Person, stranger: Person) -> None:
    stranger.post("/set_phone", {"phone": "12025550199"})
    assert owner.get(PATH, {"phones[]": ["12025550199", stranger.phone]}).json() == {
        "12025550199": None,
        stranger.phone: stranger.id,
    }


def test_local_numbers_are_read_in_the_country_of_the_caller(owner: Person, member: Person) -> None:
    member.user.verified_phone = "972522934321"
    member.user.save()
    owner.user.verified_phone = "972522934322"
    owner.user.save()
    assert owner.get(PATH, {"phones[]": "052-293-4321"}).json() == {"052-293-4321": member.id}


def test_a_thousand_numbers_take_as_many_queries_as_one(
    owner: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 1000):
        with django_assert_max_num_queries(7):  # one finds the caller, one the users, the others count
            answer = owner.client.get(PATH, {"phones[]": [f"120255{n:05}" for n in range(count)]})
        assert len(answer.json()) == count


def test_more_than_a_thousand_are_refused(owner: Person) -> None:
    answer = owner.get(PATH, {"phones[]": [str(n) for n in range(1001)]})
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}


@pytest.mark.parametrize("query", ["", "?phones[]=", "?phones="])
def test_a_missing_list_is_named(owner: Person, query: str) -> None:
    answer = owner.get(f"{PATH}{query}")
    assert (answer.status_code, answer.json()) == (400, {"msg": "Missing parameter: phones"})


@pytest.mark.parametrize("number", ["", "'; --", "1" * 5000, "\u202e", "👍", "null"])
def test_a_strange_text_among_the_numbers_is_just_not_registered(
    owner: Person, member: Person, number: str
) -> None:
    answer = owner.get(f"{PATH}?phones[]={quote(number)}&phones[]={member.phone}")
    assert answer.json() == {number: None, member.phone: member.id}


BOOK = [f"+972 52-293-{number}" for number in range(5000, 5999)]


@pytest.mark.parametrize("way", ["query", "query of a POST", "form", "JSON"])
def test_a_whole_phone_book_is_looked_up_by_get_and_post(owner: Person, member: Person, way: str) -> None:
    sent = [*BOOK, member.phone]
    answer = {
        "query": lambda: owner.get(PATH, {"phones[]": sent}),
        "query of a POST": lambda: owner.post(f"{PATH}?{urlencode({'phones[]': sent}, doseq=True)}"),
        "form": lambda: owner.post(PATH, {"phones[]": sent}),
        "JSON": lambda: owner.post_json(PATH, {"phones": sent}),
    }[way]()
    assert answer.status_code == 200
    assert answer.json() == {**dict.fromkeys(BOOK), member.phone: member.id}


def test_more_than_a_thousand_are_refused_by_post_too(owner: Person) -> None:
    assert owner.post_json(PATH, {"phones": [str(n) for n in range(1001)]}).status_code == 400
    assert not RateLimitHit.objects.exists()


def test_an_account_looks_up_five_thousand_numbers_an_hour(owner: Person, member: Person) -> None:
    for _ in range(5):
        assert owner.post_json(PATH, {"phones": [*BOOK, member.phone]}).status_code == 200
    for refused in (owner.get(PATH, {"phones[]": member.phone}), owner.post(PATH, {"phones[]": member.phone})):
        assert (refused.status_code, set(refused.json())) == (429, {"msg"})
        assert 1 <= int(refused["Retry-After"]) <= 3600
    assert member.get(PATH, {"phones[]": owner.phone}).json() == {owner.phone: owner.id}
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        assert owner.get(PATH, {"phones[]": member.phone}).json() == {member.phone: member.id}


def test_a_setting_says_how_many(settings: Settings, owner: Person) -> None:
    settings.PHONE_LOOKUPS_PER_HOUR = 2
    refused = owner.get(PATH, {"phones[]": ["1", "2", "3"]})
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert refused.json() == {"msg": "Only 2 are possible within an hour. Please send fewer at once."}
    assert owner.get(PATH, {"phones[]": ["1", "2"]}).status_code == 200


def test_head_tells_nothing_and_is_no_way_around_the_limit(owner: Person, member: Person) -> None:
    answer = owner.client.head(PATH, {"phones[]": member.phone})
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, OPTIONS")
    assert not RateLimitHit.objects.exists()


def test_any_form_of_a_mobile_finds_its_user(owner: Person, member: Person) -> None:
    with committing():
        verify_phone(user=member.user, phone="525512345678")
    forms = ["+52 1 55 1234 5678", "tel:+52-55-1234-5678", "52\u200a55\u22121234\u20145678"]
    assert owner.post_json(PATH, {"phones": forms}).json() == dict.fromkeys(forms, member.id)
    assert owner.post_json(PATH, {"phones": ["+52 55 1234 5678 ext. 9"]}).json() == {
        "+52 55 1234 5678 ext. 9": None
    }


def test_nobody_is_refused(db: None, nobody: Caller, owner: Person) -> None:
    assert nobody.get(PATH, {"phones[]": owner.phone}).status_code == 401
    assert nobody.post(PATH, {"phones[]": owner.phone}).status_code == 401
