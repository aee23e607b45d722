import pytest
from django.test import Client

from conftest import Person
from pickeez_site.dialects.pickeez.urls import urlpatterns


@pytest.fixture
def lines(client: Client) -> dict[str, str]:
    """Path to methods, as the page shows them."""
    page = client.get("/routes")
    assert page.status_code == 200
    assert page["Content-Type"] == "text/plain; charset=utf-8"
    pairs = [line.rsplit(maxsplit=1) for line in page.text.splitlines()]
    return {path: methods for methods, path in pairs}


def test_every_route_has_its_line(lines: dict[str, str]) -> None:
    assert len(lines) == len([pattern for pattern in urlpatterns if pattern.name])


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", "GET"),
        ("/me", "GET"),
        ("/set_phone", "POST"),
        ("/me/selfie", "GET, POST"),
        ("/albums/ID", "GET, POST"),
        ("/albums/ID/invite_phones", "POST"),
        ("/photos/ID/set_filter", "POST"),
        ("/albums/algo/get_pending", "GET, POST"),
        ("/photos/algo/set", "POST"),
    ],
)
def test_a_line_says_methods_and_path(lines: dict[str, str], path: str, methods: str) -> None:
    assert lines[path] == methods


def test_the_page_does_not_depend_on_what_was_asked_before(owner: Person, client: Client) -> None:
    before = client.get("/routes").text
    owner.get("/me")
    assert client.get("/routes").text == before


def test_the_routes_of_the_document_are_there(lines: dict[str, str]) -> None:
    ours = {"/login/phone", "/login/phone/confirm", "/logout", "/me/selfie", "/me/selfie/delete"}
    ours |= {"/people", "/people/ID", "/people/changes", "/people/changes/ID/undo"}
    ours |= {f"/people/ID/{what}" for what in ("merge", "split", "move", "confirm", "refuse", "take_back")}
    people = {"/fb", "/fb_enter", "/fb_enter_browser", "/me", "/set_phone", "/resend_code_sms", "/confirm_phone"}
    people |= {"/set_pic_url", "/set_fields", "/users/which_phones_registered", "/delete_me", "/invite_page"}
    albums = {f"/albums/ID/{name}" for name in ("set_album_local_id", "invite_phones", "viewed", "done_uploading")}
    albums |= {"/albums/create", "/albums/mine", "/albums/ID", "/albums/ID/delete"}
    photos = {f"/photos/ID/{name}" for name in ("set_filter", "set_photo_local_id", "set_faces_data", "delete")}
    photos |= {"/photos", "/photos/ID", "/photos/algo/set"}
    algorithm = {f"/albums/algo/{name}" for name in ("get_pending", "all_pending", "set_all_as_pending")}
    algorithm |= {"/albums/algo/remove_pending", "/users/algo/pending_model"}
    algorithm |= {f"/users/algo/model/{name}" for name in ("make_all_pending", "get", "set")}
    assert {"/", "/ping", "/routes"} | ours | people | albums | photos | algorithm == set(lines)
