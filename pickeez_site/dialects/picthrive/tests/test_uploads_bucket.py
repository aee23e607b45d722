"""Uploads by presigned PUT to a bucket, and what becomes of its pictures; the bucket is a server on loopback."""

import urllib.request
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from albums.models import Album
from albums.services import uninvite_phones
from conftest import Caller, Person, committing, picture
from core.tests.answers import Json
from photos import storage
from photos.models import FileToRemove, Photo, UploadSlot
from photos.services import collect_arrived_uploads, remove_dropped_files
from pickeez_site.dialects.picthrive.tests.shapes import NOT_FOUND, SUFFIXES, call
from pickeez_site.dialects.picthrive.tests.test_uploads import form

PICTURE = picture(1, size=(90, 60), form="JPEG").getvalue()


def add(person: Person, album: Album, **more: object) -> dict[str, Json]:
    answer = call(person, "POST", f"/v1/Group/{album.pk}/Photo", {"AddPhotos": 1, **more})
    return answer.json()["AddedPhotos"][0]


def put(url: str, content: bytes = PICTURE) -> None:
    request = urllib.request.Request(url, content, {"Content-Type": "image/jpeg"}, method="PUT")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def collect() -> int:
    with committing():
        collected = collect_arrived_uploads()
    remove_dropped_files()
    return collected


def keys(prefix: str = "") -> list[str]:
    files: Any = default_storage.bucket.objects  # type: ignore[attr-defined]
    return sorted(item.key for item in files.filter(Prefix=prefix))


@pytest.fixture
def slot(bucket: str, member: Person, album: Album) -> dict[str, Json]:
    return add(member, album)


@pytest.mark.parametrize("by", ["upload status", "sweep"])
def test_the_photo_appears_once_its_file_has_arrived(
    member: Person, album: Album, bucket: str, slot: dict[str, Json], by: str
) -> None:
    assert urlsplit(slot["UploadUrl"]).path == f"/{bucket}/incoming/{slot['PhotoId']}"
    assert collect() == 0
    assert member.get(f"/v1/Photo/{slot['PhotoId']}").json() == NOT_FOUND
    put(slot["UploadUrl"])
    if by == "sweep":
        assert collect() == 1
    else:
        assert call(member, "PUT", f"/v1/Group/{album.pk}/UploadStatus").json()["Count"] == 0
    fields = member.get(f"/v1/Photo/{slot['PhotoId']}").json()
    assert (fields["OwnerId"], fields["Ratio"], fields["Hue"] is not None) == (member.id, 1.5, True)
    remove_dropped_files()
    assert not UploadSlot.objects.exists()
    assert keys("incoming/") == []
    assert len(keys("originals/")) == 1


def test_a_suffix_leads_to_a_presigned_url_of_the_bucket_and_dies_with_the_photo(
    member: Person, nobody: Caller, slot: dict[str, Json], bucket: str
) -> None:
    put(slot["UploadUrl"])
    collect()
    fields = member.get(f"/v1/Photo/{slot['PhotoId']}").json()
    for name in SUFFIXES:
        answer = nobody.get(fields[name])
        assert answer.status_code == 302
        assert "X-Amz-Expires=300&" in answer["Location"] + "&"
        with urllib.request.urlopen(answer["Location"], timeout=10) as file:
            assert (file.read() == PICTURE, file.headers["Content-Type"]) == (name == "Original", "image/jpeg")
    call(member, "DELETE", f"/v1/Photo/{slot['PhotoId']}")
    assert {nobody.get(fields[name]).status_code for name in SUFFIXES} == {404}


def test_what_is_put_later_by_the_same_url_changes_nothing(
    member: Person, album: Album, slot: dict[str, Json]
) -> None:
    put(slot["UploadUrl"])
    collect()
    put(slot["UploadUrl"], picture(2, form="JPEG").getvalue())
    add(member, album)
    assert collect() == 0
    (original,) = keys("originals/")
    assert storage.read(original) == PICTURE
    assert keys("incoming/") == []


