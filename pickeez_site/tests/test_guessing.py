"""Who guesses passwords, tokens, keys or links is stopped, and stands in the log."""

import logging
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.services import Credential, RateLimitExceeded, check_guesses, note_wrong_guess
from albums.models import Album
from conftest import Person
from profiles.services import get_or_create_app, issue_key

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
Guess = Callable[[str], int]


@pytest.fixture(autouse=True)
def _few(settings: Settings) -> None:
    settings.WRONG_PASSWORDS_PER_ADDRESS_PER_HOUR = settings.WRONG_TOKENS_PER_ADDRESS_PER_HOUR = 3
    settings.WRONG_PASSWORDS_PER_HOUR = settings.WRONG_TOKENS_PER_HOUR = 5
    settings.ALGO_PASSWORD = "the right one"


def statuses(send: Guess, addresses: list[str]) -> list[int]:
    return [send(address) for address in addresses]


@pytest.fixture
def wrong(client: Client, album: Album) -> dict[Credential, Guess]:
    """Sends a wrong credential of each kind from an address; the status."""
    return {
        Credential.ADMIN_PASSWORD: lambda address: (
            client.post(
                "/admin/login/", {"username": "operator", "password": "wrong"}, REMOTE_ADDR=address
            ).status_code
        ),
        Credential.ALGORITHM_PASSWORD: lambda address: (
            client.get("/albums/algo/all_pending?password=wrong", REMOTE_ADDR=address).status_code
        ),
        Credential.API_KEY: lambda address: (
            client.get(
                "/v1/users/profile-by-app-user-id/a/b", headers={"x-api-key": "wrong"}, REMOTE_ADDR=address
            ).status_code
        ),
        Credential.ACCESS_TOKEN: lambda address: client.get("/me?token=wrong", REMOTE_ADDR=address).status_code,
        Credential.LINK: lambda address: (
            client.get(f"/v1/Group/{album.pk}/Photo?Token=wrong", REMOTE_ADDR=address).status_code
        ),
    }


REFUSED = {
    Credential.ADMIN_PASSWORD: 200,  # Django shows its form again
    Credential.ALGORITHM_PASSWORD: 401,
    Credential.API_KEY: 401,
    Credential.ACCESS_TOKEN: 401,
    Credential.LINK: 404,
}


@pytest.mark.parametrize("credential", list(Credential))
def test_an_address_that_guesses_too_often_waits(wrong: dict[Credential, Guess], credential: Credential) -> None:
    refused = REFUSED[credential]
    assert statuses(wrong[credential], [HERE] * 4) == [refused] * 3 + [429]
    assert wrong[credential](ELSEWHERE) == refused, "another address may"


@pytest.mark.parametrize("credential", list(Credential))
def test_so_do_many_addresses_together(wrong: dict[Credential, Guess], credential: Credential) -> None:
    addresses = [f"203.0.113.{number}" for number in range(6)]
    assert statuses(wrong[credential], addresses) == [REFUSED[credential]] * 5 + [429]


def test_right_passwords_are_refused_too_while_an_address_waits(
    client: Client, wrong: dict[Credential, Guess]
) -> None:
    User.objects.create_superuser("operator", "a right password")
    right = {"username": "operator", "password": "a right password"}
    statuses(wrong[Credential.ADMIN_PASSWORD], [HERE] * 3)
    answer = client.post("/admin/login/", right, REMOTE_ADDR=HERE)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert client.post("/admin/login/", right, REMOTE_ADDR=ELSEWHERE).status_code == 302
    statuses(wrong[Credential.ALGORITHM_PASSWORD], [HERE] * 3)
    path = "/albums/algo/all_pending?password=the right one"
    answer = client.get(path, REMOTE_ADDR=HERE)
    assert (answer.status_code, set(answer.json())) == (429, {"msg"})
    assert "Retry-After" in answer
    assert client.get(path, REMOTE_ADDR=ELSEWHERE).status_code == 200


def test_right_tokens_and_keys_are_never_refused(owner: Person, wrong: dict[Credential, Guess]) -> None:
    statuses(wrong[Credential.ACCESS_TOKEN], ["127.0.0.1"] * 4)
    assert owner.get("/me").status_code == 200
    statuses(wrong[Credential.API_KEY], ["127.0.0.1"] * 4)
    _, key = issue_key(app=get_or_create_app(owner_id="shop", app_id="print"))
    answer = owner.client.get("/v1/users/profile-by-app-user-id/shop/print", headers={"x-api-key": key})
    assert answer.status_code not in (401, 429)


def test_right_ones_cost_nothing(owner: Person, client: Client) -> None:
    for _ in range(5):
        assert owner.get("/me").status_code == 200
        assert client.get("/albums/algo/all_pending?password=the right one").status_code == 200
        assert client.get("/albums/algo/all_pending").status_code == 401, "none is no guess"


def test_each_wrong_one_is_a_line_in_the_log(
    wrong: dict[Credential, Guess], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "pickeez.guesses"):
        for kind in (
            Credential.ADMIN_PASSWORD,
            Credential.ALGORITHM_PASSWORD,
            Credential.ACCESS_TOKEN,
            Credential.LINK,
        ):
            statuses(wrong[kind], [HERE] * 4)
    lines = [record.getMessage() for record in caplog.records if record.name == "pickeez.guesses"]
    assert f"wrong admin password from {HERE}" in lines
    assert f"wrong algorithm password from {HERE}" in lines
    assert lines.count(f"wrong access token from {HERE}") == 4, "also when it waits"
    assert f"wrong link from {HERE}" in lines


@pytest.mark.parametrize("path", ["/i/wrong", "/o/wrong"])
def test_dead_links_of_the_gallery_count_too(client: Client, path: str) -> None:
    assert [client.get(path, REMOTE_ADDR=HERE).status_code for _ in range(4)] == [404] * 3 + [429]
    assert int(client.get(path, REMOTE_ADDR=HERE)["Retry-After"]) > 0
    assert client.get(path, REMOTE_ADDR=ELSEWHERE).status_code == 404


def test_addresses_of_one_customer_are_one() -> None:
    for number in range(3):
        note_wrong_guess(credential=Credential.ADMIN_PASSWORD, address=f"2001:db8::{number}")
    with pytest.raises(RateLimitExceeded):
        check_guesses(credential=Credential.ADMIN_PASSWORD, address="2001:db8::99")
    check_guesses(credential=Credential.ADMIN_PASSWORD, address="2001:db8:0:1::1")
