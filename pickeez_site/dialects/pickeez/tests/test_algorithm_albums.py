from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from albums.models import Album, PendingAlbum
from albums.services import create_album, delete_album, process_now
from conftest import Caller, MakePicture, Person
from core.tests.answers import Json
from photos.models import Like
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pickeez.tests.shapes import (
    ALGORITHM_PHOTO,
    NOT_FOUND,
    OTHER_USER,
    PLAIN_ALBUM,
    RENDITIONS,
    number_of_queries,
)

PASSWORD = "for-the-algorithm"
EMPTY = {"status": "empty", "msg": "empty"}


@pytest.fixture(autouse=True)
def _external(settings: Settings) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    settings.ALBUM_PROCESSOR = "external"


@pytest.fixture
def ask(nobody: Caller) -> Callable[..., Json]:
    """The algorithm asks one of its routes for albums."""
    return lambda route, **data: nobody.get(f"/albums/algo/{route}", {"password": PASSWORD, **data}).json()


@pytest.fixture
def album(album: Album) -> Album:
    """The shared album, not pending."""
    PendingAlbum.objects.all().delete()
    return album


def test_an_album_is_handed_out_with_all_that_is_known(
    ask: Callable[..., Json], owner: Person, member: Person, album: Album
) -> None:
    photo = place_photo(album, member.user)
    Like.objects.create(photo=photo, user=owner.user, kind="like")
    owner.post(f"/albums/{album.pk}/done_uploading")
    answer = ask("get_pending")
    assert set(answer) == {"status", "album_id", "album", "users", "photos", "photos_next", "taken_until"}
    assert (answer["status"], answer["album_id"], answer["photos_next"]) == ("ok", str(album.pk), None)
    assert set(answer["album"]) == PLAIN_ALBUM
    assert [set(user) for user in answer["users"]] == [OTHER_USER] * 2
    assert [(user["_id"], user["is_owner"]) for user in answer["users"]] == [(member.id, False), (owner.id, True)]
    (seen,) = answer["photos"]
    assert set(seen) == ALGORITHM_PHOTO
    assert (seen["_id"], seen["owner_id"], seen["filters"]) == (str(photo.pk), member.id, {owner.id: "like"})


def test_photos_come_with_their_status_and_failed_ones_last(
    ask: Callable[..., Json], owner: Person, album: Album
) -> None:
    broken = place_photo(album, owner.user, status="failed", error="It is no picture.")
    ready = place_photo(album, owner.user)
    new = place_photo(album, owner.user, status="new")
    broken_too = place_photo(album, owner.user, status="failed", error="It is empty.")
    photos = ask("get_pending", forced_album_id=album.pk)["photos"]
    assert [photo["_id"] for photo in photos] == [str(photo.pk) for photo in (ready, new, broken, broken_too)]
    assert [photo["status"] for photo in photos] == ["ready", "new", "failed", "failed"]
    assert [photo["error"] for photo in photos] == [None, None, "It is no picture.", "It is empty."]
    assert [set(photo["renditions"]) for photo in photos] == [RENDITIONS, set(), set(), set()]
    assert set(photos[0]["renditions"]["small"]) == {"url", "width", "height"}


def test_it_is_handed_out_once(ask: Callable[..., Json], owner: Person, album: Album) -> None:
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert ask("get_pending")["album_id"] == str(album.pk)
    assert ask("get_pending") == EMPTY


def test_one_that_an_operator_wants_processed_by_this_server_is_not_handed_out(
    ask: Callable[..., Json], album: Album
) -> None:
    process_now(albums=Album.objects.filter(pk=album.pk))
    assert ask("get_pending") == EMPTY
    assert ask("all_pending")["pending_albums"][0]["album_id"] == str(album.pk)


def test_the_longest_waiting_comes_first(ask: Callable[..., Json], owner: Person) -> None:
    albums = [str(create_album(owner=owner.user).pk) for _ in range(3)]
    for album_id in reversed(albums):
        owner.post(f"/albums/{album_id}/done_uploading")
    assert [ask("get_pending")["album_id"] for _ in range(3)] == albums[::-1]


