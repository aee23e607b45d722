"""Pages of the origins in `CORS_ORIGINS` may call the APIs from a browser, with tokens and keys; no other page may."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from albums.models import Album
from conftest import Caller, MakePicture, Person
from core.tests.answers import Answer
from pickeez_site.dialects.pickeez.tests.shapes import body_of
from pickeez_site.dialects.pictopy.urls import urlpatterns as pictopy_routes
from pickeez_site.settings import cors as as_shipped
from pickeez_site.settings.cors import CORS_PATHS, NOWHERE
from pickeez_site.tests.stack import Stack

GOOD, WITH_PORT = "https://app.example", "http://localhost:5173"
BAD = [
    "https://evil.example",
    "null",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://sub.app.example",
    "http://localhost",
    "http://localhost:5174",
    "https://[",
    "*",
    "",
]
# One of each dialect, and where files are sent to and got from.
PATHS = [
    "/me",
    "/albums/01a201c0-0000-7000-8000-000000000000",
    "/albums/algo/get_pending",
    "/v1/users/post-profile",
    "/v1/Group/",
    "/v1/Photo/01a201c0-0000-7000-8000-000000000000",
    "/media/01a201c0-0000-7000-8000-000000000000/small/1-aaaaaaaaaaaaaaaaaaaaaaaa.jpg",
    "/uploads/signed",
]
ALLOWED_HEADERS = {"authorization", "content-type", "api_key", "x-api-key", "x-algo-password"}


@pytest.fixture(autouse=True)
def _origins(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [GOOD, WITH_PORT]
    settings.CORS_URLS_REGEX = CORS_PATHS


def cors_headers(answer: Answer) -> set[str]:
    return {name.lower() for name in answer.headers if name.lower().startswith("access-control-")}


def preflight(path: str, origin: str, method: str = "PUT", headers: str = "authorization,api_key") -> Answer:
    return Client().options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": headers,
        },
    )


@pytest.mark.parametrize("origin", [GOOD, WITH_PORT])
@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_of_a_good_origin_needs_no_login(db: None, path: str, origin: str) -> None:
    answer = preflight(path, origin)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Access-Control-Allow-Origin"] == origin
    assert set(answer["Access-Control-Allow-Headers"].split(", ")) >= ALLOWED_HEADERS
    assert set(answer["Access-Control-Allow-Methods"].split(", ")) >= {"GET", "POST", "PUT", "DELETE"}
    assert "origin" in answer["Vary"].lower()
    assert "access-control-allow-credentials" not in cors_headers(answer)


@pytest.mark.parametrize("origin", BAD)
@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_of_another_origin_gets_no_cors_header(db: None, path: str, origin: str) -> None:
    assert cors_headers(preflight(path, origin)) == set()


@pytest.mark.parametrize("path", ["/me", "/v1/Group/", "/v1/users/profile-by-app-user-id/a/b"])
def test_the_refusal_of_a_call_without_credentials_can_be_read(db: None, path: str) -> None:
    answer = Client().get(path, headers={"Origin": GOOD})
    assert answer.status_code == 401
    assert answer["Access-Control-Allow-Origin"] == GOOD
    assert set(answer["Access-Control-Expose-Headers"].split(", ")) == {
        *("Retry-After", "Location"),
        *("Accept-Ranges", "Content-Range", "ETag"),
    }
    assert cors_headers(Client().get(path, headers={"Origin": BAD[0]})) == set()


def test_a_page_calls_with_a_token_and_reads_the_answer(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    for caller, status in ((owner, 200), (member, 200), (stranger, 404), (nobody, 401)):
        answer = caller.get(f"/albums/{album.pk}", headers={"Origin": GOOD})
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (status, GOOD)
        assert cors_headers(caller.get(f"/albums/{album.pk}", headers={"Origin": BAD[0]})) == set()


@pytest.mark.parametrize("path", ["/me", "/v1/Group/"])
def test_a_browser_session_is_no_credential(operator_session: Client, path: str) -> None:
    """A page gets nothing by the cookie of an operator who is signed in to the admin."""
    answer = operator_session.get(path, headers={"Origin": GOOD})
    assert answer.status_code == 401
    assert "access-control-allow-credentials" not in cors_headers(answer)


@pytest.fixture
def operator_session(admin_client: Client) -> Client:
    assert admin_client.get("/admin/").status_code == 200
    return admin_client


@pytest.mark.parametrize("path", ["/admin/", "/api/docs/", "/gallery/sign-in/", "/i/token", "/o/token"])
def test_pages_for_people_are_not_for_other_pages(admin_client: Client, path: str) -> None:
    for answer in (admin_client.get(path, headers={"Origin": GOOD}), preflight(path, GOOD, "GET")):
        assert cors_headers(answer) == set()


def test_a_file_is_put_to_an_upload_url_and_its_picture_is_read(
    owner: Person, album: Album, make_picture: MakePicture
) -> None:
    slots = owner.post_json(f"/v1/Group/{album.pk}/Photo", {"AddPhotos": 1}).json()["AddedPhotos"]
    url = urlsplit(slots[0]["UploadUrl"])
    nobody = Caller()
    put = nobody.client.put(url.path, make_picture(0).read(), content_type="image/png", headers={"Origin": GOOD})
    assert (put.status_code, put["Access-Control-Allow-Origin"]) == (200, GOOD)
    photo = owner.get(f"/v1/Photo/{slots[0]['PhotoId']}", headers={"Origin": GOOD}).json()
    picture = nobody.get(photo["Original"], headers={"Origin": GOOD})
    assert (picture.status_code, picture["Access-Control-Allow-Origin"]) == (200, GOOD)
    assert "origin" in picture["Vary"].lower()
    assert body_of(picture)
    without = nobody.get(photo["Original"])
    assert (cors_headers(without), "origin" in without["Vary"].lower()) == (set(), True)
    assert body_of(without)


@pytest.mark.parametrize("origin", [GOOD, BAD[0], "null"])
def test_the_invite_page_stays_open_to_every_origin(album: Album, origin: str) -> None:
    answer = Client().get("/invite_page", {"album_id": str(album.pk)}, headers={"Origin": origin})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
    assert "access-control-allow-credentials" not in cors_headers(answer)


@pytest.mark.parametrize("path", ["/albums/view-all", "/images/all-images", "/tag/clusters/"])
def test_pictopy_is_not_for_these_origins(owner: Person, path: str) -> None:
    assert cors_headers(preflight(path, GOOD, "GET")) == set()
    assert cors_headers(owner.get(path, headers={"Origin": GOOD})) == set()


def routes(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry)
        else:
            yield entry


def test_the_general_rule_holds_for_the_routes_of_the_other_three_apis() -> None:
    """Compares the expression in the settings, which cannot know the routes, with them."""
    viewsets = [route for route in routes(get_resolver()) if hasattr(route.callback, "cls")]
    assert len(viewsets) > 100
    for route in viewsets:
        path = re.sub(r"<[^>]+>|\(\?P<.*?\)", "x", str(route.pattern)).strip("^$").replace("/?", "").rstrip("/")
        if path.startswith("api/"):
            continue
        expected = route not in pictopy_routes and not path.startswith("invite_page")
        for variant in (f"/{path}", f"/{path}/"):
            assert bool(re.match(CORS_PATHS, variant)) is expected, variant


def test_without_origins_nothing_is_changed(settings: Settings, owner: Person) -> None:
    assert (as_shipped.CORS_ALLOWED_ORIGINS, as_shipped.CORS_URLS_REGEX) == ([], NOWHERE)
    settings.CORS_ALLOWED_ORIGINS, settings.CORS_URLS_REGEX = [], NOWHERE
    answer = owner.get("/me", headers={"Origin": GOOD})
    assert (answer.status_code, cors_headers(answer)) == (200, set())
    assert "origin" not in answer.headers.get("Vary", "").lower()
    assert cors_headers(preflight("/me", GOOD)) == set()


@pytest.mark.stack
def test_the_shipped_server_answers_pages_of_these_origins(tmp_path: Path) -> None:
    with Stack(tmp_path, CORS_ORIGINS=f"{GOOD},{WITH_PORT}").running("web") as stack:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "api_key"}
        for origin, allowed in ((GOOD, True), (WITH_PORT, True), (BAD[0], False), ("null", False)):
            for path in PATHS:
                answer = requests.options(f"{stack.url}{path}", headers={"Origin": origin, **asked}, timeout=10)
                assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None), path
                assert "Access-Control-Allow-Credentials" not in answer.headers
            answer = requests.get(f"{stack.url}/me", headers={"Origin": origin}, timeout=10)
            assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
            assert answer.status_code == 401
