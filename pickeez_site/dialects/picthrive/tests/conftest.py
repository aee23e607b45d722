from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from albums.models import Album
from albums.services import create_album
from conftest import Person, committing, picture
from photos.models import Photo
from photos.services import PhotoFacts, store_photo


@pytest.fixture
def upload() -> Callable[..., Photo]:
    """Uploads a picture of somebody into an album; the worker has looked at it when this returns."""
    seeds = iter(range(1, 1000))

    def upload(person: Person, album: Album, name: str = "IMG_01.png", file: bytes | None = None) -> Photo:
        content = file or picture(seed=next(seeds), size=(90, 60)).getvalue()
        with committing():
            photo = store_photo(
                user=person.user, album=album, file=SimpleUploadedFile(name, content), facts=PhotoFacts()
            )
        return Photo.objects.select_related("original").get(pk=photo.pk)

    return upload


@pytest.fixture
def other_album(owner: Person) -> Album:
    """Another album of the owner, without the member."""
    return create_album(owner=owner.user, name="Autumn")
