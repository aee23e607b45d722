import pytest
from django.test import Client
from django.urls import URLPattern
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from conftest import Caller, Person
from pickeez_site.dialects.pickeez.service import ServiceViewSet
from pickeez_site.dialects.pickeez.urls import urlpatterns
from pickeez_site.dialects.routing import route

NOT_FOUND = {"msg": "Not found."}


def path_of(pattern: URLPattern) -> str:
    return "/" + str(pattern.pattern).replace("<str:album_id>", "x").replace("<str:photo_id>", "x")


NAMED = [pattern for pattern in urlpatterns if pattern.name]
PATHS = [path_of(pattern) for pattern in NAMED]
READABLE = [path_of(pattern) for pattern in NAMED if "get" in vars(pattern.callback)["actions"]]


def without(*paths: str) -> list[str]:
    return [path for path in PATHS if path not in paths]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/nothing/",
        "/me/nothing",
        "/albums",
        "/albums/",
        "/users",
        "/users/all",
        "/errors",
        "/albums/x/y/z",
        "/photos/x/y",
        "/me//",
        "/ME",
        "/%00",
        "/%ff%fe",
        "/../etc/passwd",
        "/albums/algo/anything",
        "/routes.json",
        "/" + "x" * 5000,
    ],
)
def test_an_unknown_path_is_a_404_in_json(db: None, client: Client, path: str) -> None:
    for method in ("get", "post", "put", "delete", "patch", "options"):
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
        assert answer.json() == NOT_FOUND
    assert client.head(path).status_code == 404


def test_an_unknown_path_is_a_404_with_a_token_too(owner: Person) -> None:
    assert owner.get("/nothing").json() == NOT_FOUND
    assert owner.get("/nothing", {"token": "wrong"}).json() == NOT_FOUND


@pytest.mark.parametrize("path", without("/", "/logout", "/albums/create"))
def test_a_trailing_slash_changes_nothing(owner: Person, path: str) -> None:
    for method in ("get", "post"):
        plain, slashed = (getattr(owner.client, method)(f"{path}{slash}") for slash in ("", "/"))
        assert (slashed.status_code, slashed.content) == (plain.status_code, plain.content)


def test_creating_and_logging_out_take_a_trailing_slash_too(owner: Person) -> None:
    assert set(owner.post("/albums/create/").json()) == {"_id", "album_id"}
    assert [owner.post(path).status_code for path in ("/logout/", "/logout")] == [200, 401]


@pytest.mark.parametrize("pattern", NAMED, ids=PATHS)
def test_a_method_that_a_route_has_not_is_a_405(owner: Person, settings: Settings, pattern: URLPattern) -> None:
    settings.ALGO_PASSWORD = "open-sesame"
    allowed = {method for method in vars(pattern.callback)["actions"] if method != "head"}
    for method in {"get", "post", "put", "patch", "delete"} - allowed:
        answer = getattr(owner.client, method)(path_of(pattern), headers={"x-algo-password": "open-sesame"})
        assert answer.status_code == 405
        assert set(answer.json()) == {"msg"}
        assert {name.strip().lower() for name in answer["Allow"].split(",")} >= allowed


def test_an_action_called_like_a_method_is_refused() -> None:
    with pytest.raises(ValueError, match="delete"):
        route("x", ServiceViewSet, "x", post="delete")


@pytest.mark.parametrize("path", READABLE)
def test_head_is_get_without_a_body_or_is_not_allowed(owner: Person, path: str) -> None:
    get, head = owner.client.get(path), owner.client.head(path)
    is_like_get = "HEAD" in head["Allow"] or get.status_code == 401
    assert head.status_code == (get.status_code if is_like_get else 405)
    assert head["Content-Type"] == get["Content-Type"]
    assert head.content == b""


@pytest.mark.parametrize("path", PATHS)
def test_options_changes_nothing_and_shows_no_inside(owner: Person, nobody: Caller, path: str) -> None:
    for caller in (owner, nobody):
        answer = caller.client.options(path)
        assert answer.status_code in (200, 401)
        assert answer["Content-Type"] == "application/json"
    assert owner.get("/me").status_code == 200


@pytest.mark.parametrize("path", ["/me", "/albums/x", "/nothing", "/set_phone"])
def test_an_error_shows_nothing_of_the_inside(owner: Person, path: str) -> None:
    for answer in (
        owner.client.get(path),
        owner.client.post(path),
        owner.client.post(path, b"\0", "application/json"),
    ):
        assert not any(word in answer.text for word in ("Traceback", "django", "SELECT", ".py", "sqlite"))


def test_an_unforeseen_error_is_a_500_in_json_without_details(
    owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: User, **_kwargs: object) -> None:
        raise RuntimeError("/secret/path of the token")

    monkeypatch.setattr("pickeez_site.dialects.pickeez.people.from_attributes", broken)
    owner.client.raise_request_exception = False
    answer = owner.client.get("/me")
    assert (answer.status_code, answer.json()) == (500, {"msg": "Server error."})


def test_a_wrong_host_is_a_400_in_json(client: Client) -> None:
    answer = client.get("/ping", headers={"host": "elsewhere.example"})
    assert (answer.status_code, set(answer.json())) == (400, {"msg"})


def test_the_probe_answers_without_a_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert client.get("/ping").json() == {"msg": "pong"}
    assert set(client.get("/").json()) == {"msg"}
