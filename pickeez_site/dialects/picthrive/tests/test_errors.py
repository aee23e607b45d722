import pytest
from django.urls import URLPattern
from pytest_django import Settings

from conftest import Caller, Person
from pickeez_site.dialects.picthrive.tests.shapes import assert_refused, call
from pickeez_site.dialects.picthrive.urls import urlpatterns

NAMED = [pattern for pattern in urlpatterns if pattern.name]


def path_of(pattern: URLPattern) -> str:
    path = "/" + str(pattern.pattern)
    for name in ("photo_id", "group_id", "zip_id"):
        path = path.replace(f"<str:{name}>", "x")
    return path


PATHS = [path_of(pattern) for pattern in NAMED]


def test_the_routes_are_the_documents() -> None:
    assert PATHS == [
        "/v1/Photo/x",
        "/v1/Group",
        "/v1/Group/x",
        "/v1/Group/x/Photo",
        "/v1/Group/x/UploadStatus",
        "/v1/Group/x/Zip",
        "/v1/Zip/x",
        "/v1/Region",
    ]


@pytest.mark.parametrize("pattern", NAMED, ids=PATHS)
def test_a_method_that_a_route_has_not_is_a_405(owner: Person, pattern: URLPattern) -> None:
    actions: dict[str, str] = pattern.callback.actions  # type: ignore[attr-defined]  # a viewset's view has them
    allowed = {method.upper() for method in actions if method != "head"}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        answer = call(owner, method, path_of(pattern))
        assert_refused(answer, 405)
        assert {name.strip() for name in answer["Allow"].split(",")} >= allowed


@pytest.mark.parametrize("path", PATHS)
def test_a_trailing_slash_and_simpler_spellings_change_nothing(owner: Person, path: str) -> None:
    spellings = {path, path.lower(), path.removeprefix("/v1"), path.removeprefix("/v1").lower()}
    spellings |= {f"{spelling}/" for spelling in spellings}
    answers = [owner.client.get(spelling) for spelling in spellings]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/Nothing", "/v1/Photo/", "/v1/Group/x/Nothing", "/v1/Photo/x/y"]
)
def test_an_unknown_path_is_a_404_in_json(owner: Person, path: str) -> None:
    answer = owner.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"\0", b"[1]", b'{"a": NaN}', b"[" * 100_000, b'{"a": "\\ud800"}', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_a_400(owner: Person, path: str, body: bytes) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = call(owner, method, path, body)
        assert answer.status_code in (400, 405)
        assert set(answer.json()) == {"Error"}


def test_a_body_that_is_too_large_is_a_413_in_the_envelope(owner: Person, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert_refused(call(owner, "POST", "/v1/Group", {"Name": "a" * 2000}), 413)


def test_an_unforeseen_error_is_a_500_in_the_envelope_without_details(
    owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: list[object], **_kwargs: object) -> None:
        raise RuntimeError("/secret/path of the token")

    monkeypatch.setattr("pickeez_site.dialects.picthrive.wire.groups_of", broken)
    owner.client.raise_request_exception = False
    answer = owner.client.get("/v1/Group")
    assert (answer.status_code, answer.json()) == (500, {"Error": "Server error."})


@pytest.mark.parametrize("path", PATHS)
def test_options_and_head_show_no_inside(owner: Person, nobody: Caller, path: str) -> None:
    for caller in (owner, nobody):
        for method in ("OPTIONS", "HEAD"):
            assert call(caller, method, path).status_code in (200, 401, 404, 405)


def test_a_token_works_whatever_the_schemes_capitals(owner: Person) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert (
            owner.client.get("/v1/Group", headers={"authorization": f"{scheme} {owner.token}"}).status_code == 200
        )
