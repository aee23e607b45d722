"""Who gets a file whose key was registered before it came: see `photos/services/awaiting.py`."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from albums.models import Album, PendingAlbum
from albums.services import create_album
from conftest import MakePicture, Person, committing
from core.sweeping import run_sweeps
from core.tests.answers import Json
from photos import storage
from photos.models import Original, Photo
from photos.services import awaiting, look_for_files, trash_photo
from photos.services.erasing import erase_photos_of
from pickeez_site.dialects.pickeez.tests.shapes import status_of

KEY = "camera/a.png"


@pytest.fixture
def put(make_picture: MakePicture) -> Callable[[], None]:
    """The client that owns the picture stores it."""
    return lambda: storage.save(KEY, make_picture(0).read())


@pytest.fixture
def register(album: Album) -> Callable[..., Json]:
    """Somebody registers the key, in the shared album or another; the photo as they see it."""

    def register(person: Person, into: Album = album) -> Json:
        with committing():
            answer = person.post("/photos/", {"album_id": into.pk, "s3_path": KEY})
        assert answer.status_code == 200, answer.content
        return person.get(f"/photos/{answer.json()['_id']}").json()

    return register


@pytest.fixture
def sweep(settings: Settings) -> Callable[..., None]:
    """Looks for the files, and again after so many seconds."""

    def sweep(seconds: int = settings.ALBUM_QUIET_SECONDS + 1) -> None:
        look_for_files()
        earlier = timezone.now() - timedelta(seconds=seconds)
        Original.objects.exclude(file_seen_at=None).update(file_seen_at=earlier)
        with committing():
            look_for_files()

    return sweep


def test_an_early_registration_gets_its_file_when_nobody_else_asks_for_it(
    owner: Person, album: Album, register: Callable[..., Json], put: Callable[[], None], sweep: Callable[..., None]
) -> None:
    photo = register(owner)
    assert (photo["status"], photo["error"]) == ("failed", "The file is not in the storage.")
    PendingAlbum.objects.all().delete()
    put()
    sweep(seconds=30)
    assert owner.get(f"/photos/{photo['_id']}").json()["status"] == "failed", "others may still ask for it"
    sweep()
    seen = owner.get(f"/photos/{photo['_id']}").json()
    assert (seen["status"], seen["s3_path"]) == ("ready", KEY)
    assert Original.objects.get().key == KEY
    assert PendingAlbum.objects.filter(album=album).exists(), "who is on it is to be decided"


def test_the_sweep_looks_for_files(owner: Person, register: Callable[..., Json], put: Callable[[], None]) -> None:
    register(owner)
    put()
    run_sweeps()
    assert Original.objects.get().file_seen_at


def test_who_registers_a_file_that_is_there_gets_it_and_who_guessed_its_name_does_not(
    owner: Person,
    stranger: Person,
    register: Callable[..., Json],
    put: Callable[[], None],
    sweep: Callable[..., None],
) -> None:
    guessed = register(stranger, create_album(owner=stranger.user))
    put()
    look_for_files()
    assert register(owner)["status"] == "ready"
    sweep()
    seen = stranger.get(f"/photos/{guessed['_id']}").json()
    assert (seen["status"], seen["s3_path"]) == ("failed", KEY)
    assert status_of(stranger, seen["url"]) == 404
    again = stranger.post("/photos/", {"album_id": seen["album_id"], "s3_path": KEY})
    assert again.status_code == 403


def test_a_guest_who_guessed_it_in_the_same_album_hands_the_photo_over(
    owner: Person, member: Person, register: Callable[..., Json], put: Callable[[], None]
) -> None:
    guessed = register(member)
    put()
    photo = register(owner)
    assert (photo["_id"], photo["owner_id"], photo["status"]) == (guessed["_id"], owner.id, "ready")
    assert Original.objects.get(key=KEY).owner == owner.user


def test_of_two_who_guess_none_gets_it_until_one_asks_when_it_is_there(
    owner: Person,
    member: Person,
    stranger: Person,
    register: Callable[..., Json],
    put: Callable[[], None],
    sweep: Callable[..., None],
) -> None:
    for person in (stranger, member):
        register(person, create_album(owner=person.user))
    put()
    sweep()
    assert not Original.objects.filter(key=KEY).exists()
    assert register(member, create_album(owner=member.user))["status"] == "ready"
    sweep()
    assert Original.objects.get(key=KEY).owner == member.user


def test_in_one_album_a_second_guess_counts_too(
    owner: Person,
    member: Person,
    register: Callable[..., Json],
    put: Callable[[], None],
    sweep: Callable[..., None],
) -> None:
    assert register(owner)["_id"] == register(member)["_id"]
    put()
    sweep()
    assert not Original.objects.filter(key=KEY).exists()


def test_deleting_an_early_registration_removes_nobodys_file(
    owner: Person, stranger: Person, register: Callable[..., Json], put: Callable[[], None]
) -> None:
    register(stranger, create_album(owner=stranger.user))
    put()
    trash_photo(photo=Photo.objects.get())
    with committing():
        erase_photos_of(user=stranger.user)
    assert storage.stat(KEY)
    assert register(owner)["status"] == "ready"


def test_a_registration_without_a_file_expires_after_a_day(
    owner: Person, register: Callable[..., Json], put: Callable[[], None], sweep: Callable[..., None]
) -> None:
    photo = register(owner)
    Original.objects.update(waiting_since=timezone.now() - awaiting.PATIENCE)
    put()
    sweep()
    assert owner.get(f"/photos/{photo['_id']}").json()["status"] == "failed"
    assert register(owner)["status"] == "ready", "registering anew, it is there"


def test_a_file_that_goes_again_has_not_come(
    owner: Person, register: Callable[..., Json], put: Callable[[], None], sweep: Callable[..., None]
) -> None:
    register(owner)
    put()
    look_for_files()
    storage.remove(KEY)
    sweep()
    assert Original.objects.get().file_seen_at is None


def test_ten_that_wait_cost_no_more_queries_each_than_one(
    owner: Person, album: Album, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        awaiting.await_file(user=owner.user, key=f"camera/{number}.png")
    with django_assert_max_num_queries(1 + 2 + 10):
        look_for_files()
