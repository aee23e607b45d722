import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from albums.models import Album, PendingAlbum
from conftest import MakePicture, Person, committing
from faces.models import Selfie, embedding_array
from faces.services import add_selfie, check_selfie, remove_selfies, selfies, wait_for_selfie
from photos import storage
from photos.models import FileToRemove
from photos.services import remove_dropped_files
from photos.storage import StorageUnavailable


@pytest.fixture
def add(owner: Person, make_picture: MakePicture) -> Callable[..., Selfie]:
    """Adds a selfie of the owner that shows these people, and has it checked."""

    def upload(*people: int, content: bytes | None = None) -> Selfie:
        content = make_picture(*people).read() if content is None else content
        with committing():
            selfie = add_selfie(user=owner.user, file=SimpleUploadedFile("me.png", content))
        selfie.refresh_from_db()
        return selfie

    return upload


def test_a_picture_of_one_face_is_accepted(add: Callable[..., Selfie], stored: Callable[..., list[str]]) -> None:
    selfie = add(3)
    assert (selfie.status, selfie.num_faces, selfie.error, selfie.engine) == ("taken", 1, "", "fake")
    assert selfie.embedding is not None
    assert list(embedding_array(selfie.embedding)).index(1) == 3
    assert stored() == [selfie.key]
    assert not FileToRemove.objects.exists()


@pytest.mark.parametrize(("people", "reason"), [((), "no face"), ((0, 1), "2 faces"), ((0, 1, 2, 3), "4 faces")])
def test_a_picture_of_nobody_or_several_is_refused_and_not_kept(
    add: Callable[..., Selfie], stored: Callable[..., list[str]], people: tuple[int, ...], reason: str
) -> None:
    selfie = add(*people)
    assert (selfie.status, selfie.num_faces, selfie.embedding) == ("refused", len(people), None)
    assert reason in selfie.error
    assert stored() == []


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_not_a_picture_is_refused_with_a_reason(
    add: Callable[..., Selfie], stored: Callable[..., list[str]], content: bytes
) -> None:
    selfie = add(content=content)
    assert (selfie.status, selfie.num_faces) == ("refused", 0)
    assert selfie.error
    assert stored() == []


def test_an_empty_file_is_refused_at_once(add: Callable[..., Selfie]) -> None:
    with pytest.raises(ValidationError):
        add(content=b"")
    assert not Selfie.objects.exists()


def test_the_same_picture_is_the_same_selfie(add: Callable[..., Selfie], stored: Callable[..., list[str]]) -> None:
    assert add(0) == add(0)
    assert len(stored()) == Selfie.objects.count() == 1


def test_two_users_may_give_the_same_picture(
    add: Callable[..., Selfie], member: Person, make_picture: MakePicture
) -> None:
    add(0)
    member.post("/me/selfie", {"file": make_picture(0)})
    assert Selfie.objects.accepted().count() == 2


def test_an_accepted_selfie_has_the_users_albums_processed_again(
    settings: Settings, add: Callable[..., Selfie], album: Album
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    PendingAlbum.objects.all().delete()
    add(0, 1)
    assert not PendingAlbum.objects.exists()
    add(0)
    assert PendingAlbum.objects.ready().get().album == album


def test_removing_one_or_all_has_the_albums_processed_again(
    settings: Settings, owner: Person, add: Callable[..., Selfie], album: Album, stored: Callable[..., list[str]]
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    first, second, third = add(0), add(1), add(2)
    for selfie_id, removed, left in [
        (first.pk, 1, {second, third}),
        (first.pk, 0, {second, third}),
        (None, 2, set()),
    ]:
        PendingAlbum.objects.all().delete()
        assert remove_selfies(user=owner.user, selfie_id=selfie_id) == removed
        remove_dropped_files()
        assert set(Selfie.objects.all()) == left
        assert stored() == sorted(selfie.key for selfie in left)
        assert PendingAlbum.objects.exists() is bool(removed)


def test_nobody_removes_anothers_selfie(member: Person, add: Callable[..., Selfie]) -> None:
    selfie = add(0)
    assert remove_selfies(user=member.user, selfie_id=selfie.pk) == remove_selfies(user=member.user) == 0
    assert Selfie.objects.get() == selfie


def test_a_selfie_is_checked_once(add: Callable[..., Selfie], monkeypatch: pytest.MonkeyPatch) -> None:
    selfie = add(0)

    def fail(*arguments: object) -> None:
        raise AssertionError("checked again")

    monkeypatch.setattr(storage, "read", fail)
    check_selfie(selfie_id=selfie.pk)


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("photos.storage.read", storage.StorageUnavailable()),
        ("faces.services.selfies._save_result", OperationalError()),
    ],
)
def test_a_selfie_waits_for_the_end_of_an_outage(
    owner: Person,
    make_picture: MakePicture,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    error: OperationalError | StorageUnavailable,
) -> None:
    def raise_outage(*_: object) -> bytes:
        raise error

    file = SimpleUploadedFile("me.png", make_picture(0).read())
    with monkeypatch.context() as patch:
        patch.setattr(place, raise_outage)
        selfie = add_selfie(user=owner.user, file=file)
    selfie.refresh_from_db()
    assert (selfie.status, selfie.claim, selfie.tries) == ("new", None, 0)
    check_selfie(selfie_id=selfie.pk)
    selfie.refresh_from_db()
    assert selfie.status == "taken"


def test_a_worker_that_lost_its_lease_does_not_accept_the_selfie(
    owner: Person, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_lease(key: str) -> bytes:
        Selfie.objects.update(claim=None, lease_until=timezone.now() - timedelta(seconds=1))
        return read(key)

    read = storage.read
    monkeypatch.setattr(storage, "read", lose_the_lease)
    selfie = add_selfie(user=owner.user, file=SimpleUploadedFile("me.png", make_picture(0).read()))
    selfie.refresh_from_db()
    assert (selfie.status, selfie.embedding) == ("new", None)


def test_waiting_for_a_selfie_ends_when_the_time_is_up(owner: Person) -> None:
    selfie = Selfie.objects.create(user=owner.user, key="selfies/x", sha256="x")
    assert wait_for_selfie(selfie=selfie, seconds=0.05).status == "new"


def test_when_others_wait_already_nobody_waits_for_a_selfie(owner: Person) -> None:
    selfie = Selfie.objects.create(user=owner.user, key="selfies/x", sha256="x")
    with ExitStack() as others:
        for _ in range(selfies.MAX_WAITING):
            others.enter_context(selfies._waiting)
        start = time.monotonic()
        assert wait_for_selfie(selfie=selfie, seconds=60).status == "new"
        assert time.monotonic() - start < 30
    assert selfies._waiting.acquire(blocking=False)  # and gave back nothing that it had not taken
    selfies._waiting.release()


def test_waiting_for_an_accepted_selfie_returns_at_once(add: Callable[..., Selfie]) -> None:
    assert wait_for_selfie(selfie=add(0), seconds=60).status == "taken"
