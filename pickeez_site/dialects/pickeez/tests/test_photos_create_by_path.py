from collections.abc import Callable

import pytest
from pytest_django import Settings

from albums.models import Album
from albums.services import create_album
from conftest import MakePicture, Person
from core.tests.answers import Answer, Json
from photos import storage
from photos.models import Original, Photo
from pickeez_site.dialects.pickeez.tests.shapes import assert_refused, photos_in

BUCKET = "our-bucket"


@pytest.fixture
def put(make_picture: MakePicture) -> Callable[..., None]:
    """A client stores a picture under a key."""
    return lambda key, *people, seed=0: storage.save(key, make_picture(*people, seed=seed).read())


@pytest.fixture
def register(album: Album) -> Callable[..., Answer]:
    """Somebody registers a path in the album; the answer."""
    return lambda person, s3_path, **facts: person.post(
        "/photos/", {"album_id": album.pk, "s3_path": s3_path, **facts}
    )


@pytest.fixture
def photo_of(register: Callable[..., Answer]) -> Callable[..., Json]:
    """The photo that registering a path leads to."""
    return lambda person, s3_path: person.get(f"/photos/{register(person, s3_path).json()['_id']}").json()


def test_a_key_becomes_a_photo_that_is_ready(
    owner: Person, put: Callable[..., None], register: Callable[..., Answer], stored: Callable[..., list[str]]
) -> None:
    put("camera/a.png", 0)
    answer = register(owner, "camera/a.png", s3_server_id="server-1", photo_local_id="local-1")
    assert (answer.status_code, set(answer.json())) == (200, {"_id"})
    photo = owner.get(f"/photos/{answer.json()['_id']}").json()
    assert (photo["s3_path"], photo["s3_server_id"], photo["photo_local_id"]) == (
        "camera/a.png",
        "server-1",
        "local-1",
    )
    assert (photo["status"], photo["num_faces"]) == ("ready", 1)
    assert "camera/a.png" in stored()


def test_the_same_key_in_the_same_album_is_the_same_photo(
    owner: Person, album: Album, put: Callable[..., None], register: Callable[..., Answer]
) -> None:
    put("camera/a.png")
    assert register(owner, "camera/a.png").json() == register(owner, "camera/a.png").json()
    assert len(photos_in(owner.get(f"/albums/{album.pk}").json())) == 1


def test_a_key_of_somebody_elses_original_is_refused(
    owner: Person, stranger: Person, put: Callable[..., None], register: Callable[..., Answer]
) -> None:
    put("camera/a.png")
    register(owner, "camera/a.png")
    own = create_album(owner=stranger.user)
    answer = stranger.post("/photos/", {"album_id": own.pk, "s3_path": "camera/a.png"})
    assert_refused(answer, 403)
    assert not own.photos.exists()


def test_a_key_of_a_photo_that_the_caller_can_see_is_allowed(
    owner: Person, member: Person, stranger: Person, put: Callable[..., None], register: Callable[..., Answer]
) -> None:
    put("camera/a.png")
    register(owner, "camera/a.png")
    own = create_album(owner=member.user)
    answer = member.post("/photos/", {"album_id": own.pk, "s3_path": "camera/a.png"})
    photo = member.get(f"/photos/{answer.json()['_id']}").json()
    assert (photo["album_id"], photo["owner_id"], photo["status"]) == (str(own.pk), member.id, "ready")
    assert Original.objects.count() == 1


def test_an_upload_may_be_registered_by_those_who_see_it_and_by_nobody_else(
    owner: Person, member: Person, stranger: Person, album: Album, make_picture: MakePicture
) -> None:
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    s3_path = Photo.objects.get().s3_path
    for person, status in [(member, 200), (stranger, 403)]:
        own = create_album(owner=person.user)
        assert person.post("/photos/", {"album_id": own.pk, "s3_path": s3_path}).status_code == status


