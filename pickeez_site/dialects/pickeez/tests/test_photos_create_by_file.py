from _io import BytesIO
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from albums.models import Album, PendingAlbum
from conftest import Caller, MakePicture, Person
from core.tests.answers import Answer
from photos.models import Original, Photo
from pickeez_site.dialects.pickeez.tests.shapes import (
    PHOTO_ALONE,
    RENDITIONS,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
    photos_in,
)


@pytest.fixture
def add(album: Album) -> Callable[..., Answer]:
    """Somebody adds a file to the album; the answer."""

    def send(person: Person, file: BytesIO | SimpleUploadedFile, **facts: object) -> Answer:
        return person.post("/photos/", {"album_id": album.pk, "file": file, **facts})

    return send


def test_a_file_becomes_a_photo_that_is_ready(
    owner: Person, album: Album, add: Callable[..., Answer], make_picture: MakePicture
) -> None:
    answer = add(owner, make_picture(0, 1))
    assert (answer.status_code, set(answer.json())) == (200, {"_id"})
    photo = owner.get(f"/photos/{answer.json()['_id']}").json()
    assert set(photo) == PHOTO_ALONE
    assert (photo["album_id"], photo["owner_id"]) == (str(album.pk), owner.id)
    assert (photo["status"], photo["error"], photo["num_faces"]) == ("ready", None, 2)
    assert set(photo["renditions"]) == RENDITIONS
    assert all(set(side) == {"x", "y", "width", "height"} for side in photo["rectangles"])


def test_what_the_client_says_is_kept(
    owner: Person, add: Callable[..., Answer], make_picture: MakePicture
) -> None:
    facts = {
        "s3_server_id": "server-1",
        "photo_local_id": "local-1",
        "photo_creation_date": "2015-03-01T10:00:00Z",
        "local_creation_date": "1 March 2015",
    }
    photo_id = add(owner, make_picture(0), num_faces=4, **facts).json()["_id"]
    photo = owner.get(f"/photos/{photo_id}").json()
    assert {name: photo[name] for name in facts} == facts
    assert photo["num_faces"] == 4


def test_a_local_id_is_the_callers_own(
    owner: Person, member: Person, add: Callable[..., Answer], make_picture: MakePicture
) -> None:
    photo_id = add(owner, make_picture(0), photo_local_id="local-1").json()["_id"]
    assert member.get(f"/photos/{photo_id}").json()["photo_local_id"] is None


