"""A photo that is added to an original while that is deleted is refused, or stays; it is never lost."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import Model, QuerySet
from django.db.models.deletion import Collector

from albums.models import Album
from conftest import Person
from photos import storage
from photos.models import Original, Photo
from photos.services import PhotoFacts, claim_original, erase_photos, record_content, register_photo, trash

pytestmark = pytest.mark.django_db(transaction=True)


class Placing:
    """Another transaction, which begins when the first original is about to be deleted."""

    def __init__(self, original: Original, album: Album) -> None:
        self.placed: Photo | None = None
        self._new = Photo(
            original=original, album=album, owner=original.owner, uploader=original.owner, s3_path="another.png"
        )
        self._thread = threading.Thread(target=self._place)

    def begin(self) -> None:
        if not self._thread.ident:
            self._thread.start()
            self._thread.join(0.5)  # it may have to wait for our lock

    def end(self) -> None:
        self._thread.join()

    def _place(self) -> None:
        with suppress(IntegrityError):
            self._new.save()
            self.placed = self._new
        connection.close()


@pytest.fixture
def original(owner: Person, album: Album) -> Original:
    storage.save("a.png", b"content")
    return register_photo(user=owner.user, album=album, s3_path="a.png", facts=PhotoFacts()).original


@pytest.fixture
def placing(original: Original, album: Album, monkeypatch: pytest.MonkeyPatch) -> Placing:
    """Adds a photo to the original after it was chosen for deletion, and before its photos are collected."""
    other = Placing(original, album)
    collect = Collector.collect

    def begin_and_collect(self: Collector, objects: QuerySet[Model], *arguments: Any, **options: Any) -> None:
        if any(isinstance(row, Original) for row in objects):
            other.begin()
        return collect(self, objects, *arguments, **options)

    monkeypatch.setattr(Collector, "collect", begin_and_collect)
    return other


def erase(original: Original) -> None:
    erase_photos(photo_ids=original.photos.values_list("pk", flat=True))


def purge(original: Original) -> None:
    photo = original.photos.get()
    trash.trash_photo(photo=photo)
    trash.purge_trash(before=photo.deleted_at)


def merge(original: Original) -> None:
    Original.objects.filter(pk=original.pk).start_over()
    Original.objects.create(owner=original.owner, key="same.png", sha256="0" * 64)
    claimed = claim_original(original_id=original.pk, stage="renditions")
    assert claimed
    record_content(original=claimed[0], token=claimed[1], sha256="0" * 64, size=7, etag="")


@pytest.mark.parametrize("delete", [erase, purge, merge])
def test_a_photo_that_is_added_to_an_original_while_it_is_deleted_is_not_lost(
    original: Original, placing: Placing, delete: Callable[[Original], None]
) -> None:
    with suppress(IntegrityError):  # the other one was first: all of this is taken back
        delete(original)
    placing.end()
    assert placing.placed is None or Photo.objects.filter(pk=placing.placed.pk).exists()
