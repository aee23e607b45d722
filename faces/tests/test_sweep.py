from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from celery import Task
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import Traveller

from albums.models import Album, PendingAlbum
from albums.services import claim_pending_album, create_album, process_now, queue_now, touch_albums
from conftest import MakePicture, Person
from core.sweeping import run_sweeps
from faces.models import Selfie
from faces.services import note_selfie_queued
from photos import storage
from photos.models import ImportedFile, Original, Photo
from photos.services import PhotoFacts, claim_original, register_photo
from photos.tests.builders import place_photos


@pytest.fixture
def lost(owner: Person, album: Album, make_picture: MakePicture) -> Original:
    """A photo's original whose message was lost."""
    storage.save("camera/a.png", make_picture(0).read())
    return register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=PhotoFacts()).original


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def status() -> str:
    return Original.objects.get().status


def test_an_original_whose_message_was_never_sent_is_processed(lost: Original) -> None:
    run_sweeps()
    assert status() == "ready"


def test_an_original_that_the_broker_has_is_sent_again_only_after_a_while(
    clock: Traveller, lost: Original
) -> None:
    Original.objects.update(queued_at=timezone.now())
    run_sweeps()
    assert status() == "new"
    clock.shift(299)
    run_sweeps()
    assert status() == "new"
    clock.shift(2)
    run_sweeps()
    assert status() == "ready"


def test_a_worker_that_starts_sends_everything_at_once(lost: Original) -> None:
    Original.objects.update(queued_at=timezone.now())
    run_sweeps(everything=True)
    assert status() == "ready"


