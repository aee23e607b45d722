"""`POST /photos/` with the device that the photo comes from, and the key of the app on it."""

from _io import BytesIO

import pytest

from albums.models import Album
from conftest import Caller, MakePicture, Person
from core.tests.answers import Answer
from photos.models import Photo
from profiles.models import Device, ScannedPhoto
from profiles.services import get_or_create_app, issue_key, revoke_keys

WRONG_KEY = (401, {"msg": "Invalid API key."})


@pytest.fixture
def key(db: None) -> str:
    return issue_key(app=get_or_create_app(owner_id="Acme", app_id="Shop"))[1]


def upload(
    person: Caller,
    album: Album,
    file: BytesIO,
    key: str | None = None,
    header: str = "api_key",
    **data: object,
) -> Answer:
    headers = {header: key} if key is not None else {}
    return person.client.post("/photos/", {"album_id": str(album.pk), "file": file, **data}, headers=headers)


def test_the_photo_is_linked_to_the_device(
    owner: Person, album: Album, make_picture: MakePicture, key: str
) -> None:
    answer = upload(owner, album, make_picture(0), key, device_id="d/1")
    assert answer.status_code == 200
    assert set(answer.json()) == {"_id"}
    scan = ScannedPhoto.objects.get()
    assert (str(scan.photo_id), scan.device.device_id, scan.device.user) == (
        answer.json()["_id"],
        "d/1",
        owner.user,
    )
    assert str(scan.device.app) == "Shop of Acme"


def test_a_registered_key_is_linked_too(owner: Person, album: Album, key: str) -> None:
    data = {"album_id": str(album.pk), "s3_path": "camera/1.jpg", "device_id": "d"}
    owner.client.post("/photos/", data, content_type="application/json", headers={"api_key": key})
    assert ScannedPhoto.objects.get().photo.s3_path == "camera/1.jpg"


@pytest.mark.parametrize("header", ["api_key", "X-Api-Key"])
def test_adding_the_photo_again_links_it_once(
    owner: Person, album: Album, make_picture: MakePicture, key: str, header: str
) -> None:
    first, second = (upload(owner, album, make_picture(0), key, header, device_id="d") for _ in range(2))
    assert first.json() == second.json()
    assert ScannedPhoto.objects.count() == 1


def test_a_photo_that_is_there_already_is_linked_afterwards(
    owner: Person, album: Album, make_picture: MakePicture, key: str
) -> None:
    upload(owner, album, make_picture(0))
    upload(owner, album, make_picture(0), key, device_id="d")
    assert (Photo.objects.count(), ScannedPhoto.objects.count()) == (1, 1)


@pytest.mark.parametrize("device_id", [{}, {"device_id": ""}])
def test_a_key_without_a_device_links_nothing(
    owner: Person, album: Album, make_picture: MakePicture, key: str, device_id: dict[str, str]
) -> None:
    assert upload(owner, album, make_picture(0), key, **device_id).status_code == 200
    assert not Device.objects.exists()


def test_a_device_without_a_key_is_refused(owner: Person, album: Album, make_picture: MakePicture) -> None:
    answer = upload(owner, album, make_picture(0), device_id="d")
    assert answer.status_code == 400
    assert answer.json() == {"msg": "Parameter device_id goes with the app's key in the header api_key."}
    assert not Photo.objects.exists()


@pytest.mark.parametrize("wrong", ["", "wrong", "a,b"])
@pytest.mark.parametrize("data", [{}, {"device_id": "d"}])
def test_a_wrong_key_is_refused_also_where_none_is_needed(
    owner: Person, album: Album, make_picture: MakePicture, wrong: str, data: dict[str, str]
) -> None:
    answer = upload(owner, album, make_picture(0), wrong, **data)
    assert (answer.status_code, answer.json()) == WRONG_KEY
    assert not Photo.objects.exists()


def test_a_revoked_key_is_wrong(owner: Person, album: Album, make_picture: MakePicture, key: str) -> None:
    revoke_keys(keys=get_or_create_app(owner_id="Acme", app_id="Shop").keys.all())
    assert upload(owner, album, make_picture(0), key, device_id="d").status_code == 401


@pytest.mark.parametrize("device_id", ["x" * 129, "a\nb", "\x7f", ["a", "b"]])
def test_a_bad_device_id_is_refused(
    owner: Person, album: Album, make_picture: MakePicture, key: str, device_id: list[str] | str
) -> None:
    answer = upload(owner, album, make_picture(0), key, device_id=device_id)
    assert answer.status_code == 400
    assert "device_id" in answer.json()["msg"]
    assert not Photo.objects.exists()


def test_a_stranger_and_nobody_are_refused(
    stranger: Person, nobody: Caller, album: Album, make_picture: MakePicture, key: str
) -> None:
    answers = [upload(caller, album, make_picture(0), key, device_id="d") for caller in (stranger, nobody)]
    assert [answer.status_code for answer in answers] == [404, 401]
    assert not Device.objects.exists()


def test_the_device_belongs_to_who_used_it_last_unless_somebody_consented(
    owner: Person, member: Person, album: Album, make_picture: MakePicture, key: str
) -> None:
    for number, person in enumerate((owner, member)):
        upload(person, album, make_picture(0, seed=number), key, device_id="d")
        assert Device.objects.get().user == person.user
