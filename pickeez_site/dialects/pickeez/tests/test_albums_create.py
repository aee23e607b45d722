from collections.abc import Callable

import pytest

from albums.models import Album
from conftest import Caller, Person
from core.tests.answers import Answer
from pickeez_site.dialects.pickeez.tests.shapes import assert_refused, assert_signed_in_only


def test_an_album_is_created_and_both_ids_are_its_id(owner: Person) -> None:
    answer = owner.post("/albums/create", {"name": "Summer", "album_local_id": "device-7"})
    album = Album.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"_id": str(album.pk), "album_id": str(album.pk)})
    assert (album.name, album.owner) == ("Summer", owner.user)
    assert owner.get(f"/albums/{album.pk}").json()["album_local_id"] == "device-7"


def test_every_call_creates_another_album(owner: Person) -> None:
    ids = {owner.post("/albums/create", {"name": "Summer"}).json()["_id"] for _ in range(3)}
    assert len(ids) == 3


def test_an_album_needs_no_name(owner: Person) -> None:
    created = owner.post("/albums/create").json()
    album = owner.get(f"/albums/{created['_id']}").json()
    assert (album["name"], album["album_local_id"]) == ("", None)


@pytest.mark.parametrize(
    "send",
    [
        lambda owner: owner.post("/albums/create", {"name": "Été ☀"}),
        lambda owner: owner.post_json("/albums/create", {"name": "Été ☀"}),
        lambda owner: owner.post("/albums/create?name=%C3%89t%C3%A9+%E2%98%80"),
        lambda owner: owner.post("/albums/create/?name=query", {"name": "Été ☀"}),
        lambda owner: owner.post(
            "/albums/create", b"name=%C3%89t%C3%A9+%E2%98%80", content_type="application/x-www-form-urlencoded"
        ),
    ],
    ids=["multipart", "json", "query", "body-before-query", "form"],
)
def test_parameters_come_from_wherever_the_client_puts_them(owner: Person, send: Callable[..., Answer]) -> None:
    assert send(owner).status_code == 200
    assert Album.objects.get().name == "Été ☀"


def test_the_token_may_be_a_parameter(owner: Person, nobody: Caller) -> None:
    for send in (nobody.post, nobody.post_json):
        assert send("/albums/create", {"token": owner.token}).status_code == 200
    assert nobody.post(f"/albums/create?token={owner.token}").status_code == 200
    assert set(Album.objects.values_list("owner", flat=True)) == {owner.user.pk}


@pytest.mark.parametrize(
    "body",
    [
        {"name": ["a", "b"]},
        {"name": {"a": 1}},
        {"name": "x" * 501},
        {"name": "a\0b"},
        {"album_local_id": "y" * 501},
    ],
)
def test_a_name_of_the_wrong_kind_is_refused(owner: Person, body: dict[str, object]) -> None:
    assert_refused(owner.post_json("/albums/create", body), 400)
    assert not Album.objects.exists()


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"text"', b"\xff\xfe", b'{"name": NaN}', b"[" * 5000])
def test_a_body_that_is_no_json_object_is_refused(owner: Person, body: bytes) -> None:
    assert_refused(owner.post("/albums/create", body, content_type="application/json"), 400)
    assert not Album.objects.exists()


def test_creating_is_for_those_who_are_signed_in(db: None, nobody: Caller) -> None:
    assert_signed_in_only(nobody, "post", "/albums/create", {"name": "Summer"})
    assert not Album.objects.exists()


def test_nothing_is_created_by_looking(owner: Person) -> None:
    assert_refused(owner.get("/albums/create", {"name": "Summer"}), 405)
