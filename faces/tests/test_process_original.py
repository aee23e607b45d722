from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import pytest
import time_machine
from celery import Task
from celery.canvas import Signature
from celery.exceptions import Retry
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from pytest_django import Settings

from accounts.services import delete_user
from albums.models import Album
from conftest import MakePicture, Person, committing
from core.sweeping import run_sweeps
from core.tests.presence import present
from faces import tasks
from faces.models import Face, embedding_array
from faces.services import originals, recognise_original
from photos import pipeline, preparing, storage
from photos import tasks as photo_tasks
from photos.images import Picture
from photos.models import Original, Photo, Rendition
from photos.pipeline import process_original
from photos.preparing import prepare_for_viewing
from photos.services import PhotoFacts, claim_original, processing, register_photo, remove_dropped_files
from photos.signals import originals_finished


@pytest.fixture
def register(owner: Person, album: Album, make_picture: MakePicture) -> Callable[..., Original]:
    """The owner's photo of these people, registered and not yet processed."""

    def add(*people: int, key: str = "camera/a.png") -> Original:
        storage.save(key, make_picture(*people).read())
        return register_photo(user=owner.user, album=album, s3_path=key, facts=PhotoFacts()).original

    return add


T = TypeVar("T")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Counts the calls of the costly steps."""
    counted = {"read": 0, "decode": 0, "detect": 0}

    def count(name: str, function: Callable[..., T]) -> Callable[..., T]:
        def counting(*arguments: object) -> T:
            counted[name] += 1
            return function(*arguments)

        return counting

    monkeypatch.setattr(storage, "read", count("read", storage.read))
    for module in (preparing, originals):
        monkeypatch.setattr(module, "read_picture", count("decode", module.read_picture))
    engine = originals.get_engine()
    monkeypatch.setattr(engine, "find_faces", count("detect", engine.find_faces), raising=False)
    return counted


@pytest.fixture
def prepare(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs the first stage only: the task of the second is not sent."""

    def prepare(original: Original) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(processing, "send_task", lambda *_, **__: True)
            prepare_for_viewing(original_id=original.pk)

    return prepare


@pytest.fixture
def finished() -> Iterator[list[UUID]]:
    """The originals that were announced as finished."""
    heard = []

    def hear(original_ids: list[UUID], **_: object) -> None:
        heard.extend(original_ids)

    originals_finished.connect(hear)
    yield heard
    originals_finished.disconnect(hear)


def test_everything_found_is_written_at_once(register: Callable[..., Original], finished: list[UUID]) -> None:
    original = register(0, 1)
    process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.error, original.claim, original.lease_until) == ("ready", "", None, None)
    assert (original.width, original.height, original.content_type) == (320, 240, "image/png")
    assert original.ratio == pytest.approx(320 / 240)
    assert len(present(original.sha256)) == 64
    assert original.hue.startswith("#")
    assert present(original.prepared_at) <= present(original.processed_at)
    assert set(original.renditions.values_list("kind", flat=True)) == set(Rendition.Kind.values)
    assert all(storage.stat(rendition.key) for rendition in original.renditions.all())
    assert finished == [original.pk]


def test_faces_are_found_where_they_are(register: Callable[..., Original]) -> None:
    original = register(2, 4)
    process_original(original_id=original.pk)
    faces = original.faces.order_by("x")
    assert [(face.x, face.y, face.width, face.height) for face in faces] == [(10, 20, 40, 40), (60, 20, 40, 40)]
    assert [list(embedding_array(face.embedding)).index(1) for face in faces] == [2, 4]
    assert {face.engine for face in faces} == {"fake"}


def test_each_step_reads_and_decodes_once(
    register: Callable[..., Original], calls: dict[str, int], prepare: Callable[..., None]
) -> None:
    original = register(0, 1, 2)
    prepare(original)
    assert calls == {"read": 1, "decode": 1, "detect": 0}
    recognise_original(original_id=original.pk)
    assert calls == {"read": 2, "decode": 2, "detect": 1}


def test_renditions_are_there_before_faces_are_searched_for(
    register: Callable[..., Original], finished: list[UUID], prepare: Callable[..., None]
) -> None:
    original = register(0)
    prepare(original)
    original.refresh_from_db()
    assert (original.width, original.renditions.count()) == (320, 6)
    assert (original.status, original.tries, original.processed_at, finished) == ("processing", 0, None, [])
    assert claim_original(original_id=original.pk, stage="renditions") is None
    assert claim_original(original_id=original.pk, stage="faces")


def test_a_file_that_changed_between_the_steps_fails(
    register: Callable[..., Original],
    make_picture: MakePicture,
    finished: list[UUID],
    prepare: Callable[..., None],
) -> None:
    original = register(0)
    prepare(original)
    storage.save(original.key, make_picture(1, seed=2).read())
    recognise_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, finished) == ("failed", [original.pk])
    assert "changed" in original.error


