"""The web server as it is shipped: how long a request line may be, and its own errors as JSON."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests

from pickeez_site.tests.stack import Stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("server")).running("web") as stack:
        yield stack


@pytest.mark.stack
def test_a_whole_phone_book_fits_into_a_query_string(stack: Stack) -> None:
    token = stack.manage("create_token", "--phone", "+972522934321").split()[-1]
    numbers = [f"+972 52-293-{number}" for number in range(4000, 5000)]
    query = "&".join(f"phones%5B%5D={quote(number)}" for number in numbers)
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{stack.url}/users/which_phones_registered"
    answer = requests.get(f"{url}?{query}", headers=headers, timeout=30)
    assert answer.status_code == 200
    assert [number for number, user in answer.json().items() if user] == ["+972 52-293-4321"]
    assert len(answer.json()) == 1000


@pytest.mark.stack
@pytest.mark.parametrize("length", [70_000, 900_000])
def test_a_longer_request_line_is_refused_in_json(stack: Stack, length: int) -> None:
    answer = requests.get(f"{stack.url}/me?x={'1' * length}", timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (414, "application/json")
    assert answer.json() == {"msg": "The request line is longer than 65536 bytes."}
