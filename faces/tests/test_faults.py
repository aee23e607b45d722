"""A failure by the server's own fault is logged, tried again, and reported as such."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from types import ModuleType

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from albums.models import Album
from conftest import MakePicture, Person
from core.faults import OutOfMemory
from faces.models import Selfie
from faces.services import add_selfie, check_selfie, originals
from photos import preparing, storage
from photos.images import decoding
from photos.models import Original
from photos.pipeline import process_original
from photos.services import PhotoFacts, processing, register_photo
from photos.tasks import prepare_original

OURS = AttributeError("'NoneType' object has no attribute 'size'")
FAULTS = [
    (OURS, "Given up after 3 tries: the server made a mistake (AttributeError)."),
    (MemoryError(), "Given up after 3 tries: the server has too little memory for it."),
    (SoftTimeLimitExceeded(), "Given up after 3 tries: it takes the server too long."),
]


@pytest.fixture
def original(owner: Person, album: Album, make_picture: MakePicture) -> Original:
    """A good JPEG of one person, not processed yet."""
    storage.save("camera/a.jpg", make_picture(0, form="JPEG").read())
    return register_photo(user=owner.user, album=album, s3_path="camera/a.jpg", facts=PhotoFacts()).original


@contextmanager
def fault(place: ModuleType, name: str, error: Exception) -> Iterator[None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, fail)
        yield


def process(original: Original) -> None:
    """Runs both stages one after the other, as a worker does, and not the second within the first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processing, "send_task", lambda *_, **__: True)
        process_original(original_id=original.pk)


def after_leases(lease: int) -> time_machine.travel:
    """Travels to the time when that many leases have after_leases."""
    return time_machine.travel(timezone.now() + timedelta(seconds=60 * lease))


@pytest.mark.parametrize(("error", "_reason"), FAULTS)
@pytest.mark.parametrize(
    ("place", "name"), [(decoding, "to_srgb"), (preparing, "make_renditions"), (originals, "find_objects")]
)
def test_a_good_photo_is_tried_again_and_succeeds(
    original: Original,
    caplog: pytest.LogCaptureFixture,
    place: ModuleType,
    name: str,
    error: Exception,
    _reason: str,
) -> None:
    with fault(place, name, error), pytest.raises(type(error)):
        process(original)
    original.refresh_from_db()
    assert (original.status, original.error, original.tries) == ("processing", "", 1)
    [record] = [record for record in caplog.records if record.exc_info]
    assert str(original.pk) in record.getMessage()
    assert "try 1 of 3" in record.getMessage()
    with after_leases(1):
        process(original)
    original.refresh_from_db()
    assert (original.status, original.error) == ("ready", "")


@pytest.mark.parametrize(("error", "reason"), FAULTS)
@pytest.mark.parametrize(("place", "name"), [(decoding, "to_srgb"), (originals, "find_objects")])
def test_after_the_last_try_the_photo_fails_with_the_true_reason(
    original: Original, place: ModuleType, name: str, error: Exception, reason: str
) -> None:
    with fault(place, name, error):
        for lease in range(2):
            with after_leases(lease), pytest.raises(type(error)):
                process(original)
        with after_leases(2):
            process(original)
    original.refresh_from_db()
    assert (original.status, original.error, original.claim) == ("failed", reason, None)


def test_a_task_without_memory_fails_alone(original: Original) -> None:
    with fault(decoding, "to_srgb", MemoryError()), pytest.raises(OutOfMemory):
        prepare_original(str(original.pk))
    original.refresh_from_db()
    assert (original.status, original.tries) == ("processing", 1)


@pytest.mark.parametrize(("error", "reason"), FAULTS)
@pytest.mark.parametrize("succeeds", [True, False])
def test_a_selfie_is_tried_again_and_then_refused_with_the_true_reason(
    owner: Person,
    make_picture: MakePicture,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    reason: str,
    succeeds: bool,
) -> None:
    file = SimpleUploadedFile("me.jpg", make_picture(0, form="JPEG").read())
    with fault(decoding, "to_srgb", error):
        with pytest.raises((type(error), OutOfMemory)):
            add_selfie(user=owner.user, file=file)
        selfie = Selfie.objects.get()
        assert (selfie.status, selfie.error, selfie.tries) == ("new", "", 1)
        assert any(record.exc_info and str(selfie.pk) in record.getMessage() for record in caplog.records)
        with after_leases(1), pytest.raises(type(error)):
            check_selfie(selfie_id=selfie.pk)
    with after_leases(2), fault(decoding, "to_srgb", error) if not succeeds else nullcontext():
        check_selfie(selfie_id=selfie.pk)
    selfie.refresh_from_db()
    assert (selfie.status, selfie.error) == (("taken", "") if succeeds else ("refused", reason))
