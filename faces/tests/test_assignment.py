"""Faces are given to people also when the worker died in between, and in every library that they come to."""

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
    """A photo of one person, found to be of them or not yet looked at."""

    def add(number: int, person: int = 0) -> Photo:
        storage.save(f"camera/{number}.png", make_picture(person, seed=number).read())
        key = f"camera/{number}.png"
        with committing():
            return register_photo(user=owner.user, album=album, s3_path=key, facts=PhotoFacts())

    return add


@pytest.fixture
def missed(add: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch) -> Photo:
    """Of two photos of one person, the one whose worker died before it gave the face to them."""

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


def people_of(person: SignedIn) -> list[int]:
    """How many faces each of the user's people has."""
    rows = FaceAssignment.objects.filter(owner=person.user)
    return sorted(rows.filter(person=it).count() for it in Person.objects.filter(owner=person.user))


def test_what_is_given_waits_no_more(add: Callable[..., Photo], owner: SignedIn) -> None:
    add(0)
    add(1)
    assert people_of(owner) == [2]
    assert not PendingAssignment.objects.exists()


def test_a_worker_that_died_in_between_leaves_a_photo_that_is_ready_and_a_face_that_waits(
    missed: Photo, owner: SignedIn
) -> None:
    assert missed.original.status == "ready"
    assert PendingAssignment.objects.get().original == missed.original
    assert people_of(owner) == []


def test_the_next_worker_gives_it_at_once(missed: Photo, owner: SignedIn) -> None:
    run_sweeps(everything=True)
    assert people_of(owner) == [2]
    assert not PendingAssignment.objects.exists()