def test_a_repeated_message_does_nothing(
    register: Callable[..., Original], calls: dict[str, int], finished: list[UUID]
) -> None:
    original = register(0)
    for _ in range(3):
        process_original(original_id=original.pk)
    assert calls == {"read": 2, "decode": 2, "detect": 1}
    assert len(finished) == 1
    assert Face.objects.count() == 1


def test_a_message_about_an_erased_original_does_nothing(
    register: Callable[..., Original], finished: list[UUID]
) -> None:
    original = register(0)
    Original.objects.all().delete()
    process_original(original_id=original.pk)
    assert finished == []


def test_an_original_that_another_worker_has_claimed_is_left_alone(
    register: Callable[..., Original], calls: dict[str, int]
) -> None:
    original = register(0)
    claim_original(original_id=original.pk, stage="renditions")
    process_original(original_id=original.pk)
    assert calls == {"read": 0, "decode": 0, "detect": 0}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "not in the storage"), (b"this is no picture", ""), (b"", ""), (b"\x89PNG\r\n\x1a\n", "")],
)
def test_a_file_that_cannot_be_processed_fails_with_a_reason(
    owner: Person, album: Album, finished: list[UUID], content: bytes | None, reason: str
) -> None:
    if content is not None:
        storage.save("camera/bad.png", content)
    photo = register_photo(user=owner.user, album=album, s3_path="camera/bad.png", facts=PhotoFacts())
    process_original(original_id=photo.original_id)
    original = Original.objects.get()
    assert (original.status, original.claim) == ("failed", None)
    assert original.error
    assert reason in original.error
    assert "camera/bad.png" not in original.error
    assert finished == [original.pk]
    assert not Rendition.objects.exists()


def test_a_file_beyond_the_limits_fails_before_it_is_read(
    settings: Settings, register: Callable[..., Original], calls: dict[str, int]
) -> None:
    settings.MAX_PHOTO_BYTES = 100
    process_original(original_id=register(0).pk)
    assert Original.objects.get().status == "failed"
    assert calls["read"] == 0


def test_a_picture_of_too_many_pixels_fails_before_the_face_search(
    settings: Settings, register: Callable[..., Original], calls: dict[str, int]
) -> None:
    settings.MAX_PHOTO_PIXELS = 320 * 240 - 1
    process_original(original_id=register(0).pk)
    assert Original.objects.get().status == "failed"
    assert calls["detect"] == 0


def test_a_worker_that_lost_its_lease_writes_nothing(
    register: Callable[..., Original], monkeypatch: pytest.MonkeyPatch, finished: list[UUID]
) -> None:
    original = register(0)

    def lose_the_lease(data: bytes) -> Picture:
        Original.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert claim_original(original_id=original.pk, stage="renditions")
        return read_picture(data)

    read_picture = preparing.read_picture
    monkeypatch.setattr(preparing, "read_picture", lose_the_lease)
    process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.width, original.tries) == ("processing", None, 2)
    assert not Face.objects.exists()
    assert not Rendition.objects.exists()
    assert finished == []


def test_a_worker_that_lost_its_lease_cannot_fail_the_original(
    register: Callable[..., Original], monkeypatch: pytest.MonkeyPatch, finished: list[UUID]
) -> None:
    original = register(0)

    def lose_the_lease(data: bytes) -> None:
        Original.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        claim_original(original_id=original.pk, stage="renditions")
        raise pipeline.UnreadableImage("no picture")

    monkeypatch.setattr(preparing, "read_picture", lose_the_lease)
    process_original(original_id=original.pk)
    assert (Original.objects.get().status, finished) == ("processing", [])


def test_an_original_that_is_erased_during_processing_leaves_no_file_behind(
    register: Callable[..., Original],
    monkeypatch: pytest.MonkeyPatch,
    owner: Person,
    stored: Callable[..., list[str]],
) -> None:
    original = register(0)
    make_renditions = preparing.make_renditions

    def erase_and_go_on(picture: Picture, watermark: str) -> Iterator[object]:
        delete_user(user=owner.user)
        remove_dropped_files()
        return make_renditions(picture, watermark)

    monkeypatch.setattr(preparing, "make_renditions", erase_and_go_on)
    process_original(original_id=original.pk)
    remove_dropped_files()
    assert stored() == []


def test_an_outage_of_the_storage_counts_no_try(
    register: Callable[..., Original], monkeypatch: pytest.MonkeyPatch, finished: list[UUID]
) -> None:
    original = register(0)

    def raise_outage(key: str) -> bytes:
        raise storage.StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(storage, "read", raise_outage)
        for _ in range(5):
            with pytest.raises(storage.StorageUnavailable):
                process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.tries, original.claim, finished) == ("new", 0, None, [])
    process_original(original_id=original.pk)
    assert Original.objects.get().status == "ready"