def test_the_same_file_again_is_the_same_photo_and_is_stored_once(
    owner: Person, add: Callable[..., Answer], make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    answers = [add(owner, make_picture(0)).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len([key for key in stored() if key.startswith("originals/")]) == 1


def test_two_members_with_the_same_file_have_a_photo_each(
    owner: Person, member: Person, album: Album, add: Callable[..., Answer], make_picture: MakePicture
) -> None:
    assert add(owner, make_picture(0)).json() != add(member, make_picture(0)).json()
    assert len(photos_in(owner.get(f"/albums/{album.pk}").json())) == 2


def test_in_another_album_it_is_another_photo_of_the_same_original(
    owner: Person, add: Callable[..., Answer], make_picture: MakePicture
) -> None:
    other = owner.post("/albums/create", {"name": "Winter"}).json()["_id"]
    first = add(owner, make_picture(0)).json()["_id"]
    second = owner.post("/photos/", {"album_id": other, "file": make_picture(0)}).json()["_id"]
    assert first != second
    assert Original.objects.count() == 1


def test_a_deleted_photo_comes_back_with_its_file(
    owner: Person, album: Album, add: Callable[..., Answer], make_picture: MakePicture
) -> None:
    photo_id = add(owner, make_picture(0)).json()["_id"]
    owner.post(f"/photos/{photo_id}/delete")
    assert add(owner, make_picture(0)).json()["_id"] == photo_id
    assert owner.get(f"/photos/{photo_id}").json()["status"] == "ready"


def test_a_members_photo_has_the_album_touched_but_not_done(
    settings: Settings, member: Person, album: Album, add: Callable[..., Answer], make_picture: MakePicture
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    PendingAlbum.objects.all().delete()
    add(member, make_picture(0))
    pending = PendingAlbum.objects.get()
    assert (pending.album, pending.done_uploading) == (album, False)
    assert not PendingAlbum.objects.ready().exists()


@pytest.mark.parametrize(
    "content",
    [b"this is not an image", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"<svg onload=alert(1)>", b"\0"],
)
def test_a_bad_file_fails_with_a_reason_and_holds_up_nobody(
    owner: Person, album: Album, add: Callable[..., Answer], make_picture: MakePicture, content: bytes
) -> None:
    bad = add(owner, SimpleUploadedFile("photo.jpg", content, content_type="image/jpeg")).json()["_id"]
    good = add(owner, make_picture(0)).json()["_id"]
    owner.post(f"/albums/{album.pk}/done_uploading")
    photo = owner.get(f"/photos/{bad}").json()
    assert (photo["status"], photo["renditions"], photo["num_faces"]) == ("failed", {}, None)
    assert photo["error"]
    assert "/" not in photo["error"]
    assert owner.get(f"/photos/{good}").json()["status"] == "ready"
    assert owner.get(f"/albums/{album.pk}").json()["processing"] == {
        "state": "done",
        "photos_total": 2,
        "photos_done": 1,
        "photos_failed": 1,
    }


@pytest.mark.parametrize(("part", "status"), [(0.5, "ready"), (0.02, "failed")])
def test_a_truncated_file_shows_what_there_is_of_it_with_a_reason(
    owner: Person, add: Callable[..., Answer], make_picture: MakePicture, part: float, status: str
) -> None:
    whole = make_picture(0, size=(1600, 1200), form="JPEG").read()
    photo_id = add(owner, SimpleUploadedFile("photo.jpg", whole[: int(len(whole) * part)])).json()["_id"]
    photo = owner.get(f"/photos/{photo_id}").json()
    assert photo["status"] == status
    assert photo["error"]


def test_an_empty_file_is_refused(owner: Person, add: Callable[..., Answer]) -> None:
    assert_refused(add(owner, SimpleUploadedFile("photo.jpg", b"")), 400)
    assert not Photo.objects.exists()


def test_names_of_files_are_not_believed(
    owner: Person, add: Callable[..., Answer], make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    file = make_picture(0)
    file.name = "../../etc/passwd.html"
    add(owner, file)
    (key,) = [key for key in stored() if key.startswith("originals/")]
    assert key.endswith(".png")
    assert Original.objects.get().content_type == "image/png"


def test_a_file_that_is_text_is_no_file(owner: Person, album: Album) -> None:
    assert_refused(owner.post("/photos/", {"album_id": album.pk, "file": "text"}), 400)
    assert_refused(owner.post_json("/photos/", {"album_id": str(album.pk), "file": "text"}), 400)


def test_file_or_path_and_the_album_are_required(owner: Person, album: Album, make_picture: MakePicture) -> None:
    assert_refused(owner.post("/photos/", {"album_id": album.pk}), 400, "Missing parameter: s3_path")
    assert_refused(owner.post("/photos/", {"file": make_picture(0)}), 400, "Missing parameter: album_id")


@pytest.mark.parametrize("number", ["-1", "many", "1.5", "9999999999"])
def test_a_number_of_faces_that_is_none_is_refused(
    owner: Person, add: Callable[..., Answer], make_picture: MakePicture, number: str
) -> None:
    assert_refused(add(owner, make_picture(0), num_faces=number), 400)
    assert not Original.objects.exists()


def test_only_members_add_photos(
    stranger: Person,
    nobody: Caller,
    member: Person,
    album: Album,
    add: Callable[..., Answer],
    make_picture: MakePicture,
    stored: Callable[..., list[str]],
) -> None:
    for an_id in (album.pk, "123", "00000000-0000-7000-8000-000000000000"):
        answer = stranger.post("/photos/", {"album_id": an_id, "file": make_picture(0)})
        assert (answer.status_code, answer.json()) == (404, {"msg": "Not found."})
    assert_signed_in_only(nobody, "post", "/photos/", {"album_id": album.pk})
    assert stored() == []
    assert add(member, make_picture(0)).status_code == 200


def test_a_stranger_sees_no_photo(
    stranger: Person, owner: Person, add: Callable[..., Answer], make_picture: MakePicture
) -> None:
    assert_absent(stranger, "get", "/photos/{id}", add(owner, make_picture(0)).json()["_id"])
