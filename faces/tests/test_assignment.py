"""Faces are assigned to people even if a worker dies before, and in every library that they come to."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from celery import Task
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import User
from albums.models import Album
from albums.services import create_album
from conftest import MakePicture, committing
from conftest import Person as SignedIn
from core.sweeping import run_sweeps
from faces import tasks
from faces.models import FaceAssignment, PendingAssignment, Person
from faces.services import assignment, originals, people, recognise_original
from photos import storage
from photos.models import Original, Photo
from photos.preparing import prepare_for_viewing
from photos.services import PhotoFacts, copy_photos, register_photo, restore_photos, trash_photos
from photos.services.slots import add_slots, fill_slot


@pytest.fixture
def add(owner: SignedIn, album: Album, make_picture: MakePicture) -> Callable[..., Photo]:
    """Registers a photo of one person, which is processed at once."""

    def add(number: int, person: int = 0) -> Photo:
        storage.save(f"camera/{number}.png", make_picture(person, seed=number).read())
        key = f"camera/{number}.png"
        with committing():
            return register_photo(user=owner.user, album=album, s3_path=key, facts=PhotoFacts())

    return add


@pytest.fixture
def unassigned(add: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch) -> Photo:
    """Of two photos of one person, the one whose worker died before it assigned the face."""

    def dies(**_: UUID) -> None:
        raise SystemExit

    first = add(0)
    assert first.original.faces.count() == 1
    with monkeypatch.context() as patch:
        patch.setattr(originals, "assign_waiting_faces", dies)
        with pytest.raises(SystemExit):
            add(1)
    return Photo.objects.get(s3_path="camera/1.png")


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def face_counts(person: SignedIn) -> list[int]:
    """Returns the number of faces of each of the user's people."""
    rows = FaceAssignment.objects.filter(owner=person.user)
    return sorted(rows.filter(person=it).count() for it in Person.objects.filter(owner=person.user))


def test_assigned_faces_no_longer_wait(add: Callable[..., Photo], owner: SignedIn) -> None:
    add(0)
    add(1)
    assert face_counts(owner) == [2]
    assert not PendingAssignment.objects.exists()


def test_a_worker_that_dies_before_the_assignment_leaves_a_ready_photo_whose_face_waits(
    unassigned: Photo, owner: SignedIn
) -> None:
    assert unassigned.original.status == "ready"
    assert PendingAssignment.objects.get().original == unassigned.original
    assert face_counts(owner) == []


def test_the_next_worker_to_start_assigns_the_face_at_once(unassigned: Photo, owner: SignedIn) -> None:
    run_sweeps(everything=True)
    assert face_counts(owner) == [2]
    assert not PendingAssignment.objects.exists()


