"""An album that an algorithm has taken is handed out again when nothing was heard of it for `ALGO_LEASE_SECONDS`."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from albums.models import Album, PendingAlbum
from albums.services import create_album
from albums.sweeps import sweep_leases
from conftest import Caller, Person
from core.tests.answers import Json
from photos.models import Photo
from photos.tests.builders import place_photo

PASSWORD = "for-the-algorithm"
EMPTY = {"status": "empty", "msg": "empty"}
LEASE = 600


@pytest.fixture(autouse=True)
def _external(settings: Settings) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    settings.ALBUM_PROCESSOR = "external"
    settings.ALGO_LEASE_SECONDS = LEASE


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def ask(nobody: Caller) -> Callable[..., Json]:
    """The algorithm asks for albums."""
    return lambda **data: nobody.get("/albums/algo/get_pending", {"password": PASSWORD, **data}).json()


@pytest.fixture
def photo(clock: Traveller, owner: Person, album: Album) -> Photo:
    """A photo in the only album that waits."""
    PendingAlbum.objects.all().delete()
    photo = place_photo(album, owner.user)
    owner.post(f"/albums/{album.pk}/done_uploading")
    return photo


def until(seconds: int) -> str:
    return (timezone.now() + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def decide(nobody: Caller, photo: Photo, user_id: str) -> None:
    decisions = {"photos": {str(photo.pk): {user_id: True}}, "password": PASSWORD}
    assert nobody.post_json("/photos/algo/set", decisions).status_code == 200


def test_the_answer_tells_until_when_the_album_is_taken(
    clock: Traveller, ask: Callable[..., Json], photo: Photo
) -> None:
    assert ask()["taken_until"] == until(LEASE)


def test_an_album_that_nobody_has_taken_is_taken_until_no_time(
    clock: Traveller, ask: Callable[..., Json], owner: Person, photo: Photo
) -> None:
    waiting, idle = photo.album_id, create_album(owner=owner.user).pk
    for album_id in (waiting, idle):
        assert ask(forced_album_id=album_id)["taken_until"] is None
    assert ask()["album_id"] == str(waiting)


def test_an_album_is_handed_out_again_when_nothing_was_heard_of_it(
    clock: Traveller, ask: Callable[..., Json], photo: Photo
) -> None:
    first = ask()
    clock.shift(LEASE)
    assert ask() == EMPTY
    clock.shift(1)
    again = ask()
    assert (again["album_id"], again["taken_until"]) == (first["album_id"], until(LEASE))
    assert ask() == EMPTY


def test_asking_for_the_same_album_renews_the_lease(
    clock: Traveller, ask: Callable[..., Json], photo: Photo
) -> None:
    ask()
    for _ in range(3):
        clock.shift(LEASE - 1)
        assert ask(forced_album_id=photo.album_id)["taken_until"] == until(LEASE)
    clock.shift(LEASE)
    assert ask() == EMPTY
    clock.shift(1)
    assert ask()["album_id"] == str(photo.album_id)


def test_asking_for_another_album_renews_nothing(
    clock: Traveller, ask: Callable[..., Json], owner: Person, photo: Photo
) -> None:
    ask()
    clock.shift(LEASE - 1)
    ask(forced_album_id=create_album(owner=owner.user).pk)
    clock.shift(2)
    assert ask()["album_id"] == str(photo.album_id)


def test_a_lease_that_has_lapsed_is_not_renewed(clock: Traveller, ask: Callable[..., Json], photo: Photo) -> None:
    ask()
    clock.shift(LEASE + 1)
    assert ask(forced_album_id=photo.album_id)["taken_until"] is None, "nothing is taken from the queue"
    assert ask()["album_id"] == str(photo.album_id)


def test_setting_photos_of_the_album_counts_as_heard(
    clock: Traveller, ask: Callable[..., Json], nobody: Caller, owner: Person, photo: Photo
) -> None:
    ask()
    clock.shift(LEASE - 1)
    decide(nobody, photo, owner.id)
    assert PendingAlbum.objects.get().lease_until == timezone.now() + timedelta(seconds=LEASE)
    for _ in range(3):
        clock.shift(LEASE)
        assert ask() == EMPTY


def test_setting_photos_of_another_album_does_not(
    clock: Traveller, ask: Callable[..., Json], nobody: Caller, owner: Person, photo: Photo
) -> None:
    other = place_photo(create_album(owner=owner.user), owner.user)
    ask()
    clock.shift(LEASE - 1)
    decide(nobody, other, owner.id)
    clock.shift(2)
    assert ask()["album_id"] == str(photo.album_id)


def test_an_answer_that_comes_late_counts(
    clock: Traveller, ask: Callable[..., Json], nobody: Caller, owner: Person, photo: Photo
) -> None:
    ask()
    clock.shift(LEASE + 1)
    decide(nobody, photo, owner.id)
    assert ask() == EMPTY


def test_members_see_an_album_that_was_given_up_as_queued(
    clock: Traveller, ask: Callable[..., Json], owner: Person, member: Person, photo: Photo
) -> None:
    def states() -> set[str]:
        seen = [person.get(f"/albums/{photo.album_id}").json() for person in (owner, member)]
        return {fields["processing"]["state"] for fields in seen}

    ask()
    assert states() == {"running"}
    clock.shift(LEASE + 1)
    assert states() == {"queued"}


@pytest.mark.parametrize("by_the_sweep", [False, True])
def test_no_lease_outlives_its_length_after_the_clock_was_put_back(
    clock: Traveller, ask: Callable[..., Json], photo: Photo, by_the_sweep: bool
) -> None:
    ask()
    clock.shift(timedelta(days=-2))
    if by_the_sweep:
        sweep_leases(everything=False)
    assert ask() == EMPTY, "it is not lapsed at once"
    assert lease_end() == timezone.now() + timedelta(seconds=LEASE)
    clock.shift(LEASE + 1)
    assert ask()["album_id"] == str(photo.album_id)


def test_a_workers_claim_is_left_alone(clock: Traveller, ask: Callable[..., Json], photo: Photo) -> None:
    token = PendingAlbum.objects.all().claim(PendingAlbum.objects.get().pk)
    before = lease_end()
    clock.shift(timedelta(seconds=-5))
    assert ask() == EMPTY
    ask(forced_album_id=photo.album_id)
    assert (lease_end(), PendingAlbum.objects.get().claim) == (before, token)


def lease_end() -> datetime | None:
    return PendingAlbum.objects.get().lease_until


def test_nobody_renews_a_lease_without_the_password(
    clock: Traveller, ask: Callable[..., Json], nobody: Caller, owner: Person, member: Person, photo: Photo
) -> None:
    ask()
    before = lease_end()
    clock.shift(1)
    for caller in (owner, member, nobody):
        answer = caller.get("/albums/algo/get_pending", {"forced_album_id": photo.album_id})
        assert answer.status_code == 401
    assert lease_end() == before