def test_an_outage_of_the_storage_leaves_a_prepared_original_prepared(
    register: Callable[..., Original],
    monkeypatch: pytest.MonkeyPatch,
    finished: list[UUID],
    prepare: Callable[..., None],
) -> None:
    original = register(0)
    prepare(original)

    def raise_outage(key: str) -> bytes:
        raise storage.StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(storage, "read", raise_outage)
        with pytest.raises(storage.StorageUnavailable):
            recognise_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.tries, original.claim, finished) == ("processing", 0, None, [])
    recognise_original(original_id=original.pk)
    assert Original.objects.get().status == "ready"


@pytest.mark.parametrize("task", [photo_tasks.prepare_original, tasks.find_faces])
def test_an_original_is_retried_for_as_long_as_the_storage_is_unreachable(
    register: Callable[..., Original],
    prepare: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    task: Task,
) -> None:
    original = register(0)
    if task is tasks.find_faces:
        prepare(original)

    def raise_outage(key: str) -> bytes:
        raise storage.StorageUnavailable

    sent = []
    monkeypatch.setattr(Signature, "apply_async", lambda signature: sent.append(signature.options["countdown"]))
    monkeypatch.setattr(storage, "read", raise_outage)
    task.push_request(called_directly=False, is_eager=False, retries=1000, id="id", args=(str(original.pk),))
    try:
        with pytest.raises(Retry):
            task(str(original.pk))
    finally:
        task.pop_request()
    assert len(sent) == 1
    assert 0 <= sent[0] <= 60
    original.refresh_from_db()
    assert (original.claim, original.tries) == (None, 0)
    assert timezone.now() - present(original.queued_at) < timedelta(
        minutes=1
    )  # the sweep leaves it alone meanwhile


def test_the_claim_is_released_as_soon_as_the_database_answers(
    register: Callable[..., Original], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, really, attempts = register(0), pipeline.release_original, iter([True, True, False])

    def raise_outage(key: str) -> None:
        raise OperationalError("terminating connection")

    def release(**held: UUID) -> None:
        if next(attempts):
            raise OperationalError("starting up")
        really(**held)

    monkeypatch.setattr("core.outages.time.sleep", lambda _: None)
    monkeypatch.setattr(storage, "read", raise_outage)
    monkeypatch.setattr(pipeline, "release_original", release)
    with pytest.raises(OperationalError, match="terminating"):
        prepare_for_viewing(original_id=original.pk)
    original.refresh_from_db()
    assert (original.claim, original.tries) == (None, 0)


@pytest.mark.parametrize("error", [OperationalError("terminating connection"), InterfaceError("closed")])
@pytest.mark.parametrize("step", ["save_analysis", "finish_stage"])
def test_an_outage_of_the_database_counts_no_try_and_releases_the_claim(
    register: Callable[..., Original],
    monkeypatch: pytest.MonkeyPatch,
    error: InterfaceError | OperationalError,
    step: str,
) -> None:
    original = register(0)
    module = preparing if step == "save_analysis" else originals

    def raise_outage(**_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(processing, "send_task", lambda *_, **__: True)
        patch.setattr(module, step, raise_outage)
        for _ in range(5):
            with pytest.raises(type(error)):
                process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.tries, original.claim) == (0, None)
    process_original(original_id=original.pk)
    assert Original.objects.get().status == "ready"


def test_an_original_that_killed_its_worker_three_times_is_given_up(
    register: Callable[..., Original], finished: list[UUID]
) -> None:
    original = register(0)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            assert claim_original(original_id=original.pk, stage="renditions")
            assert claim_original(original_id=original.pk, stage="renditions") is None
            clock.shift(60)
        assert claim_original(original_id=original.pk, stage="renditions") is None
        run_sweeps()
    original.refresh_from_db()
    assert (original.status, finished) == ("failed", [original.pk])
    assert "Given up" in original.error


def test_an_unexpected_error_leaves_the_claim_to_lapse(
    register: Callable[..., Original], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = register(0)

    def fail(data: bytes) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(preparing, "read_picture", fail)
        with pytest.raises(ZeroDivisionError):
            process_original(original_id=original.pk)
    process_original(original_id=original.pk)
    assert Original.objects.get().status == "processing"
    with time_machine.travel(timezone.now() + timedelta(seconds=60)):
        process_original(original_id=original.pk)
    assert Original.objects.get().status == "ready"


def test_the_same_bytes_again_are_merged_without_decoding_them_again(
    register: Callable[..., Original],
    calls: dict[str, int],
    stored: Callable[..., list[str]],
    finished: list[UUID],
) -> None:
    first = register(0, key="camera/a.png")
    process_original(original_id=first.pk)
    second = register(0, key="camera/b.png")
    with committing():
        process_original(original_id=second.pk)
    assert list(Original.objects.values_list("pk", flat=True)) == [first.pk]
    assert set(Photo.objects.values_list("original", "s3_path")) == {
        (first.pk, "camera/a.png"),
        (first.pk, "camera/b.png"),
    }
    assert calls == {"read": 3, "decode": 2, "detect": 1}
    assert finished == [first.pk, first.pk]
    assert "camera/a.png" in stored()