@pytest.mark.parametrize(
    ("more", "content"),
    [({}, b""), ({}, b"<html>"), ({"Size": len(PICTURE) - 1}, PICTURE), ({"ContentType": "image/png"}, PICTURE)],
)
def test_a_file_of_the_wrong_size_or_type_is_removed_and_never_a_photo(
    member: Person, album: Album, bucket: str, more: dict[str, int | str], content: bytes
) -> None:
    slot = add(member, album, **more)
    put(slot["UploadUrl"], content)
    assert collect() == 0
    assert (Photo.objects.count(), UploadSlot.objects.count(), keys()) == (0, 0, [])


def put_form(slot: dict[str, Json], body: bytes) -> None:
    """S3 stores a form as it was sent; the server on loopback does so only when it is not called one."""
    put(slot["UploadUrl"], body)


def test_a_form_with_the_file_is_taken_and_its_name_becomes_the_sort_order(
    member: Person, nobody: Caller, slot: dict[str, Json]
) -> None:
    put_form(slot, form(("Beach 01.JPG", PICTURE)))
    assert collect() == 1
    fields = member.get(f"/v1/Photo/{slot['PhotoId']}").json()
    assert (fields["SortOrder"], fields["OwnerId"], fields["Ratio"]) == ("Beach 01", member.id, 1.5)
    (original,) = keys("originals/")
    assert (storage.read(original), keys("incoming/")) == (PICTURE, [])


@pytest.mark.parametrize(
    "body",
    [
        form(),
        form(("a.jpg", PICTURE), ("b.jpg", PICTURE)),
        form(("a.jpg", PICTURE), end=""),
        form(("a.jpg", b"<html>")),
        form(("a.jpg", b"")),
        b"-- no form",
        b"--",
    ],
)
def test_a_form_that_is_not_whole_or_has_not_one_picture_is_removed_and_never_a_photo(
    slot: dict[str, Json], body: bytes
) -> None:
    put_form(slot, body)
    assert collect() == 0
    assert (Photo.objects.count(), UploadSlot.objects.count(), keys()) == (0, 0, [])


def test_a_form_does_not_bring_back_what_the_groups_owner_has_deleted(
    owner: Person, member: Person, album: Album, slot: dict[str, Json]
) -> None:
    put_form(slot, form(("a.jpg", PICTURE)))
    assert collect() == 1
    call(owner, "DELETE", f"/v1/Photo/{slot['PhotoId']}")
    put_form(add(member, album), form(("a.jpg", PICTURE)))
    assert collect() == 0
    put_form(add(owner, album), form(("a.jpg", PICTURE)))
    assert collect() == 1


def test_size_and_type_are_part_of_what_the_bucket_signs_where_they_are_announced(
    member: Person, album: Album, bucket: str
) -> None:
    slot = add(member, album, Size=len(PICTURE), ContentType="image/jpeg")
    assert "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost" in slot["UploadUrl"]
    put(slot["UploadUrl"])
    assert collect() == 1


def test_who_was_put_out_of_the_group_uploads_nothing(member: Person, album: Album, slot: dict[str, Json]) -> None:
    put(slot["UploadUrl"])
    uninvite_phones(album=album, phones=[member.phone])
    assert collect() == 0
    assert (Photo.objects.count(), keys()) == (0, [])


def test_a_slot_that_was_never_used_ends_an_hour_after_its_url(slot: dict[str, Json]) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=6, minutes=59)):
        collect()
        assert UploadSlot.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(hours=7, minutes=1)):
        collect()
        assert not UploadSlot.objects.exists()


def test_a_crash_after_the_copy_leaves_no_file_behind(
    slot: dict[str, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(slot["UploadUrl"])
    with monkeypatch.context() as patched:
        patched.setattr("photos.services.slots._place", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            collect_arrived_uploads()
    assert len(keys("originals/")) == 1
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        remove_dropped_files()
        assert keys("originals/") == []
        assert collect() == 1
    assert len(keys("originals/")) == 1
    assert not FileToRemove.objects.exists()


def test_a_file_that_another_worker_is_taking_in_is_left_to_it(slot: dict[str, Json]) -> None:
    put(slot["UploadUrl"])
    UploadSlot.objects.claimable().claim(slot["PhotoId"])
    assert collect() == 0
    assert keys("incoming/") == [f"incoming/{slot['PhotoId']}"]