def test_with_its_worker_running_it_is_sent_after_half_a_minute(
    clock: Traveller, missed: Photo, owner: SignedIn
) -> None:
    run_sweeps()
    assert people_of(owner) == []
    clock.shift(31)
    run_sweeps()
    assert people_of(owner) == [2]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the originals whose assignment the broker was given; it keeps them."""
    ids: list[str] = []

    def send(task: Task, *arguments: str, **_: None) -> bool:
        ids.extend(arguments)
        return True

    monkeypatch.setattr(assignment, "send_task", send)
    monkeypatch.setattr("photos.services.processing.send_task", lambda *_, **__: True)
    return ids


def test_what_the_broker_has_is_sent_again_only_after_a_while(
    clock: Traveller, missed: Photo, sent: list[str]
) -> None:
    for _ in range(40):  # sweeps, 10 s apart
        run_sweeps()
        clock.shift(10)
    assert sent == [str(missed.original_id)] * 2


def test_the_broker_has_no_more_at_once_than_is_soon_done(
    clock: Traveller, missed: Photo, sent: list[str], owner: SignedIn, monkeypatch: pytest.MonkeyPatch
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


def test_what_cannot_be_given_does_not_stand_before_the_others(
    clock: Traveller, missed: Photo, sent: list[str], owner: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "MAX_SENT", 1)
    original = Original.objects.create(owner=owner.user, key="camera/more", status="ready")
    clock.shift(1)
    assignment.require_assignment(original_ids=[original.pk])
    for _ in range(3):
        clock.shift(301)
        run_sweeps()
    assert sent == [str(pk) for pk in (missed.original_id, original.pk, missed.original_id)]


def test_what_the_broker_has_not_taken_does_not_count_as_sent(
    clock: Traveller, missed: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "send_task", lambda *_, **__: False)
    clock.shift(31)
    run_sweeps()
    assert PendingAssignment.objects.get().queued_at is None


def test_strangers_are_looked_for_once_with_all_that_wait(
    add: Callable[..., Photo],
    owner: SignedIn,
    member: SignedIn,
    make_picture: MakePicture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(originals, "assign_waiting_faces", lambda **_: None)
        photos = [add(number, person=number) for number in range(3)]  # each face once: nobody is found
    copy_photos(photos=loaded(photos[2:]), album=create_album(owner=member.user, name="Theirs"), user=member.user)
    tasks.assign_faces(str(photos[0].original_id))
    waiting = PendingAssignment.objects.get()
    assert waiting.original == photos[2].original, "it is in a library that was not looked at"
    tasks.assign_faces(str(waiting.original_id))
    assert people_of(owner) == people_of(member) == []
    assert not PendingAssignment.objects.exists()


def test_one_task_gives_all_that_wait_in_the_library(
    add: Callable[..., Photo], owner: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(originals, "assign_waiting_faces", lambda **_: None)
        photos = [add(number) for number in range(3)]
    assert people_of(owner) == []
    tasks.assign_faces(str(photos[0].original_id))
    assert people_of(owner) == [3]
    monkeypatch.setattr(people, "faces_in_library", pytest.fail)
    for photo in photos:
        tasks.assign_faces(str(photo.original_id))  # looks at no library again
    assert not PendingAssignment.objects.exists()


def test_a_database_that_is_away_takes_nothing_with_it(
    missed: Photo, owner: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: User) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(assignment, "assign_new_faces", away)
        tasks.assign_faces(str(missed.original_id))
    assert PendingAssignment.objects.exists()
    tasks.assign_faces(str(missed.original_id))
    tasks.assign_faces(str(missed.original_id))
    assert people_of(owner) == [2]


def test_it_waits_on_while_others_write_to_the_library(missed: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment, "assign_new_faces", lambda **_: False)
    run_sweeps(everything=True)
    assert PendingAssignment.objects.exists()


def test_what_comes_to_another_library_meanwhile_waits_on(
    clock: Traveller, missed: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(**_: User) -> bool:
        clock.shift(1)
        assignment.require_assignment(original_ids=[missed.original_id])
        return True

    monkeypatch.setattr(assignment, "assign_new_faces", meanwhile)
    assignment.assign_waiting_faces(original_id=missed.original_id)
    assert PendingAssignment.objects.exists()


def test_faces_on_copies_are_given_to_the_people_of_who_has_them(
    clock: Traveller,
    add: Callable[..., Photo],
    owner: SignedIn,
    member: SignedIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    photos = loaded([add(number) for number in range(3)])
    theirs = create_album(owner=member.user, name="Theirs")
    with committing(), django_assert_max_num_queries(20):
        copy_photos(photos=photos, album=theirs, user=member.user)
    assert people_of(member) == []
    clock.shift(31)
    run_sweeps()
    assert people_of(member) == [3]
    assert people_of(owner) == [3]


def test_so_are_those_on_photos_that_another_places_by_their_key(
    clock: Traveller, add: Callable[..., Photo], owner: SignedIn, member: SignedIn
) -> None:
    theirs = create_album(owner=member.user, name="Theirs")
    for number in range(2):
        photo = add(number)
        register_photo(user=member.user, album=theirs, s3_path=photo.s3_path, facts=PhotoFacts())
    clock.shift(31)
    run_sweeps()
    assert people_of(member) == [2]


def test_so_are_those_on_photos_whose_file_turns_out_to_be_known(
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
    assert people_of(member) == [2]


@pytest.fixture
def trashed(add: Callable[..., Photo], owner: SignedIn, monkeypatch: pytest.MonkeyPatch) -> list[Photo]:
    """Two photos of one person, in the trash before their faces were given."""
    with monkeypatch.context() as patch:
        patch.setattr(originals, "assign_waiting_faces", lambda **_: None)
        photos = [add(0), add(1)]
    trash_photos(photo_ids=[photo.pk for photo in photos])
    run_sweeps(everything=True)
    assert (people_of(owner), PendingAssignment.objects.count()) == ([], 0)
    return photos


def test_so_are_those_that_were_in_the_trash_meanwhile(
    clock: Traveller, trashed: list[Photo], owner: SignedIn
) -> None:
    restore_photos(photo_ids=[photo.pk for photo in trashed])
    clock.shift(31)
    run_sweeps()
    assert people_of(owner) == [2]


def by_key(album: Album, user: User, photo: Photo) -> None:
    register_photo(user=user, album=album, s3_path=photo.s3_path, facts=PhotoFacts())


def by_url(album: Album, user: User, photo: Photo) -> None:
    (slot,) = add_slots(album=album, user=user, number=1)
    fill_slot(slot_id=slot.pk, file=SimpleUploadedFile("a.png", storage.read(photo.s3_path)))


@pytest.mark.parametrize("upload", [by_key, by_url])
def test_so_are_those_of_a_trashed_photo_that_is_uploaded_again(
    clock: Traveller, trashed: list[Photo], owner: SignedIn, upload: Callable[..., object]
) -> None:
    again = create_album(owner=owner.user, name="Again")
    for photo in trashed:
        upload(again, owner.user, photo)
    clock.shift(31)
    run_sweeps()
    assert people_of(owner) == [2]


def test_copies_within_a_library_wait_for_nothing(add: Callable[..., Photo], owner: SignedIn) -> None:
    photos = loaded([add(0), add(1)])
    copy_photos(photos=photos, album=create_album(owner=owner.user, name="Best"), user=owner.user)
    assert not PendingAssignment.objects.exists()


def loaded(photos: list[Photo]) -> list[Photo]:
    """The photos as they are now, with their originals."""
    return list(Photo.objects.select_related("original").filter(pk__in=[photo.pk for photo in photos]))


def test_an_original_without_faces_waits_for_nothing(
    owner: SignedIn, album: Album, make_picture: MakePicture
) -> None:
    storage.save("camera/a.png", make_picture().read())
    photo = register_photo(user=owner.user, album=album, s3_path="camera/a.png", facts=PhotoFacts())
    prepare_for_viewing(original_id=photo.original_id)
    recognise_original(original_id=photo.original_id)
    assert not PendingAssignment.objects.exists()


def test_what_has_waited_for_days_is_left_to_the_nightly_clustering(missed: Photo, owner: SignedIn) -> None:
    PendingAssignment.objects.update(since=timezone.now() - timedelta(days=3))
    tasks.recluster_faces()
    assert not PendingAssignment.objects.exists()
    assert people_of(owner) == [2]
