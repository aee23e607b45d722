"""A file that was replaced in the storage is not served as the picture that was processed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from albums.models import Album
from conftest import MakePicture, Person, committing
from photos import storage
from photos.models import Original, Zip
from photos.verifying import is_unchanged
from pickeez_site.dialects.pickeez.tests.shapes import status_of

KEY = "camera/a.png"


@pytest.fixture
def original(owner: Person, album: Album, make_picture: MakePicture) -> Original:
    storage.save(KEY, make_picture(0).read())
    with committing():
        owner.post("/photos/", {"album_id": album.pk, "s3_path": KEY})
    return Original.objects.get()


@pytest.fixture
def url(owner: Person, original: Original) -> str:
    return str(owner.get(f"/photos/{original.photos.get().pk}").json()["url"])


def test_what_was_processed_is_served(owner: Person, url: str, original: Original) -> None:
    assert status_of(owner, url) == 200


@pytest.mark.parametrize("new", [b"not a picture", b""])
def test_what_was_put_in_its_place_is_not(owner: Person, url: str, original: Original, new: bytes) -> None:
    storage.save(KEY, new)
    assert status_of(owner, url) == 404
    storage.remove(KEY)
    assert status_of(owner, url) == 404


def test_neither_in_an_archive(owner: Person, original: Original, make_picture: MakePicture) -> None:
    storage.save(KEY, make_picture(0, 1, 2).read())
    photo = original.photos.get()
    with committing():
        owner.client.get(f"/albums/{photo.album_id}/zip")
    assert is_unchanged(original) is False
    assert not Zip.objects.filter(status=Zip.Status.READY).exists()


def test_a_restored_file_is_served_and_its_tag_noted(owner: Person, url: str, original: Original) -> None:
    path = Path(default_storage.path(KEY))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert status_of(owner, url) == 200
    stored = storage.stat(KEY)
    assert stored
    assert Original.objects.get().etag == stored.etag != original.etag


def test_a_restored_file_is_processed_again(
    owner: Person, original: Original, process: Callable[[Original], Original]
) -> None:
    os.utime(default_storage.path(KEY), (1_000_000_000, 1_000_000_000))
    assert process(original).status == Original.Status.READY


@pytest.fixture
def process() -> Callable[[Original], Original]:
    from photos.pipeline import process_original

    def process(original: Original) -> Original:
        Original.objects.filter(pk=original.pk).start_over()
        with committing():
            process_original(original_id=original.pk)
        return Original.objects.get(pk=original.pk)

    return process
