from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from conftest import Person, committing
from photos import storage
from photos.models import FileToRemove, Original
from photos.services import drop_files, keep_file, remove_dropped_files, store_file


@pytest.fixture
def later() -> Callable[..., time_machine.travel]:
    """Travels some hours into the future."""
    return lambda hours: time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False)


def store(key: str) -> None:
    store_file(key=key, file=ContentFile(b"content"), content_type="image/png")


def test_a_stored_file_that_nothing_needs_is_removed_after_an_hour(
    db: None, stored: Callable[..., list[str]], later: Callable[..., time_machine.travel]
) -> None:
    store("originals/a")
    assert (remove_dropped_files(), stored()) == (0, ["originals/a"])
    with later(hours=0.9):
        assert (remove_dropped_files(), stored()) == (0, ["originals/a"])
    with later(hours=1.1):
        assert (remove_dropped_files(), stored()) == (1, [])
    assert not FileToRemove.objects.exists()


def test_a_kept_file_stays(
    db: None, stored: Callable[..., list[str]], later: Callable[..., time_machine.travel]
) -> None:
    store("originals/a")
    keep_file(key="originals/a")
    with later(hours=1000):
        assert (remove_dropped_files(), stored()) == (0, ["originals/a"])


def test_a_file_is_removed_when_keeping_it_was_rolled_back(
    db: None, stored: Callable[..., list[str]], later: Callable[..., time_machine.travel]
) -> None:
    store("originals/a")
    with transaction.atomic():
        keep_file(key="originals/a")
        transaction.set_rollback(True)
    with later(hours=2):
        assert (remove_dropped_files(), stored()) == (1, [])


def test_dropped_files_are_removed_as_soon_as_the_change_commits(
    db: None, stored: Callable[..., list[str]]
) -> None:
    for key in ("a", "b", "c"):
        store(key)
        keep_file(key=key)
    with committing():
        drop_files(keys=["a", "b", "never-there"])
        assert stored() == ["a", "b", "c"]
    assert stored() == ["c"]
    assert not FileToRemove.objects.exists()


def test_a_drop_that_was_rolled_back_removes_nothing(db: None, stored: Callable[..., list[str]]) -> None:
    store("a")
    keep_file(key="a")
    with transaction.atomic():
        drop_files(keys=["a"])
        transaction.set_rollback(True)
    assert (remove_dropped_files(), stored()) == (0, ["a"])


def test_a_dropped_file_that_an_original_needs_again_is_not_removed(
    owner: Person, stored: Callable[..., list[str]]
) -> None:
    store("camera/a")
    drop_files(keys=["camera/a"])
    Original.objects.create(owner=owner.user, key="camera/a")
    assert (remove_dropped_files(), stored()) == (0, ["camera/a"])
    assert not FileToRemove.objects.exists()


def test_a_file_that_could_not_be_removed_is_removed_later(
    db: None, stored: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store("a")

    def fail(key: str) -> None:
        raise storage.StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(storage, "remove", fail)
        drop_files(keys=["a", "b"])
        assert remove_dropped_files() == 0
    assert (FileToRemove.objects.count(), stored()) == (2, ["a"])
    remove_dropped_files()
    assert (FileToRemove.objects.count(), stored()) == (0, [])


def test_storing_again_under_a_reserved_key_reserves_it_anew(
    db: None, stored: Callable[..., list[str]], later: Callable[..., time_machine.travel]
) -> None:
    store("a")
    with later(hours=0.9):
        store("a")
    with later(hours=1.5):
        assert (remove_dropped_files(), stored()) == (0, ["a"])


def test_a_key_that_cannot_name_a_file_blocks_no_other(db: None, stored: Callable[..., list[str]]) -> None:
    store("a")
    store("folder/b")
    FileToRemove.objects.all().delete()
    drop_files(keys=["a/below-a-file", "folder", "x" * 300])
    drop_files(keys=["a"])
    remove_dropped_files()
    assert (FileToRemove.objects.count(), stored()) == (0, ["folder/b"])