def test_an_original_whose_worker_died_is_processed_when_its_lease_has_lapsed(
    clock: Traveller, settings: Settings, lost: Original
) -> None:
    claim_original(original_id=lost.pk, stage="renditions")
    run_sweeps(everything=True)
    assert status() == "processing"
    clock.shift(settings.LEASE_SECONDS + 1)
    run_sweeps()
    assert status() == "ready"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of what was sent to the broker, which runs none of it."""
    ids: list[str] = []

    def send(task: Task, *arguments: str, **_: object) -> bool:
        ids.extend(arguments)
        return True

    for module in (
        "faces.services.albums",
        "faces.services.selfies",
        "photos.services.processing",
    ):
        monkeypatch.setattr(f"{module}.send_task", send)
    return ids


def test_the_broker_gets_no_more_originals_at_once_than_the_limit(
    clock: Traveller, owner: Person, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photos.sweeps.MAX_SENT", 3)
    originals = [Original(owner=owner.user, key=f"camera/{n}") for n in range(6)]
    Original.objects.bulk_create(originals)
    dead = originals[5].pk
    claim_original(original_id=dead, stage="renditions")
    clock.shift(60)
    run_sweeps()
    assert (sent[0], len(sent)) == (str(dead), 3)
    run_sweeps()
    assert len(sent) == 3, "what was sent once is not sent every time"
    claim_original(original_id=dead, stage="renditions")
    run_sweeps()
    assert len(sent) == 4
    Original.objects.filter(pk__in=sent).update(status="ready")
    run_sweeps()
    assert len(set(sent)) == 6


def test_work_of_a_dead_worker_is_sent_again_even_if_the_clocks_of_two_machines_differ(
    clock: Traveller, settings: Settings, lost: Original, sent: list[str]
) -> None:
    Original.objects.update(queued_at=timezone.now())
    claim_original(original_id=lost.pk, stage="renditions")
    clock.shift(settings.LEASE_SECONDS + 1)
    run_sweeps()
    # To the worker the claim still holds, and it does nothing: its clock is two seconds behind.
    Original.objects.update(lease_until=timezone.now() + timedelta(seconds=1))
    clock.shift(10)
    for _ in range(9):
        run_sweeps()
        clock.shift(10)
    assert sent == [str(lost.pk)] * 3


def test_uploads_are_not_sent_behind_a_folder_that_is_imported(
    owner: Person, album: Album, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photos.sweeps.MAX_SENT", 3)
    imported, uploaded = place_photos(None, owner.user, 5), place_photos(album, owner.user, 2)
    Original.objects.update(status="new")
    ImportedFile.objects.bulk_create(
        ImportedFile(photo=photo, owner=owner.user, root=b"/", location=photo.pk.bytes, size=1, mtime_ns=1)
        for photo in imported
    )
    for _ in range(2):
        run_sweeps()
    assert {str(photo.original_id) for photo in uploaded} < set(sent)
    assert len(sent) == 5


def test_the_broker_gets_no_more_albums_and_selfies_at_once_than_the_limits(
    clock: Traveller, owner: Person, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for most in ("MAX_ALBUMS_SENT", "MAX_SELFIES_SENT"):
        monkeypatch.setattr(f"faces.sweeps.{most}", 2)
    queue_now(album_ids=[create_album(owner=owner.user).pk for _ in range(3)])
    Selfie.objects.bulk_create(Selfie(user=owner.user, key=f"selfies/{n}", sha256=str(n)) for n in range(3))
    for _ in range(2):
        run_sweeps()
    assert len(sent) == len(set(sent)) == 4
    clock.shift(61)
    run_sweeps()
    assert len(sent) == 8


def test_an_album_that_the_broker_has_is_sent_again_only_after_a_minute(
    clock: Traveller, settings: Settings, album: Album, sent: list[str]
) -> None:
    queue_now(album_ids=[album.pk])
    for _ in range(14):
        run_sweeps()
        clock.shift(5)
    assert sent == [str(album.pk)] * 2
    claim_pending_album(candidates=PendingAlbum.objects.ready())
    clock.shift(settings.LEASE_SECONDS + 1)
    run_sweeps()
    assert len(sent) == 3


def test_a_quiet_album_is_processed(clock: Traveller, owner: Person, album: Album, lost: Original) -> None:
    touch_albums(album_ids=[album.pk])
    run_sweeps()
    assert PendingAlbum.objects.exists()
    clock.shift(61)
    run_sweeps()
    assert not PendingAlbum.objects.exists()
    assert owner.get(f"/albums/{album.pk}").json()["processing"]["state"] == "done"


def test_an_album_whose_worker_died_is_processed_when_its_lease_has_lapsed(
    clock: Traveller, settings: Settings, album: Album
) -> None:
    queue_now(album_ids=[album.pk])
    assert claim_pending_album(candidates=PendingAlbum.objects.ready())
    run_sweeps(everything=True)
    assert PendingAlbum.objects.exists()
    clock.shift(settings.LEASE_SECONDS + 1)
    run_sweeps()
    assert not PendingAlbum.objects.exists()


def test_an_album_is_processed_in_the_sweep_that_finishes_its_last_photo(lost: Original, album: Album) -> None:
    queue_now(album_ids=[album.pk])
    run_sweeps()
    assert (status(), PendingAlbum.objects.exists()) == ("ready", False)


def test_an_album_whose_photo_was_given_up_is_not_held_up(
    clock: Traveller, settings: Settings, album: Album, lost: Original
) -> None:
    queue_now(album_ids=[album.pk])
    Original.objects.update(
        status="processing", tries=settings.PROCESSING_TRIES, lease_until=timezone.now() - timedelta(seconds=1)
    )
    run_sweeps()
    assert (status(), PendingAlbum.objects.exists()) == ("failed", False)


def test_with_an_outside_algorithm_photos_are_processed_and_albums_left(
    settings: Settings, album: Album, lost: Original
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    queue_now(album_ids=[album.pk])
    run_sweeps()
    assert (status(), PendingAlbum.objects.ready().count()) == ("ready", 1)


def test_albums_wanted_here_are_found_among_those_of_an_outside_algorithm(
    settings: Settings, owner: Person, album: Album, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    monkeypatch.setattr("faces.sweeps.MAX_ALBUMS_SENT", 2)
    queue_now(album_ids=[create_album(owner=owner.user).pk for _ in range(3)])
    process_now(albums=Album.objects.filter(pk=album.pk))
    run_sweeps()
    assert sent == [str(album.pk)]


def test_a_selfie_whose_message_was_lost_is_checked(
    clock: Traveller, owner: Person, make_picture: MakePicture
) -> None:
    storage.save("selfies/x.png", make_picture(0).read())
    selfie = Selfie.objects.create(user=owner.user, key="selfies/x.png", sha256="x", content_type="image/png")
    note_selfie_queued(selfie_id=selfie.pk)
    run_sweeps()
    selfie.refresh_from_db()
    assert selfie.status == "new"
    clock.shift(31)
    run_sweeps()
    selfie.refresh_from_db()
    assert selfie.status == "taken"


def test_a_selfie_that_killed_its_worker_three_times_is_refused(
    clock: Traveller, settings: Settings, owner: Person, make_picture: MakePicture
) -> None:
    storage.save("selfies/x.png", make_picture(0).read())
    selfie = Selfie.objects.create(user=owner.user, key="selfies/x.png", sha256="x", content_type="image/png")
    Selfie.objects.update(tries=settings.PROCESSING_TRIES, claim=uuid4(), lease_until=timezone.now())
    clock.shift(60)
    run_sweeps()
    selfie.refresh_from_db()
    assert (selfie.status, selfie.claim) == ("refused", None)
    assert "given up" in selfie.error.lower()


def test_a_sweep_with_nothing_to_do_does_nothing(
    album: Album, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    PendingAlbum.objects.all().delete()
    with django_assert_max_num_queries(15):
        run_sweeps()
    assert not Photo.objects.exists()
