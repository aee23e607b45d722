"""Uploads by presigned PUT where files are on local disk."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils import timezone
from pytest_django import Settings

from albums.models import Album, PendingAlbum
from albums.services import delete_album, uninvite_phones
from conftest import Caller, Person, committing, picture
from core.tests.answers import Answer, Json
from core.tests.presence import present
from photos.models import Original, Photo, UploadSlot
from photos.storage import StorageUnavailable
from pickeez_site.dialects.picthrive.tests.shapes import NEVER_AN_ID, NOT_FOUND, assert_refused, call, fetch

PICTURE = picture(1, size=(90, 60)).getvalue()
OTHER = picture(2, size=(90, 60)).getvalue()


def add(person: Person, album: Album, number: object = 1, **more: object) -> Answer:
    return call(person, "POST", f"/v1/Group/{album.pk}/Photo", {"AddPhotos": number, **more})


@pytest.fixture
def slot(member: Person, album: Album) -> dict[str, Json]:
    return add(member, album).json()["AddedPhotos"][0]


def put(caller: Caller, url: str, content: bytes = PICTURE, **headers: str) -> Answer:
    with committing():
        return caller.client.put(url, content, content_type="image/png", headers=headers)


@pytest.mark.parametrize("number", [1, 2.0, 100])
def test_a_member_is_given_that_many_urls(member: Person, album: Album, number: float, settings: Settings) -> None:
    answer = add(member, album, number)
    assert (answer.status_code, set(answer.json())) == (200, {"AddedPhotos"})
    added = answer.json()["AddedPhotos"]
    assert [set(slot) for slot in added] == [{"PhotoId", "UploadUrl", "Expires"}] * int(number)
    assert len({slot["PhotoId"] for slot in added}) == len({slot["UploadUrl"] for slot in added}) == number
    for slot in added:
        assert slot["UploadUrl"].startswith(f"{settings.PUBLIC_URL}/uploads/")
        assert 6 * 3600 - 60 < slot["Expires"] - timezone.now().timestamp() <= 6 * 3600


@pytest.mark.parametrize("number", [0, -1, 101, "many", "3", True, 1.5, None, [], {}, 10**30])
def test_no_other_number_is_given(owner: Person, album: Album, number: object) -> None:
    assert_refused(add(owner, album, number), 400)
    assert not UploadSlot.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        *({"ContentType": "text/html"}, {"ContentType": 3}, {"ContentType": ["image/png"]}, {"ContentType": " "}),
        *({"Size": 0}, {"Size": "big"}, {"Size": 10**12}),
    ],
)
def test_no_other_size_or_type_is_signed(owner: Person, album: Album, more: dict[str, object]) -> None:
    assert_refused(add(owner, album, 1, **more), 400)


def test_the_photo_appears_whole_when_its_file_has_arrived(
    member: Person, nobody: Caller, album: Album, slot: dict[str, Json]
) -> None:
    path = f"/v1/Photo/{slot['PhotoId']}"
    assert member.get(path).json() == NOT_FOUND
    assert member.get(f"/v1/Group/{album.pk}/Photo").json() == {"Photos": []}
    answer = put(nobody, slot["UploadUrl"])
    assert (answer.status_code, answer.json()) == (200, {"PhotoId": slot["PhotoId"]})
    fields = member.get(path).json()
    assert (fields["OwnerId"], fields["GroupId"], fields["Ratio"]) == (member.id, str(album.pk), 1.5)
    assert fetch(nobody.client, fields["Original"]) == (200, PICTURE)
    assert fields["SortOrder"] == slot["PhotoId"]
    assert not UploadSlot.objects.exists()
    assert PendingAlbum.objects.filter(album=album).exists()


def test_the_same_upload_again_is_the_same_photo_and_another_is_refused(
    nobody: Caller, slot: dict[str, Json]
) -> None:
    first, second, other = (put(nobody, slot["UploadUrl"], content) for content in (PICTURE, PICTURE, OTHER))
    assert (first.status_code, second.status_code, second.json()) == (200, 200, first.json())
    assert_refused(other, 409)
    assert Photo.objects.count() == Original.objects.count() == 1


def test_the_same_bytes_in_two_slots_are_two_photos_of_one_stored_file(
    member: Person, nobody: Caller, album: Album, stored: Callable[..., list[str]]
) -> None:
    for slot in add(member, album, 2).json()["AddedPhotos"]:
        assert put(nobody, slot["UploadUrl"]).json() == {"PhotoId": slot["PhotoId"]}
    assert (Photo.objects.count(), Original.objects.count(), len(stored("originals"))) == (2, 1, 1)


@pytest.mark.parametrize(
    ("more", "content", "status"),
    [
        ({}, b"", 400),
        ({}, b"<html>", 415),
        ({}, b"\0" * 100, 415),
        ({"Size": len(PICTURE) - 1}, PICTURE, 413),
        ({"ContentType": "image/jpeg"}, PICTURE, 415),
    ],
)
def test_a_file_of_the_wrong_size_or_type_is_refused_and_the_slot_stays(
    member: Person,
    nobody: Caller,
    album: Album,
    stored: Callable[..., list[str]],
    more: dict[str, int | str],
    content: bytes,
    status: int,
) -> None:
    slot = add(member, album, 1, **more).json()["AddedPhotos"][0]
    assert_refused(put(nobody, slot["UploadUrl"], content), status)
    assert (Photo.objects.count(), UploadSlot.objects.count(), stored()) == (0, 1, [])


def test_the_announced_size_and_type_are_taken(member: Person, nobody: Caller, album: Album) -> None:
    slot = add(member, album, 1, Size=len(PICTURE), ContentType="image/png").json()["AddedPhotos"][0]
    assert put(nobody, slot["UploadUrl"]).status_code == 200


def test_a_file_over_the_servers_limit_is_refused(
    nobody: Caller, slot: dict[str, Json], settings: Settings
) -> None:
    settings.MAX_PHOTO_BYTES = 100
    assert_refused(put(nobody, slot["UploadUrl"]), 413)


def test_a_body_that_ends_early_is_no_photo(nobody: Caller, slot: dict[str, Json]) -> None:
    cut_off: dict[str, Any] = {"wsgi.input": io.BytesIO(PICTURE[:-5])}
    answer = nobody.client.put(slot["UploadUrl"], PICTURE, **cut_off)
    assert_refused(answer, 400)
    assert not Photo.objects.exists()
    assert put(nobody, slot["UploadUrl"]).status_code == 200


def test_a_changed_or_expired_url_is_refused(nobody: Caller, slot: dict[str, Json]) -> None:
    url = slot["UploadUrl"]
    for forged in (url[:-1] + ("A" if url[-1] != "A" else "B"), url.replace("/uploads/", "/uploads/x"), url + ":"):
        assert_refused(put(nobody, forged), 403)
    with time_machine.travel(timezone.now() + timedelta(hours=6, seconds=1)):
        assert_refused(put(nobody, url), 403)
    assert not Photo.objects.exists()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
def test_the_url_takes_nothing_but_a_put(nobody: Caller, slot: dict[str, Json], method: str) -> None:
    answer = call(nobody, method, slot["UploadUrl"].removeprefix("http://127.0.0.1:8000"))
    assert_refused(answer, 405)
    assert answer["Allow"] == "PUT"


def test_who_was_put_out_of_the_group_uploads_nothing(
    nobody: Caller, member: Person, album: Album, slot: dict[str, Json]
) -> None:
    uninvite_phones(album=album, phones=[member.phone])
    assert_refused(put(nobody, slot["UploadUrl"]), 404)
    assert not Photo.objects.exists()


def test_into_a_deleted_group_nothing_is_uploaded(nobody: Caller, album: Album, slot: dict[str, Json]) -> None:
    delete_album(album=album)
    assert_refused(put(nobody, slot["UploadUrl"]), 404)


def test_a_storage_that_is_away_leaves_the_slot_to_be_used_later(
    nobody: Caller, slot: dict[str, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: TemporaryUploadedFile | str) -> None:
        raise StorageUnavailable

    with monkeypatch.context() as patched:
        patched.setattr("photos.storage.save", away)
        assert_refused(put(nobody, slot["UploadUrl"]), 503)
    assert put(nobody, slot["UploadUrl"]).status_code == 200


def test_while_one_upload_arrives_another_waits(nobody: Caller, slot: dict[str, Json]) -> None:
    token = present(UploadSlot.objects.claimable().claim(slot["PhotoId"]))
    assert_refused(put(nobody, slot["UploadUrl"]), 409)
    UploadSlot.objects.claimed_by(slot["PhotoId"], token).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert put(nobody, slot["UploadUrl"]).status_code == 200


def test_a_deleted_upload_does_not_come_back_by_its_url(
    member: Person, nobody: Caller, slot: dict[str, Json]
) -> None:
    put(nobody, slot["UploadUrl"])
    call(member, "DELETE", f"/v1/Photo/{slot['PhotoId']}")
    assert_refused(put(nobody, slot["UploadUrl"]), 404)


def test_a_slot_id_is_no_photo_to_anybody(stranger: Person, slot: dict[str, Json]) -> None:
    for photo_id in (slot["PhotoId"], NEVER_AN_ID):
        assert stranger.get(f"/v1/Photo/{photo_id}").json() == NOT_FOUND


BOUNDARY = "a-boundary"


def form(*files: tuple[str, bytes], end: str = f"--{BOUNDARY}--\r\n") -> bytes:
    """A form with these files (name and content) and a field of text."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'.encode()]
    for name, content in files:
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png'
        parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + end.encode()


