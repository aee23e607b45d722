"""What no API has below `/v1/` is refused in the envelope of the API that has the folder."""

import pytest

from conftest import Caller, Person
from pickeez_site.dialects.picthrive.tests.shapes import call


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/Owner/", "/v1/Brand/1", "/v1/Photo/1/2", "/v1/usersx", "/v1/a\n"]
)
def test_an_unknown_path_is_a_404_with_an_error(owner: Person, nobody: Caller, method: str, path: str) -> None:
    for caller in (owner, nobody):
        answer = call(caller, method, path, {"a": 1})
        assert (answer.status_code, answer.json()) == (404, {"Error": "Not found."})


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/users", "/v1/users/", "/v1/users/profiles", "/v1/users/post-profile/x/y"])
def test_below_users_it_is_pixoneyes(owner: Person, nobody: Caller, method: str, path: str) -> None:
    for caller in (owner, nobody):
        answer = call(caller, method, path, {"a": 1})
        assert (answer.status_code, answer.json()) == (404, {"error": "Not found."})


def test_known_paths_are_as_they_were(owner: Person, nobody: Caller) -> None:
    assert owner.get("/v1/Region/").status_code == 200
    assert nobody.get("/v1/Group/").status_code == 401
    assert nobody.client.post("/v1/users/post-profile").json().keys() == {"error"}
    assert owner.get("/v2/Group/").json() == {"msg": "Not found."}
