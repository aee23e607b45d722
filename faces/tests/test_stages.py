"""An original goes through a list of stages: a further one needs only a row and its task."""

from collections.abc import Iterator
from importlib import import_module
from uuid import UUID

import pytest
from celery import shared_task
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from albums.models import Album
from conftest import MakePicture, Person
from core.sweeping import run_sweeps
from core.tasks import RetryingTask
from core.timing import StageTimer
from photos import storage
from photos.models import ObjectLabel, Original
from photos.pipeline import process_original, run_stage
from photos.services import PhotoFacts, claim_original, finish_stage, processing, register_photo, release_original
from photos.signals import original_processed, originals_finished
from photos.stages import STAGES, Stage
from photos.tests.builders import place_photos


@shared_task(base=RetryingTask, max_retries=None)
def caption_original(original_id: str) -> None:
    run_stage("captions", _caption, original_id=UUID(original_id))


def _caption(original: Original, token: UUID) -> UUID | None:
    timer = StageTimer(original.stage_seconds)
    with timer.stage("captions"):
        name = "a party"
    with transaction.atomic():
        if not finish_stage(original=original, token=token, stage_seconds=timer.seconds):
            return None
        ObjectLabel.objects.get_or_create(original=original, name=name, score=1)
    return original.pk


@pytest.fixture
def _captions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third stage, in all modules that have imported the list."""
    row = Stage("captions", f"{__name__}.caption_original", "faces")
    for module in ("stages", "pipeline", "models.originals"):
        monkeypatch.setattr(f"photos.{module}.STAGES", (*STAGES, row))


@pytest.fixture
def original(owner: Person, album: Album, make_picture: MakePicture) -> Original:
    storage.save("camera/a.png", make_picture(0).read())
    return register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=PhotoFacts()).original


@pytest.fixture
def heard_signals() -> Iterator[list[UUID | set[str]]]:
    """What the signals say of finished originals: the timed parts, and the ids."""
    heard: list[UUID | set[str]] = []

    def finished(original_ids: list[UUID], **_: object) -> None:
        heard.extend(original_ids)

    def processed(stage_seconds: dict[str, float], **_: object) -> None:
        heard.append(set(stage_seconds))

    originals_finished.connect(finished)
    original_processed.connect(processed)
    yield heard
    originals_finished.disconnect(finished)
    original_processed.disconnect(processed)


@pytest.mark.usefixtures("_captions")
def test_an_original_is_ready_when_it_is_through_the_last_stage(
    original: Original, heard_signals: list[UUID | set[str]]
) -> None:
    process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.stage) == ("ready", "captions")
    assert [label.name for label in original.object_labels.all()] == ["a party"]
    timed = {"read", "decode", "renditions", "store", "faces", "objects", "captions"}
    assert heard_signals == [timed, original.pk]


@pytest.mark.usefixtures("_captions")
def test_each_stage_sends_the_next_one_and_the_sweep_what_was_lost(
    original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def lose(name: str, *_: str, **__: object) -> bool:
        sent.append(name)
        return False

    with monkeypatch.context() as patch:
        patch.setattr(processing, "send_task", lose)
        run_sweeps()
        process_original(original_id=original.pk)  # does all stages itself, and sends them all the same
    assert sent == [STAGES[0].task, STAGES[1].task, f"{__name__}.caption_original"]
    Original.objects.update(status="processing", stage="captions", queued_at=None)
    run_sweeps()
    assert Original.objects.get().status == "ready"


@pytest.mark.usefixtures("_captions")
def test_a_released_original_stays_in_its_stage_and_counts_no_try(original: Original) -> None:
    for stage, status in (("renditions", "new"), ("faces", "processing"), ("captions", "processing")):
        Original.objects.update(status=status, stage=stage)
        claimed = claim_original(original_id=original.pk, stage=stage)
        assert claimed
        release_original(original_id=original.pk, token=claimed[1])
        original.refresh_from_db()
        assert (original.status, original.stage, original.tries, original.claim) == (status, stage, 0, None)


def test_an_original_in_an_unknown_stage_waits(original: Original) -> None:
    Original.objects.update(status="processing", stage="of a later one")
    run_sweeps(everything=True)
    process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.stage, original.claim) == ("processing", "of a later one", None)


def test_an_original_that_starts_over_begins_with_the_first_stage(original: Original) -> None:
    process_original(original_id=original.pk)
    assert Original.objects.get().stage == STAGES[-1].name
    Original.objects.all().start_over()
    assert Original.objects.get().stage == STAGES[0].name


def test_originals_of_before_the_upgrade_are_in_the_stage_in_which_they_were(owner: Person) -> None:
    for status in ("new", "processing", "failed", "ready"):
        for prepared_at in (None, timezone.now()):
            place_photos(None, owner.user, status=status, prepared_at=prepared_at, stage="faces")
    import_module("photos.migrations.0007_original_stage").begin_anew_what_is_not_prepared(apps, None)
    stages = Original.objects.values_list("status", "prepared_at", "stage")
    for status, prepared_at, stage in stages:
        assert stage == ("renditions" if prepared_at is None and status != "ready" else "faces")