def put_form(caller: Caller, url: str, body: bytes) -> Answer:
    with committing():
        return caller.client.put(url, body, content_type=f"multipart/form-data; boundary={BOUNDARY}")


def test_a_form_with_the_file_is_taken_and_its_name_becomes_the_sort_order(
    member: Person, nobody: Caller, slot: dict[str, Json]
) -> None:
    for _ in range(2):
        answer = put_form(nobody, slot["UploadUrl"], form(("../Beach 01.PNG", PICTURE)))
        assert (answer.status_code, answer.json()) == (200, {"PhotoId": slot["PhotoId"]})
    fields = member.get(f"/v1/Photo/{slot['PhotoId']}").json()
    assert (fields["SortOrder"], fetch(nobody.client, fields["Original"])) == ("Beach 01", (200, PICTURE))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (form(), 400),
        (form(("a.png", PICTURE), ("b.png", OTHER)), 400),
        (form(("a.png", PICTURE), end=""), 400),
        (form(("a.png", PICTURE))[:-40], 400),
        (b"no form", 400),
        (form(*(("a.png", b"x"),) * 101), 400),
        (form(("a.png", b"<html>")), 415),
        (form(("a.png", b"")), 400),
    ],
)
def test_a_form_that_is_not_whole_or_has_not_one_picture_is_refused_and_the_slot_stays(
    nobody: Caller, slot: dict[str, Json], stored: Callable[..., list[str]], body: bytes, status: int
) -> None:
    assert_refused(put_form(nobody, slot["UploadUrl"], body), status)
    assert (Photo.objects.count(), UploadSlot.objects.count(), stored()) == (0, 1, [])
    assert put(nobody, slot["UploadUrl"]).status_code == 200


