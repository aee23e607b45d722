import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from pytest_django import Settings

from albums.models import Album, PendingAlbum
from albums.services import create_album
from conftest import MakePicture, Person, committing
from core.enqueueing import send_task
from photos import storage
from photos.models import FileToRemove, Original, Photo
from photos.services import PhotoFacts, register_photo, store_photo
from photos.stages import FIRST_STAGE

FACTS = PhotoFacts()


@pytest.fixture
def file(make_picture: MakePicture) -> Callable[..., SimpleUploadedFile]:
    """An uploaded picture; the same number is the same bytes."""
    return lambda seed=0: SimpleUploadedFile("photo.png", make_picture(0, seed=seed).read())


@pytest.fixture
def sent_to_worker(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The originals whose first task was sent to the broker."""
    sent: list[UUID] = []

    def record(name: str, original_id: str, **options: Any) -> bool:
        if name == FIRST_STAGE.task:
            sent.append(UUID(original_id))
        return send_task(name, original_id, **options)

    monkeypatch.setattr("photos.services.processing.send_task", record)
    return sent


def test_the_bytes_are_stored_once_under_a_name_that_the_server_chooses(
    owner: Person, album: Album, file: Callable[..., SimpleUploadedFile], stored: Callable[..., list[str]]
) -> None:
    photos = [store_photo(user=owner.user, album=album, file=file(), facts=FACTS) for _ in range(2)]
    assert photos[0] == photos[1]
    (key,) = stored()
    original = Original.objects.get()
    assert key == original.key == photos[0].s3_path
    assert key.startswith("originals/")
    assert "photo" not in key
    content = file().read()
    assert (original.sha256, original.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert storage.read(key) == content


def test_a_stored_file_is_kept(owner: Person, album: Album, file: Callable[..., SimpleUploadedFile]) -> None:
    store_photo(user=owner.user, album=album, file=file(), facts=FACTS)
    assert not FileToRemove.objects.exists()


def test_two_users_do_not_share_an_original(
    owner: Person, member: Person, album: Album, file: Callable[..., SimpleUploadedFile]
) -> None:
    for person in (owner, member):
        store_photo(user=person.user, album=album, file=file(), facts=FACTS)
    assert Original.objects.values("sha256").distinct().count() == 1
    assert Original.objects.count() == Photo.objects.count() == 2


def test_an_original_is_sent_to_the_worker_when_it_is_committed(
    settings: Settings,
    owner: Person,
    album: Album,
    file: Callable[..., SimpleUploadedFile],
    sent_to_worker: list[UUID],
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    with committing():
        photo = store_photo(user=owner.user, album=album, file=file(), facts=FACTS)
        assert sent_to_worker == []
    assert sent_to_worker == [photo.original_id]


def test_a_finished_original_is_not_sent_again(
    owner: Person, album: Album, file: Callable[..., SimpleUploadedFile], sent_to_worker: list[UUID]
) -> None:
    with committing():
        store_photo(user=owner.user, album=album, file=file(), facts=FACTS)
    other = create_album(owner=owner.user)
    with committing():
        store_photo(user=owner.user, album=other, file=file(), facts=FACTS)
    assert len(sent_to_worker) == 1


def test_a_failed_original_is_tried_again(owner: Person, album: Album, sent_to_worker: list[UUID]) -> None:
    photo = register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=FACTS)
    Original.objects.update(status="failed", error="It was not there.", tries=3)
    with committing():
        register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=FACTS)
    assert sent_to_worker == [photo.original_id]


def test_every_addition_touches_the_album(
    settings: Settings, owner: Person, album: Album, file: Callable[..., SimpleUploadedFile]
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    for add in (
        lambda: store_photo(user=owner.user, album=album, file=file(), facts=FACTS),
        lambda: register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=FACTS),
        lambda: register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=FACTS),
    ):
        PendingAlbum.objects.all().delete()
        add()
        assert PendingAlbum.objects.get().done_uploading is False


def test_an_empty_file_is_refused_and_nothing_is_stored(
    owner: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    with pytest.raises(ValidationError):
        store_photo(user=owner.user, album=album, file=SimpleUploadedFile("photo.png", b""), facts=FACTS)
    assert stored() == []
    assert not Original.objects.exists()


def test_an_unreachable_storage_leaves_no_row(
    settings: Settings, owner: Person, album: Album, file: Callable[..., SimpleUploadedFile], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "file" / "media")},
        },
    }
    with pytest.raises(storage.StorageUnavailable):
        store_photo(user=owner.user, album=album, file=file(), facts=FACTS)
    assert not Photo.objects.exists()
    assert not Original.objects.exists()


def test_size_and_tag_are_saved_at_registration(owner: Person, album: Album, make_picture: MakePicture) -> None:
    content = make_picture(0).read()
    storage.save("camera/a.png", content)
    photo = register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=FACTS)
    assert (photo.original.size, photo.original.sha256) == (len(content), None)
    stored = storage.stat("camera/a.png")
    assert stored
    assert photo.original.etag == stored.etag


def test_a_key_may_be_registered_before_its_file_has_come(owner: Person, album: Album) -> None:
    photo = register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=FACTS)
    assert (photo.original.size, photo.original.etag, photo.original.status) == (None, "", "new")


def test_a_key_that_another_user_has_registered_is_refused(owner: Person, stranger: Person, album: Album) -> None:
    storage.save("camera/a.png", b"a picture")
    register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=FACTS)
    own = create_album(owner=stranger.user)
    with pytest.raises(PermissionDenied):
        register_photo(user=stranger.user, album=own, s3_path="camera/a.png", facts=FACTS)
    assert Original.objects.get().owner == owner.user


def test_the_database_refuses_duplicate_bytes_and_keys(owner: Person) -> None:
    Original.objects.create(owner=owner.user, key="a", sha256="x")
    for duplicate in ({"key": "a"}, {"key": "b", "sha256": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Original.objects.create(owner=owner.user, **duplicate)
    for key in ("c", "d"):
        Original.objects.create(owner=owner.user, key=key, sha256=None)
