"""Pages of the desktop client's web view may call these routes from a browser; no other page may."""

import pytest
from django.test import Client
from pytest_django import Settings

from albums.models import Album
from conftest import Caller, Person
from core.tests.answers import Answer
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure
from pickeez_site.dialects.pictopy.tests.gallery import Gallery
from pickeez_site.dialects.pictopy.tests.test_local_library_user import CLIENT_ORIGINS, FOREIGN_ORIGINS
from pickeez_site.dialects.pictopy.urls import urlpatterns
from pickeez_site.settings.cors import CORS_PATHS

HERE = {"host": "localhost:8000"}
ROUTES = sorted({f"/{str(pattern.pattern).rstrip('/')}" for pattern in urlpatterns})
OF_OTHERS = ["/me", "/albums/mine", "/albums/01a201c0-0000-7000-8000-000000000000", "/v1/Group/", "/images", "/"]


@pytest.fixture
def local_user(settings: Settings, owner: Person) -> Person:
    settings.LOCAL_LIBRARY_USER = owner.id
    return owner


def cors_headers(answer: Answer) -> dict[str, str]:
    return {
        name.lower(): text for name, text in answer.headers.items() if name.lower().startswith("access-control")
    }


def preflight(path: str, origin: str, **headers: str) -> Answer:
    asked = {"access-control-request-method": "DELETE", "access-control-request-headers": "content-type"}
    return Client().options(path, headers={**HERE, "origin": origin, **asked, **headers})


@pytest.mark.parametrize("origin", CLIENT_ORIGINS)
def test_a_preflight_needs_no_login_and_nothing_of_the_database(origin: str) -> None:
    for route in ROUTES:
        for path in (route, f"{route}/"):
            answer = preflight(path, origin)
            assert (answer.status_code, answer.content) == (200, b""), path
            allowed = cors_headers(answer)
            assert allowed["access-control-allow-origin"] == origin
            methods = allowed["access-control-allow-methods"].split(", ")
            assert {"GET", "POST", "PUT", "DELETE"} <= set(methods)
            assert {"accept", "content-type"} <= set(allowed["access-control-allow-headers"].split(", "))
            assert "access-control-allow-credentials" not in allowed


@pytest.mark.parametrize("origin", CLIENT_ORIGINS)
def test_a_page_reads_answers_and_refusals(local_user: Person, settings: Settings, origin: str) -> None:
    gallery = Gallery(Caller(), **HERE, origin=origin)
    answers = [
        gallery.post("/albums/create-album", name="Summer"),
        gallery.get("/albums/view-all"),
        gallery.post("/albums/create-album"),
        gallery.delete("/albums/delete-album", name="Winter"),
        gallery.post("/albums/create-album", name="Summer"),
        gallery.get("/albums/create-album"),
    ]
    settings.LOCAL_LIBRARY_USER = ""
    answers.append(gallery.get("/albums/view-all"))
    assert [answer.status_code for answer in answers] == [201, 200, 400, 404, 409, 405, 401]
    for answer in answers:
        assert cors_headers(answer)["access-control-allow-origin"] == origin
        assert "origin" in answer["Vary"].lower()
        assert "access-control-allow-credentials" not in cors_headers(answer)
        assert answer.json()["success"] is (answer.status_code < 400)


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_page_of_another_origin_gets_no_header_and_does_nothing(local_user: Person, origin: str) -> None:
    for path in ROUTES:
        assert cors_headers(preflight(path, origin)) == {}
    gallery = Gallery(Caller(), **HERE, origin=origin)
    if origin != f"http://{HERE['host']}":  # that is the server itself
        for answer in (gallery.get("/albums/view-all"), gallery.post("/albums/create-album", name="Summer")):
            assert_failure(answer, 401, "Unauthorized")
            assert cors_headers(answer) == {}
        assert not local_user.user.albums.exists()


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "192.0.2.1:8000", "", "[", "testserver"]
)
def test_a_host_name_that_is_not_ours_gets_no_header(local_user: Person, settings: Settings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    origin = CLIENT_ORIGINS[0]
    assert cors_headers(preflight("/albums/view-all", origin, host=host)) == {}
    answer = Client().get("/albums/view-all", headers={"host": host, "origin": origin})
    assert (answer.status_code >= 400, cors_headers(answer)) == (True, {})


def test_with_a_token_pages_may_call_the_servers_public_name_from_anywhere(
    owner: Person, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL = ["*"], "http://photos.example"
    headers = {"host": "photos.example", "origin": "tauri://localhost"}
    answer = owner.client.get("/albums/view-all", headers=headers, REMOTE_ADDR="192.0.2.1")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "tauri://localhost")


@pytest.mark.parametrize("path", OF_OTHERS)
def test_the_other_apis_are_not_for_these_pages(local_user: Person, album: Album, path: str) -> None:
    for origin in CLIENT_ORIGINS:
        for answer in (preflight(path, origin), local_user.get(path, headers={**HERE, "origin": origin})):
            assert cors_headers(answer) == {}


def test_origins_of_the_other_apis_are_not_for_this_one(local_user: Person, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS, settings.CORS_URLS_REGEX = ["https://app.example"], CORS_PATHS
    headers = {**HERE, "origin": "https://app.example"}
    assert cors_headers(preflight("/albums/view-all", "https://app.example")) == {}
    answer = Client().get("/albums/view-all", headers=headers)
    assert (answer.status_code, cors_headers(answer)) == (401, {})


def test_the_origins_are_a_setting(local_user: Person, settings: Settings) -> None:
    settings.LOCAL_LIBRARY_ORIGINS = ["http://localhost:5173"]
    for origin, allowed in (("http://localhost:5173", True), ("http://localhost:1420", False)):
        assert bool(cors_headers(preflight("/albums/view-all", origin))) is allowed