def test_an_upload_waits_for_sixty_quiet_seconds(
    ask: Callable[..., Json], owner: Person, album: Album, make_picture: MakePicture
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
        assert ask("get_pending") == EMPTY
        clock.shift(59)
        assert ask("get_pending") == EMPTY
        clock.shift(2)
        assert ask("get_pending")["album_id"] == str(album.pk)


def test_a_touch_brings_a_taken_album_back(
    ask: Callable[..., Json], owner: Person, album: Album, make_picture: MakePicture
) -> None:
    owner.post(f"/albums/{album.pk}/done_uploading")
    ask("get_pending")
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    assert ask("get_pending") == EMPTY
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert len(ask("get_pending")["photos"]) == 1


def test_a_forced_album_is_handed_out_and_nothing_is_taken(
    ask: Callable[..., Json], owner: Person, album: Album
) -> None:
    other = create_album(owner=owner.user)
    owner.post(f"/albums/{album.pk}/done_uploading")
    for forced in (other, album, album):
        assert ask("get_pending", forced_album_id=forced.pk)["album_id"] == str(forced.pk)
    assert ask("get_pending")["album_id"] == str(album.pk)


def test_an_unknown_or_deleted_album_cannot_be_forced(nobody: Caller, album: Album) -> None:
    delete_album(album=album)
    for album_id in (album.pk, uuid4(), "123"):
        answer = nobody.get("/albums/algo/get_pending", {"password": PASSWORD, "forced_album_id": album_id})
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_a_deleted_album_is_not_handed_out(ask: Callable[..., Json], owner: Person, album: Album) -> None:
    owner.post(f"/albums/{album.pk}/done_uploading")
    owner.post(f"/albums/{album.pk}/delete")
    assert ask("get_pending") == EMPTY
    assert ask("all_pending")["pending_albums"] == []


def test_all_pending_lists_those_within_their_sixty_seconds_too_and_takes_nothing(
    ask: Callable[..., Json], owner: Person, album: Album, make_picture: MakePicture
) -> None:
    done = create_album(owner=owner.user)
    owner.post(f"/albums/{done.pk}/done_uploading")
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    for _ in range(2):
        answer = ask("all_pending")
        assert set(answer) == {"pending_albums", "msg"}
        listed = {row.pop("album_id"): row for row in answer["pending_albums"]}
        assert {album_id: row["done_uploading"] for album_id, row in listed.items()} == {
            str(done.pk): True,
            str(album.pk): False,
        }
        assert {frozenset(row) for row in listed.values()} == {frozenset({"time_updated", "done_uploading"})}
    assert ask("get_pending")["album_id"] == str(done.pk)
    assert [row["album_id"] for row in ask("all_pending")["pending_albums"]] == [str(album.pk)]


def test_every_album_can_be_set_as_pending_also_those_taken(
    ask: Callable[..., Json], owner: Person, album: Album
) -> None:
    for _ in range(2):
        create_album(owner=owner.user)
    delete_album(album=create_album(owner=owner.user))
    answer = ask("set_all_as_pending")
    assert (set(answer), answer["pending_count"]) == ({"msg", "pending_count"}, 3)
    assert ask("get_pending")["status"] == "ok"
    assert ask("set_all_as_pending")["pending_count"] == 3
    assert len({ask("get_pending")["album_id"] for _ in range(3)}) == 3
    assert ask("get_pending") == EMPTY


def test_the_queue_can_be_emptied(ask: Callable[..., Json], owner: Person, album: Album) -> None:
    create_album(owner=owner.user)
    ask("set_all_as_pending")
    answer = ask("remove_pending")
    assert (set(answer), answer["removed_count"]) == ({"msg", "removed_count"}, 2)
    assert ask("remove_pending")["removed_count"] == 0
    assert ask("get_pending") == EMPTY


def test_changing_by_post_is_the_same(nobody: Caller, album: Album) -> None:
    data = {"password": PASSWORD}
    assert nobody.post("/albums/algo/set_all_as_pending", data).json()["pending_count"] == 1
    assert nobody.post("/albums/algo/get_pending", data).json()["status"] == "ok"
    assert nobody.post("/albums/algo/remove_pending", data).status_code == 200


def test_the_album_is_queued_then_running_then_done_by_the_algorithms_word(
    ask: Callable[..., Json], owner: Person, nobody: Caller, album: Album
) -> None:
    def state() -> str:
        return owner.get(f"/albums/{album.pk}").json()["processing"]["state"]

    photo = place_photo(album, owner.user)
    assert state() == "idle"
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert state() == "queued"
    ask("get_pending")
    assert state() == "running"
    with time_machine.travel(timezone.now() + timedelta(seconds=1)):
        decisions = {"photos": {str(photo.pk): {owner.id: True}}, "password": PASSWORD}
        assert nobody.post_json("/photos/algo/set", decisions).status_code == 200
    assert state() == "done"


def test_a_large_album_costs_as_many_queries_as_a_small_one(nobody: Caller, owner: Person, album: Album) -> None:
    data = {"password": PASSWORD, "forced_album_id": album.pk}
    place_photos(album, owner.user, 2)
    few = number_of_queries(nobody.get, "/albums/algo/get_pending", data)
    place_photos(album, owner.user, 300)
    assert number_of_queries(nobody.get, "/albums/algo/get_pending", data) == few


def test_a_bad_parameter_takes_nothing_from_the_queue(settings: Settings, owner: Person, album: Album) -> None:
    settings.ALGO_PASSWORD, settings.ALBUM_PROCESSOR = "open-sesame", "external"
    owner.post(f"/albums/{album.pk}/done_uploading")
    path = "/albums/algo/get_pending"
    headers = {"x-algo-password": "open-sesame"}
    assert (
        owner.client.post(
            path, content_type="application/json", data={"photos_after": []}, headers=headers
        ).status_code
        == 400
    )
    assert owner.client.post(path, content_type="application/json", data={}, headers=headers).json()[
        "album_id"
    ] == str(album.pk)