def test_a_file_in_a_form_may_not_be_larger_than_was_announced(
    member: Person, nobody: Caller, album: Album
) -> None:
    slot = add(member, album, 1, Size=len(PICTURE) - 1).json()["AddedPhotos"][0]
    assert_refused(put_form(nobody, slot["UploadUrl"], form(("a.png", PICTURE))), 413)
    exact = add(member, album, 1, Size=len(PICTURE)).json()["AddedPhotos"][0]
    assert put_form(nobody, exact["UploadUrl"], form(("a.png", PICTURE))).status_code == 200


def test_what_the_groups_owner_has_deleted_does_not_come_back_by_an_upload(
    owner: Person, member: Person, nobody: Caller, album: Album, slot: dict[str, Json]
) -> None:
    put(nobody, slot["UploadUrl"])
    call(owner, "DELETE", f"/v1/Photo/{slot['PhotoId']}")
    assert_refused(put(nobody, slot["UploadUrl"]), 404)
    again = add(member, album).json()["AddedPhotos"][0]
    assert_refused(put(nobody, again["UploadUrl"]), 403)
    assert Photo.objects.alive().get().album is None
    by_owner = add(owner, album).json()["AddedPhotos"][0]
    assert put(nobody, by_owner["UploadUrl"]).status_code == 200
    assert put(nobody, again["UploadUrl"]).status_code == 200
