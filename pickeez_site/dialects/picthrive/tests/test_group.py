import pytest

from albums.models import Album
from albums.services import delete_album
from conftest import Caller, Person
from core.tests.presence import present
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import (
    GROUP,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
    call,
)
from pickeez_site.serving.media import MediaPaths


def test_its_members_get_the_group_with_one_token_for_all_of_them(
    owner: Person, member: Person, album: Album
) -> None:
    first, second = (person.get(f"/v1/Group/{album.pk}") for person in (owner, member))
    assert (first.status_code, set(first.json()), second.json()) == (200, GROUP, first.json())
    assert first.json()["Token"] == Album.objects.get().token


def test_the_owner_changes_what_is_given_and_the_rest_stays(owner: Person, member: Person, album: Album) -> None:
    changes = [
        ({"Name": "Autumn"}, ("Autumn", None)),
        ({"WhenUnix": 1000}, ("Autumn", 1000)),
        ({"Other": 3}, ("Autumn", 1000)),
        ({"Name": "Winter", "WhenUnix": None}, ("Winter", None)),
    ]
    for body, wanted in changes:
        answer = call(owner, "PUT", f"/v1/Group/{album.pk}", body)
        assert (answer.status_code, set(answer.json())) == (200, GROUP)
        assert (answer.json()["Name"], answer.json()["WhenUnix"]) == wanted
    assert member.get(f"/v1/Group/{album.pk}").json()["Name"] == "Winter"


@pytest.mark.parametrize(
    "body", [b"[]", b'{"Name": ""}', b'{"Name": null}', b'{"Name": 3}', b'{"WhenUnix": "x"}', b"{"]
)
def test_a_bad_change_changes_nothing(owner: Person, album: Album, body: bytes) -> None:
    assert_refused(call(owner, "PUT", f"/v1/Group/{album.pk}", body), 400)
    assert Album.objects.get().name == "Summer"


def test_the_owner_deletes_it_and_the_second_answer_equals_the_first(
    owner: Person, member: Person, album: Album
) -> None:
    photo = place_photo(album, owner.user)
    for _ in range(2):
        answer = call(owner, "DELETE", f"/v1/Group/{album.pk}")
        assert (answer.status_code, answer.json()) == (200, {})
    group = owner.get(f"/v1/Group/{album.pk}").json()
    assert (set(group), group["Deleted"], group["Count"], group["Thumb"]) == (GROUP, True, 0, None)
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/Photo"), ("PUT", "/UploadStatus")):
        assert_absent(member, method, f"/v1/Group/{{id}}{path}", album.pk)
    for method, path in (
        ("PUT", ""),
        ("GET", "/Photo"),
        ("POST", "/Photo"),
        ("PUT", "/UploadStatus"),
        ("POST", "/Zip"),
    ):
        asked = {"AddPhotos": 1, "Photos": [{"File": MediaPaths().rendition(photo.pk, "small")}]}
        assert_absent(owner, method, f"/v1/Group/{{id}}{path}", album.pk, asked if method == "POST" else None)
    assert owner.get(f"/v1/Photo/{photo.pk}").json()["Deleted"] is True


def test_a_group_deleted_in_another_dialect_is_deleted_here(owner: Person, album: Album) -> None:
    delete_album(album=album)
    assert owner.get(f"/v1/Group/{album.pk}").json()["Deleted"] is True
    assert owner.get("/v1/Group").json() == {"Groups": []}


def test_a_member_may_neither_change_nor_delete_it(member: Person, album: Album) -> None:
    assert_refused(call(member, "PUT", f"/v1/Group/{album.pk}", {"Name": "Mine"}), 403)
    assert_refused(call(member, "DELETE", f"/v1/Group/{album.pk}"), 403)
    assert Album.objects.alive().get().name == "Summer"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_to_a_stranger_it_does_not_exist_and_nobody_is_asked_to_sign_in(
    stranger: Person, nobody: Caller, album: Album, method: str
) -> None:
    body = {"Name": "Mine"} if method == "PUT" else None
    assert_absent(stranger, method, "/v1/Group/{id}", album.pk, body)
    assert_signed_in_only(nobody, method, f"/v1/Group/{album.pk}", body)


def test_any_member_says_that_they_upload(owner: Person, member: Person, album: Album) -> None:
    assert owner.get(f"/v1/Group/{album.pk}").json()["UploadingUnix"] is None
    answer = call(member, "PUT", f"/v1/Group/{album.pk}/UploadStatus")
    assert (answer.status_code, set(answer.json())) == (200, GROUP)
    assert owner.get(f"/v1/Group/{album.pk}").json()["UploadingUnix"] == answer.json()["UploadingUnix"]
    assert answer.json()["UploadingUnix"] == int(present(Album.objects.get().uploading_at).timestamp())


def test_upload_status_is_no_strangers_business(stranger: Person, nobody: Caller, album: Album) -> None:
    assert_absent(stranger, "PUT", "/v1/Group/{id}/UploadStatus", album.pk)
    assert_signed_in_only(nobody, "PUT", f"/v1/Group/{album.pk}/UploadStatus")