@pytest.mark.parametrize(
    "key",
    [
        "originals/00/x.jpg",
        "renditions/00/x/small.jpg",
        "selfies/x.jpg",
        "zips/x.zip",
        "incoming/x.jpg",
        "Originals/00/x.jpg",
        "RENDITIONS/x.jpg",
    ],
)
def test_a_key_in_the_servers_own_area_is_refused(
    owner: Person, register: Callable[..., Answer], put: Callable[..., None], key: str
) -> None:
    put(key)
    assert_refused(register(owner, key), 403)
    assert not Original.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "../secret_key",
        "../../etc/passwd",
        "/etc/passwd",
        "a/../../b.jpg",
        "a/../originals/b.jpg",
        "a//b.jpg",
        "./a.jpg",
        "a/.",
        "..",
        ".",
        "a\\..\\b.jpg",
        "a/",
        "k" * 1025,
        "é" * 600,
        "file:///etc/passwd",
        "http://[",
        f"https://{BUCKET}.s3.amazonaws.com/../../etc/passwd",
        f"https://{BUCKET}.s3.amazonaws.com/%2e%2e/secret",
        f"https://{BUCKET}.s3.amazonaws.com/",
        "https://other-bucket.s3.amazonaws.com/a.jpg",
        f"https://{BUCKET}.s3.amazonaws.com.evil.example/a.jpg",
        f"https://evil.example/{BUCKET}/a.jpg",
        f"https://{BUCKET}.s3.amazonaws.com@evil.example/a.jpg",
        f"ftp://{BUCKET}.s3.amazonaws.com/a.jpg",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_what_is_no_key_of_ours_is_refused(
    settings: Settings, owner: Person, register: Callable[..., Answer], path: str
) -> None:
    settings.AWS_STORAGE_BUCKET_NAME = BUCKET
    assert_refused(register(owner, path), 400)
    assert not Original.objects.exists()


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (None, f"https://{BUCKET}.s3.amazonaws.com/camera/a%20b.png"),
        (None, f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/camera/a%20b.png"),
        (None, f"https://s3.eu-west-1.amazonaws.com/{BUCKET}/camera/a%20b.png"),
        (None, f"https://s3.amazonaws.com/{BUCKET}/camera/a%20b.png?versionId=1"),
        ("http://127.0.0.1:9000", f"http://127.0.0.1:9000/{BUCKET}/camera/a%20b.png"),
        ("https://minio.example:9000", f"https://{BUCKET}.minio.example:9000/camera/a%20b.png"),
    ],
)
def test_a_url_of_the_bucket_is_the_key_in_it_and_is_given_back_as_it_was(
    settings: Settings,
    owner: Person,
    put: Callable[..., None],
    photo_of: Callable[..., Json],
    endpoint: str | None,
    url: str,
) -> None:
    settings.AWS_STORAGE_BUCKET_NAME = BUCKET
    settings.AWS_S3_ENDPOINT_URL = endpoint
    put("camera/a b.png", 0)
    photo = photo_of(owner, url)
    assert (photo["s3_path"], photo["status"]) == (url, "ready")
    assert Original.objects.get().key == "camera/a b.png"


def test_a_url_is_refused_where_there_is_no_bucket(
    settings: Settings, owner: Person, register: Callable[..., Answer]
) -> None:
    settings.AWS_STORAGE_BUCKET_NAME = ""
    assert_refused(register(owner, "https://any.s3.amazonaws.com/a.jpg"), 400)


def test_a_missing_file_fails_and_is_ready_when_registered_after_it_came(
    owner: Person, put: Callable[..., None], register: Callable[..., Answer], photo_of: Callable[..., Json]
) -> None:
    photo = photo_of(owner, "camera/a.png")
    assert (photo["status"], photo["error"]) == ("failed", "The file is not in the storage.")
    put("camera/a.png", 0)
    again = photo_of(owner, "camera/a.png")
    assert (again["_id"], again["status"], again["error"]) == (photo["_id"], "ready", None)


def test_a_file_changed_between_registration_and_processing_is_refused(
    owner: Person, album: Album, put: Callable[..., None], photo_of: Callable[..., Json]
) -> None:
    put("camera/a.png", 0)
    # Without a commit nothing is processed yet.
    owner.client.post("/photos/", {"album_id": album.pk, "s3_path": "camera/a.png"})
    assert Original.objects.get().status == "new"
    put("camera/a.png", 0, 1, 2)
    photo = photo_of(owner, "camera/a.png")
    assert (photo["status"], photo["num_faces"]) == ("failed", None)
    assert "changed" in photo["error"]


def test_the_same_bytes_under_two_keys_are_one_original_and_both_paths_stay(
    owner: Person, album: Album, put: Callable[..., None], photo_of: Callable[..., Json]
) -> None:
    for key in ("camera/a.png", "camera/b.png"):
        put(key, 0)
    photos = [photo_of(owner, key) for key in ("camera/a.png", "camera/b.png")]
    assert [(photo["s3_path"], photo["status"]) for photo in photos] == [
        ("camera/a.png", "ready"),
        ("camera/b.png", "ready"),
    ]
    assert photos[0]["_id"] != photos[1]["_id"]
    assert Original.objects.count() == 1
    assert photo_of(owner, "camera/b.png")["_id"] == photos[1]["_id"]
    assert len(photos_in(owner.get(f"/albums/{album.pk}").json())) == 2


def test_two_users_with_the_same_bytes_have_an_original_each(
    owner: Person, member: Person, put: Callable[..., None], photo_of: Callable[..., Json]
) -> None:
    for person, key in [(owner, "camera/a.png"), (member, "camera/b.png")]:
        put(key, 0)
        assert photo_of(person, key)["status"] == "ready"
    assert Original.objects.count() == 2


@pytest.mark.parametrize("path", [["a"], {"a": 1}, None, "", "a\0b", "\ud800"])
def test_a_path_that_is_no_text_is_refused(
    owner: Person, album: Album, path: dict[str, int] | list[str] | str | None
) -> None:
    assert_refused(owner.post_json("/photos/", {"album_id": str(album.pk), "s3_path": path}), 400)


def test_what_its_owner_deleted_nobody_else_brings_back(
    owner: Person, member: Person, album: Album, put: Callable[..., None], register: Callable[..., Answer]
) -> None:
    put("camera/a.png")
    photo_id = register(owner, "camera/a.png").json()["_id"]
    other = owner.post("/albums/create").json()["_id"]
    owner.post(f"/albums/{other}/invite_phones", {"phones[]": [member.phone]})
    owner.post("/photos/", {"album_id": other, "s3_path": "camera/a.png"})
    owner.post(f"/photos/{photo_id}/delete")
    assert_refused(register(member, "camera/a.png"), 403)
    assert photos_in(owner.get(f"/albums/{album.pk}").json()) == []
    assert register(owner, "camera/a.png").json()["_id"] == photo_id