def test_while_a_worker_may_assign_the_face_the_sweep_sends_it_only_after_half_a_minute(
    clock: Traveller, unassigned: Photo, owner: SignedIn
) -> None:
    run_sweeps()
    assert face_counts(owner) == []
    clock.shift(31)
    run_sweeps()
    assert face_counts(owner) == [2]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the originals whose assignment was sent to the broker, which runs none."""
    ids: list[str] = []

    def send(task: Task, *arguments: str, **_: None) -> bool:
        ids.extend(arguments)
        return True

    monkeypatch.setattr(assignment, "send_task", send)
    monkeypatch.setattr("photos.services.processing.send_task", lambda *_, **__: True)
    return ids


def test_an_assignment_that_the_broker_has_is_sent_again_only_after_minutes(
    clock: Traveller, unassigned: Photo, sent: list[str]
) -> None:
    for _ in range(40):  # sweeps, 10 s apart
        run_sweeps()
        clock.shift(10)
    assert sent == [str(unassigned.original_id)] * 2


def test_the_broker_gets_no_more_assignments_at_once_than_the_limit(
    clock: Traveller, unassigned: Photo, sent: list[str], owner: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "MAX_SENT", 3)
    originals = [Original(owner=owner.user, key=f"camera/more-{n}", status="ready") for n in range(5)]
    Original.objects.bulk_create(originals)
    assignment.require_assignment(original_ids=[original.pk for original in originals])
    clock.shift(31)
    for _ in range(3):
        run_sweeps()
    assert len(sent) == 3
    PendingAssignment.objects.filter(pk__in=list(map(UUID, sent[:2]))).delete()  # done
    run_sweeps()
    assert len(set(sent)) == 5


def test_an_assignment_that_fails_does_not_hold_up_the_others(
    clock: Traveller, unassigned: Photo, sent: list[str], owner: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "MAX_SENT", 1)
    original = Original.objects.create(owner=owner.user, key="camera/more", status="ready")
    clock.shift(1)
    assignment.require_assignment(original_ids=[original.pk])
    for _ in range(3):
        clock.shift(301)
        run_sweeps()
    assert sent == [str(pk) for pk in (unassigned.original_id, original.pk, unassigned.original_id)]


def test_an_assignment_that_the_broker_did_not_accept_does_not_count_as_sent(
    clock: Traveller, unassigned: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "send_task", lambda *_, **__: False)
    clock.shift(31)
    run_sweeps()
    assert PendingAssignment.objects.get().queued_at is None


def test_one_task_reads_a_library_once_for_all_of_its_waiting_faces(
    add: Callable[..., Photo],
    owner: SignedIn,
    member: SignedIn,
    make_picture: MakePicture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(originals, "assign_waiting_faces", lambda **_: None)
        photos = [add(number, person=number) for number in range(3)]  # each face once: no person is created
    copy_photos(
        photos=with_originals(photos[2:]), album=create_album(owner=member.user, name="Theirs"), user=member.user
    )
    tasks.assign_faces(str(photos[0].original_id))
    waiting = PendingAssignment.objects.get()
    assert waiting.original == photos[2].original, "it is also in a library that this task did not read"
    tasks.assign_faces(str(waiting.original_id))
    assert face_counts(owner) == face_counts(member) == []
    assert not PendingAssignment.objects.exists()


def test_one_task_assigns_all_waiting_faces_of_the_library(
    add: Callable[..., Photo], owner: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(originals, "assign_waiting_faces", lambda **_: None)
        photos = [add(number) for number in range(3)]
    assert face_counts(owner) == []
    tasks.assign_faces(str(photos[0].original_id))
    assert face_counts(owner) == [3]
    monkeypatch.setattr(people, "faces_in_library", pytest.fail)
    for photo in photos:
        tasks.assign_faces(str(photo.original_id))  # reads no library again
    assert not PendingAssignment.objects.exists()


def test_an_outage_of_the_database_loses_no_waiting_face(
    unassigned: Photo, owner: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_outage(**_: User) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(assignment, "assign_new_faces", raise_outage)
        tasks.assign_faces(str(unassigned.original_id))
    assert PendingAssignment.objects.exists()
    tasks.assign_faces(str(unassigned.original_id))
    tasks.assign_faces(str(unassigned.original_id))
    assert face_counts(owner) == [2]


def test_the_face_goes_on_waiting_while_others_write_to_the_library(
    unassigned: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "assign_new_faces", lambda **_: False)
    run_sweeps(everything=True)
    assert PendingAssignment.objects.exists()


def test_a_face_that_comes_to_another_library_meanwhile_goes_on_waiting(
    clock: Traveller, unassigned: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def require_again(**_: User) -> bool:
        clock.shift(1)
        assignment.require_assignment(original_ids=[unassigned.original_id])
        return True

    monkeypatch.setattr(assignment, "assign_new_faces", require_again)
    assignment.assign_waiting_faces(original_id=unassigned.original_id)
    assert PendingAssignment.objects.exists()


def test_faces_on_copies_are_assigned_in_the_library_of_the_copies(
    clock: Traveller,
    add: Callable[..., Photo],
    owner: SignedIn,
    member: SignedIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    photos = with_originals([add(number) for number in range(3)])
    theirs = create_album(owner=member.user, name="Theirs")
    with committing(), django_assert_max_num_queries(20):
        copy_photos(photos=photos, album=theirs, user=member.user)
    assert face_counts(member) == []
    clock.shift(31)
    run_sweeps()
    assert face_counts(member) == [3]
    assert face_counts(owner) == [3]


def test_faces_on_photos_that_another_user_registers_by_key_are_assigned(
    clock: Traveller, add: Callable[..., Photo], owner: SignedIn, member: SignedIn
) -> None:
    theirs = create_album(owner=member.user, name="Theirs")
    for number in range(2):
        photo = add(number)
        register_photo(user=member.user, album=theirs, s3_path=photo.s3_path, facts=PhotoFacts())
    clock.shift(31)
    run_sweeps()
    assert face_counts(member) == [2]


def test_faces_on_photos_whose_file_turns_out_to_be_known_are_assigned(
    clock: Traveller,
    add: Callable[..., Photo],
    owner: SignedIn,
    member: SignedIn,
    album: Album,
    make_picture: MakePicture,
) -> None:
    theirs = create_album(owner=member.user, name="Theirs")
    for number in range(2):
        add(number)
        key = f"camera/again-{number}.png"
        storage.save(key, make_picture(0, seed=number).read())
        unread = register_photo(user=owner.user, album=album, s3_path=key, facts=PhotoFacts()).original
        photo = register_photo(user=member.user, album=theirs, s3_path=key, facts=PhotoFacts())
        prepare_for_viewing(original_id=unread.pk)
        photo.refresh_from_db()
        assert photo.original.key == f"camera/{number}.png"
    clock.shift(31)
    run_sweeps()
    assert face_counts(member) == [2]


@pytest.fixture
def trashed(add: Callable[..., Photo], owner: SignedIn, monkeypatch: pytest.MonkeyPatch) -> list[Photo]:
    """Two photos of one person, in the trash before their faces were assigned."""
    with monkeypatch.context() as patch:
        patch.setattr(originals, "assign_waiting_faces", lambda **_: None)
        photos = [add(0), add(1)]
    trash_photos(photo_ids=[photo.pk for photo in photos])
    run_sweeps(everything=True)
    assert (face_counts(owner), PendingAssignment.objects.count()) == ([], 0)
    return photos


def test_faces_on_photos_that_return_from_the_trash_are_assigned(
    clock: Traveller, trashed: list[Photo], owner: SignedIn
) -> None:
    restore_photos(photo_ids=[photo.pk for photo in trashed])
    clock.shift(31)
    run_sweeps()
    assert face_counts(owner) == [2]


def by_key(album: Album, user: User, photo: Photo) -> None:
    register_photo(user=user, album=album, s3_path=photo.s3_path, facts=PhotoFacts())


def by_url(album: Album, user: User, photo: Photo) -> None:
    (slot,) = add_slots(album=album, user=user, number=1)
    fill_slot(slot_id=slot.pk, file=SimpleUploadedFile("a.png", storage.read(photo.s3_path)))


@pytest.mark.parametrize("upload", [by_key, by_url])
def test_faces_on_a_trashed_photo_that_is_uploaded_again_are_assigned(
    clock: Traveller, trashed: list[Photo], owner: SignedIn, upload: Callable[..., object]
) -> None:
    again = create_album(owner=owner.user, name="Again")
    for photo in trashed:
        upload(again, owner.user, photo)
    clock.shift(31)
    run_sweeps()
    assert face_counts(owner) == [2]


def test_copies_within_a_library_need_no_assignment(add: Callable[..., Photo], owner: SignedIn) -> None:
    photos = with_originals([add(0), add(1)])
    copy_photos(photos=photos, album=create_album(owner=owner.user, name="Best"), user=owner.user)
    assert not PendingAssignment.objects.exists()


def with_originals(photos: list[Photo]) -> list[Photo]:
    """The photos as they are now, with their originals."""
    return list(Photo.objects.select_related("original").filter(pk__in=[photo.pk for photo in photos]))


def test_an_original_without_faces_needs_no_assignment(
    owner: SignedIn, album: Album, make_picture: MakePicture
) -> None:
    storage.save("camera/a.png", make_picture().read())
    photo = register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=PhotoFacts())
    prepare_for_viewing(original_id=photo.original_id)
    recognise_original(original_id=photo.original_id)
    assert not PendingAssignment.objects.exists()


def test_an_assignment_that_has_waited_for_days_is_left_to_the_nightly_clustering(
    unassigned: Photo, owner: SignedIn
) -> None:
    PendingAssignment.objects.update(since=timezone.now() - timedelta(days=3))
    tasks.recluster_faces()
    assert not PendingAssignment.objects.exists()
    assert face_counts(owner) == [2]
