import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from albums.models import Album
from albums.services import create_album, delete_album
from conftest import Person, committing, picture
from photos import tasks
from photos.models import Original, Photo
from photos.services import (
    PhotoFacts,
    copy_photos,
    purge_trash,
    remove_dropped_files,
    store_photo,
    trash,
    trash_photo,
)
from photos.tests.builders import place_photos


@pytest.fixture
def store(owner: Person, album: Album) -> Callable[..., Photo]:
    def store(seed: int = 0) -> Photo:
        file = SimpleUploadedFile("a.png", picture(seed=seed, size=(9, 6)).getvalue())
        with committing():
            photo = store_photo(user=owner.user, album=album, file=file, facts=PhotoFacts())
        return Photo.objects.select_related("original").get(pk=photo.pk)

    return store


def in_days(days: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(days=days))


def purge() -> tuple[int, int, int]:
    with committing():
        purged = purge_trash()
    remove_dropped_files()
    return purged.photos, purged.originals, purged.albums


def test_after_thirty_days_photo_original_and_files_go(
    store: Callable[..., Photo], stored: Callable[..., list[str]]
) -> None:
    trash_photo(photo=store())
    assert len(stored()) == 7
    with in_days(29.9):
        assert purge() == (0, 0, 0)
    with in_days(30.1):
        assert purge() == (1, 1, 0)
    assert (Photo.objects.count(), Original.objects.count(), stored()) == (0, 0, [])


def test_an_original_goes_with_its_last_photo(
    owner: Person, store: Callable[..., Photo], stored: Callable[..., list[str]]
) -> None:
    photo = store()
    copies = copy_photos(photos=[photo, photo], album=create_album(owner=owner.user), user=owner.user)
    trash_photo(photo=photo)
    trash_photo(photo=copies[0])
    with in_days(31):
        assert purge() == (2, 0, 0)
        assert len(stored()) == 7
        trash_photo(photo=copies[1])
    with in_days(62):
        assert purge() == (1, 1, 0)
    assert stored() == []


def test_a_deleted_album_goes_with_its_photos(
    owner: Person, album: Album, store: Callable[..., Photo], stored: Callable[..., list[str]]
) -> None:
    store()
    delete_album(album=album)
    with in_days(31):
        assert purge() == (1, 1, 1)
    assert (Album.objects.exists(), stored()) == (False, [])


def test_uploading_the_same_bytes_again_restores_a_photo_that_the_user_has_deleted(
    owner: Person, store: Callable[..., Photo]
) -> None:
    photo = store()
    trash_photo(photo=photo, by=owner.user)
    assert store() == photo
    with in_days(31):
        assert purge() == (0, 0, 0)


def test_trashing_again_does_not_delay_the_purge(store: Callable[..., Photo]) -> None:
    photo = store()
    trash_photo(photo=photo)
    with in_days(20):
        trash_photo(photo=photo)
    with in_days(30.1):
        assert purge() == (1, 1, 0)


def test_a_purge_that_was_stopped_can_be_continued(
    owner: Person, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "PURGED_AT_ONCE", 2)
    place_photos(album, owner.user, 5)
    Photo.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    assert next(trash.purge_photos(before=trash.purge_cutoff())).photos == 2
    assert Photo.objects.count() == 3
    tasks.purge_deleted()
    assert (Photo.objects.count(), Original.objects.count()) == (0, 0)


@pytest.mark.parametrize("option", ["--dry-run", None])
def test_the_command_says_what_it_removes_and_a_dry_run_removes_nothing(
    owner: Person, album: Album, option: str | None
) -> None:
    photos = place_photos(album, owner.user, 3)
    copy_photos(photos=photos[:1], album=create_album(owner=owner.user), user=owner.user)
    Photo.objects.filter(album=album).update(deleted_at=timezone.now() - timedelta(days=31))
    output = io.StringIO()
    call_command("purge_deleted", *filter(None, [option]), stdout=output, stderr=io.StringIO())
    verb, left = ("Would remove", 4) if option else ("Removed", 1)
    assert output.getvalue() == f"{verb} 3 photos, 2 stored originals and 0 albums.\n"
    assert Photo.objects.count() == left


def test_the_command_reports_an_empty_trash(db: None) -> None:
    output = io.StringIO()
    call_command("purge_deleted", stdout=output, stderr=io.StringIO())
    assert output.getvalue() == "Removed 0 photos, 0 stored originals and 0 albums.\n"
