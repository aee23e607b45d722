from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.services import delete_user
from conftest import committing
from faces.models import Face, embedding_array
from faces.services import originals, process_original
from faces.services.sweeping import sweep
from faces.signals import originals_finished
from photos import storage
from photos.models import Original, Photo, Rendition
from photos.services import PhotoFacts, claim_original, register_photo, remove_files


@pytest.fixture
def register(owner, album, make_picture):
    """The owner's photo of these people, registered and not yet processed."""

    def add(*people: int, key: str = "camera/a.png") -> Original:
        storage.save(key, make_picture(*people).read())
        return register_photo(user=owner.user, album=album, s3_path=key, facts=PhotoFacts()).original

    return add


@pytest.fixture
def calls(monkeypatch):
    """How often each of the costly steps was taken."""
    counted = {"read": 0, "decode": 0, "detect": 0}

    def count(name: str, function):
        def counting(*arguments):
            counted[name] += 1
            return function(*arguments)

        return counting

    monkeypatch.setattr(storage, "read", count("read", storage.read))
    monkeypatch.setattr(originals, "read_picture", count("decode", originals.read_picture))
    engine = originals.get_engine()
    monkeypatch.setattr(engine, "find_faces", count("detect", engine.find_faces), raising=False)
    return counted


@pytest.fixture
def finished():
    """The originals that were announced as finished."""
    heard = []

    def hear(original_ids, **_):
        heard.extend(original_ids)

    originals_finished.connect(hear)
    yield heard
    originals_finished.disconnect(hear)


def test_all_there_is_to_know_is_written_at_once(register, finished):
    original = register(0, 1)
    process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.error, original.claim, original.lease_until) == ("ready", "", None, None)
    assert (original.width, original.height, original.content_type) == (320, 240, "image/png")
    assert original.ratio == pytest.approx(320 / 240)
    assert len(original.sha256) == 64
    assert original.hue.startswith("#")
    assert original.processed_at is not None
    assert set(original.renditions.values_list("kind", flat=True)) == set(Rendition.Kind.values)
    assert all(storage.stat(rendition.key) for rendition in original.renditions.all())
    assert finished == [original.pk]


def test_faces_are_found_where_they_are(register):
    original = register(2, 4)
    process_original(original_id=original.pk)
    faces = original.faces.order_by("x")
    assert [(face.x, face.y, face.width, face.height) for face in faces] == [(10, 20, 40, 40), (60, 20, 40, 40)]
    assert [list(embedding_array(face.embedding)).index(1) for face in faces] == [2, 4]
    assert {face.engine for face in faces} == {"fake"}


def test_the_bytes_are_read_once_and_decoded_once(register, calls):
    process_original(original_id=register(0, 1, 2).pk)
    assert calls == {"read": 1, "decode": 1, "detect": 1}


def test_a_message_that_comes_again_does_nothing(register, calls, finished):
    original = register(0)
    for _ in range(3):
        process_original(original_id=original.pk)
    assert calls == {"read": 1, "decode": 1, "detect": 1}
    assert len(finished) == 1
    assert Face.objects.count() == 1


def test_a_message_about_what_is_gone_does_nothing(register, finished):
    original = register(0)
    Original.objects.all().delete()
    process_original(original_id=original.pk)
    assert finished == []


def test_an_original_in_other_hands_is_left_alone(register, calls):
    original = register(0)
    claim_original(original_id=original.pk)
    process_original(original_id=original.pk)
    assert calls == {"read": 0, "decode": 0, "detect": 0}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "not in the storage"), (b"this is no picture", ""), (b"", ""), (b"\x89PNG\r\n\x1a\n", "")],
)
def test_what_cannot_be_processed_fails_with_a_reason(owner, album, finished, content, reason):
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


def test_a_file_beyond_the_limits_fails_before_it_is_read(settings, register, calls):
    settings.MAX_PHOTO_BYTES = 100
    process_original(original_id=register(0).pk)
    assert Original.objects.get().status == "failed"
    assert calls["read"] == 0


def test_a_picture_of_too_many_pixels_fails_and_no_face_is_looked_for(settings, register, calls):
    settings.MAX_PHOTO_PIXELS = 320 * 240 - 1
    process_original(original_id=register(0).pk)
    assert Original.objects.get().status == "failed"
    assert calls["detect"] == 0


def test_a_worker_that_lost_its_lease_writes_nothing(register, monkeypatch, finished):
    original = register(0)

    def lose_the_lease(data):
        Original.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert claim_original(original_id=original.pk)
        return read_picture(data)

    read_picture = originals.read_picture
    monkeypatch.setattr(originals, "read_picture", lose_the_lease)
    process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.width, original.tries) == ("processing", None, 2)
    assert not Face.objects.exists()
    assert not Rendition.objects.exists()
    assert finished == []


def test_a_worker_that_lost_its_lease_cannot_fail_the_original(register, monkeypatch, finished):
    original = register(0)

    def lose_the_lease(data):
        Original.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        claim_original(original_id=original.pk)
        raise originals.UnreadableImage("no picture")

    monkeypatch.setattr(originals, "read_picture", lose_the_lease)
    process_original(original_id=original.pk)
    assert (Original.objects.get().status, finished) == ("processing", [])


def test_what_is_erased_while_it_is_looked_at_leaves_no_file_behind(register, monkeypatch, owner, stored):
    original = register(0)
    make_renditions = originals.make_renditions

    def erase_and_go_on(*arguments):
        delete_user(user=owner.user)
        remove_files()
        return make_renditions(*arguments)

    monkeypatch.setattr(originals, "make_renditions", erase_and_go_on)
    process_original(original_id=original.pk)
    remove_files()
    assert stored() == []


def test_while_the_storage_is_away_the_original_waits_and_no_try_is_counted(register, monkeypatch, finished):
    original = register(0)

    def away(key: str) -> bytes:
        raise storage.StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(storage, "read", away)
        for _ in range(5):
            process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.tries, original.claim, finished) == ("new", 0, None, [])
    process_original(original_id=original.pk)
    assert Original.objects.get().status == "ready"


def test_an_original_that_took_its_worker_with_it_three_times_is_given_up(register, finished):
    original = register(0)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            assert claim_original(original_id=original.pk)
            assert claim_original(original_id=original.pk) is None
            clock.shift(60)
        assert claim_original(original_id=original.pk) is None
        sweep()
    original.refresh_from_db()
    assert (original.status, finished) == ("failed", [original.pk])
    assert "Given up" in original.error


def test_an_error_that_nobody_foresaw_leaves_the_claim_to_lapse(register, monkeypatch):
    original = register(0)

    def fail(data):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(originals, "read_picture", fail)
        with pytest.raises(ZeroDivisionError):
            process_original(original_id=original.pk)
    process_original(original_id=original.pk)
    assert Original.objects.get().status == "processing"
    with time_machine.travel(timezone.now() + timedelta(seconds=60)):
        process_original(original_id=original.pk)
    assert Original.objects.get().status == "ready"


def test_the_same_bytes_again_are_merged_without_decoding_them_again(register, calls, stored, finished):
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
    assert calls == {"read": 2, "decode": 1, "detect": 1}
    assert finished == [first.pk, first.pk]
    assert "camera/a.png" in stored()
