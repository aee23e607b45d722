"""Without a token: from this machine only, and only when the operator has said whose library it is."""

import pytest
from pytest_django import Settings

from conftest import Caller, Person
from core.tests.answers import Answer
from pickeez_site.dialects.pictopy.tests.conftest import Gallery
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure

PATH = "/images/all-images"
HERE = {"host": "127.0.0.1:8000"}


@pytest.fixture
def local_user(settings: Settings, owner: Person) -> Person:
    settings.ALLOWED_HOSTS = ["*"]
    settings.LOCAL_LIBRARY_USER = owner.id
    return owner


def ask(remote: str = "127.0.0.1", **headers: str) -> Answer:
    return Caller().client.get(PATH, headers={**HERE, **headers}, REMOTE_ADDR=remote)


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_a_program_on_this_machine_needs_no_token(local_user: Person, remote: str, host: str) -> None:
    assert ask(remote, host=host).status_code == 200


def test_the_user_may_be_named_by_phone(local_user: Person, settings: Settings) -> None:
    for phone in (local_user.phone, f"+{local_user.phone}"):
        settings.LOCAL_LIBRARY_USER = phone
        assert ask().status_code == 200


@pytest.mark.parametrize("remote", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.1", "nonsense"])
def test_another_address_is_refused(local_user: Person, remote: str) -> None:
    assert_failure(ask(remote), 401, "Unauthorized")


@pytest.mark.parametrize("name", ["", "12025550199", "00000000-0000-7000-8000-000000000000"])
def test_without_a_known_user_in_the_setting_it_is_refused(
    local_user: Person, settings: Settings, name: str
) -> None:
    settings.LOCAL_LIBRARY_USER = name
    assert_failure(ask(), 401, "Unauthorized")


def test_a_user_who_was_made_inactive_is_refused(local_user: Person) -> None:
    local_user.user.is_active = False
    local_user.user.save()
    assert_failure(ask(), 401, "Unauthorized")


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded"])
def test_what_somebody_forwarded_is_refused(local_user: Person, header: str) -> None:
    assert_failure(ask(**{header: "127.0.0.1"}), 401, "Unauthorized")


def test_a_trusted_proxy_is_believed(local_user: Person, settings: Settings) -> None:
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8")]
    assert ask(**{"x-forwarded-for": "127.0.0.1"}).status_code == 200
    assert_failure(ask(**{"x-forwarded-for": "192.0.2.1"}), 401, "Unauthorized")


@pytest.mark.parametrize(
    "host", ["gallery.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1"]
)
def test_another_host_name_is_refused(local_user: Person, host: str) -> None:
    assert_failure(ask(host=host), 401, "Unauthorized")


CLIENT_ORIGINS = [
    "http://localhost:1420",
    "tauri://localhost",
    "http://tauri.localhost",
    "https://tauri.localhost",
]
FOREIGN_ORIGINS = [
    *("https://evil.example", "null", "", "file://", "http://[", "http://127.0.0.1.evil.example"),
    *("http://localhost:1421", "http://localhost", "http://127.0.0.1:1420", "https://localhost:1420"),
    *("http://localhost:8000", "https://127.0.0.1:8000", "http://127.0.0.1", "http://[::1]:8000"),
    *("tauri://localhost.evil.example", "tauri://evil", "http://tauri.localhost:1420", "TAURI://LOCALHOST"),
    *("http://localhost:1420/", "http://localhost:1420, https://evil.example", "http://localhost:14200"),
]


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize("site", ["", "same-site", "cross-site"])
def test_a_page_of_another_origin_is_refused(local_user: Person, origin: str, site: str) -> None:
    headers = {"origin": origin, **({"sec-fetch-site": site} if site else {})}
    assert_failure(ask(**headers), 401, "Unauthorized")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_what_a_page_of_another_origin_merely_shows_is_refused(local_user: Person, site: str) -> None:
    assert_failure(ask(**{"sec-fetch-site": site}), 401, "Unauthorized")


@pytest.mark.parametrize("origin", CLIENT_ORIGINS)
@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_the_desktop_clients_pages_are_let_in(local_user: Person, origin: str, site: str) -> None:
    headers = {"origin": origin, "sec-fetch-site": site}
    assert ask(**headers).status_code == 200
    gallery = Gallery(Caller(), **HERE, **headers)
    assert gallery.post("/albums/create-album", name="Summer").status_code == 201
    assert local_user.user.albums.count() == 1


@pytest.mark.parametrize("origin", CLIENT_ORIGINS)
def test_they_are_refused_from_elsewhere_and_without_the_setting(
    local_user: Person, settings: Settings, origin: str
) -> None:
    assert_failure(ask("192.0.2.1", origin=origin), 401, "Unauthorized")
    assert_failure(ask(origin=origin, host="gallery.example"), 401, "Unauthorized")
    assert_failure(ask(origin=origin, **{"x-forwarded-for": "127.0.0.1"}), 401, "Unauthorized")
    settings.LOCAL_LIBRARY_USER = ""
    assert_failure(ask(origin=origin), 401, "Unauthorized")


def test_which_origins_are_the_clients_is_a_setting(local_user: Person, settings: Settings) -> None:
    settings.LOCAL_LIBRARY_ORIGINS = ["http://localhost:5173"]
    assert ask(origin="http://localhost:5173").status_code == 200
    assert_failure(ask(origin="http://localhost:1420"), 401, "Unauthorized")
    settings.LOCAL_LIBRARY_ORIGINS = []
    assert_failure(ask(origin="http://localhost:5173"), 401, "Unauthorized")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_this_servers_own_pages_and_what_a_user_types_are_let_in(local_user: Person, site: str) -> None:
    assert ask(origin=f"http://{HERE['host']}", **{"sec-fetch-site": "same-origin"}).status_code == 200
    assert ask(**{"sec-fetch-site": site}).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_what_a_form_can_send_does_nothing(local_user: Person, content_type: str) -> None:
    answer = Caller().client.post(
        "/albums/create-album", b'{"name": "Summer"}', content_type=content_type, headers=HERE
    )
    assert_failure(answer, 400, "Invalid payload format")
    assert not local_user.user.albums.exists()


def test_a_token_that_is_wrong_is_refused_also_here(local_user: Person) -> None:
    assert_failure(ask(authorization="Bearer wrong"), 401, "Unauthorized")
    answer = Caller().client.get(PATH, {"token": "wrong"}, headers=HERE)
    assert_failure(answer, 401, "Unauthorized")


def test_a_token_goes_before_the_setting(local_user: Person, stranger: Person) -> None:
    gallery = Gallery(stranger, **HERE)
    gallery.post("/albums/create-album", name="Mine")
    assert [album.name for album in stranger.user.albums.all()] == ["Mine"]


def test_a_token_may_be_a_parameter(owner: Person, nobody: Caller) -> None:
    assert nobody.get(PATH, {"token": owner.token}).status_code == 200
    answer = nobody.post_json("/albums/create-album", {"name": "Summer", "token": owner.token})
    assert answer.status_code == 201


def test_with_a_token_any_address_will_do(owner: Person) -> None:
    assert owner.client.get(PATH, REMOTE_ADDR="192.0.2.1").status_code == 200


@pytest.mark.parametrize("path", ["/me", "/albums/mine"])
def test_the_setting_opens_nothing_else(local_user: Person, path: str) -> None:
    assert Caller().client.get(path, headers=HERE).status_code == 401
