"""The state of an album has one definition: the client, the admin, the queue and commands agree about every case."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from itertools import product
from uuid import UUID, uuid4

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import User
from accounts.tests import admin_pages as pages
from albums.models import Album, Filtering, PendingAlbum
from albums.services import claim_pending_album, finish_pending_album, queue_now, touch_albums
from albums.states import AlbumState
from conftest import Person
from faces.management.commands.process_albums import HOLDERS
from faces.services import save_decisions, taken_by_others
from photos.models import Photo
from photos.tests.builders import place_photo

QUIET = timedelta(minutes=5)


@dataclass(frozen=True)
class Seen:
    """The state in a client and in the admin, whether the queue offers the album, and whether a command leaves it to others."""

    client: str
    operator: str
    handed_out: bool = False
    holder: str | None = None


IDLE = Seen("idle", "idle")
QUEUED = Seen("queued", "pending")
READY = Seen("queued", "pending", handed_out=True)
BY_A_WORKER = Seen("running", "running", holder="a worker is working on it")
PHOTOS_RUN = Seen("running", "running", handed_out=True)
OUTSIDE = Seen("running", "taken outside", holder="an outside algorithm has taken it")
LAPSED = Seen("queued", "taken outside, lapsed", handed_out=True)
DONE = Seen("done", "done")


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _external(settings: Settings) -> None:
    settings.ALBUM_PROCESSOR = "external"


@pytest.fixture
def look(owner: Person, album: Album) -> Callable[..., Seen]:
    """The album's state for a client, an operator, the queue and `process_albums`."""
    operator = pages.operator()
    PendingAlbum.objects.all().delete()  # it was queued because a member joined

    def look() -> Seen:
        shown = operator.get(reverse("admin:albums_album_changelist")).content.decode()
        holder = taken_by_others(album.pk)
        return Seen(
            client=owner.get(f"/albums/{album.pk}").json()["processing"]["state"],
            operator=shown.split('<td class="field-state">')[1].split("<")[0],
            handed_out=PendingAlbum.objects.ready().exists(),
            holder=HOLDERS[holder] if holder else None,
        )

    return look


@pytest.fixture
def claim(album: Album) -> Callable[..., UUID]:
    def claim(*, outside: bool) -> UUID:
        claimed = claim_pending_album(candidates=PendingAlbum.objects.ready(), outside=outside)
        assert claimed
        return claimed[1]

    return claim


def answer(photo: Photo, user: User) -> None:
    """Sends the outside algorithm's decision."""
    save_decisions(decisions={photo.pk: {user.pk: True}})


def test_an_album_that_nothing_was_done_with_is_idle(look: Callable[..., Seen]) -> None:
    assert look() == IDLE


def test_an_album_that_is_touched_is_queued_and_handed_out_when_it_is_quiet(
    clock: Traveller, album: Album, look: Callable[..., Seen]
) -> None:
    touch_albums(album_ids=[album.pk])
    assert look() == QUEUED
    clock.shift(QUIET)
    assert look() == READY


def test_an_album_that_a_worker_has_is_running_also_when_it_is_touched(
    clock: Traveller, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    queue_now(album_ids=[album.pk])
    token = claim(outside=False)
    assert look() == BY_A_WORKER
    touch_albums(album_ids=[album.pk])
    assert look() == BY_A_WORKER
    assert finish_pending_album(album_id=album.pk, token=token)
    assert look() == QUEUED


def test_an_album_whose_worker_died_is_queued_again(
    clock: Traveller, settings: Settings, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    queue_now(album_ids=[album.pk])
    claim(outside=False)
    clock.shift(settings.LEASE_SECONDS)
    assert look() == BY_A_WORKER
    clock.shift(1)
    assert look() == READY


def test_an_album_that_is_decided_is_done_until_it_is_touched(
    clock: Traveller, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    queue_now(album_ids=[album.pk])
    assert finish_pending_album(album_id=album.pk, token=claim(outside=False))
    Filtering.objects.create(album=album)
    assert look() == DONE
    touch_albums(album_ids=[album.pk])
    assert look() == QUEUED


def test_an_album_that_was_taken_outside_runs_for_clients_until_the_answer(
    clock: Traveller, owner: Person, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    photo = place_photo(album, owner.user)
    queue_now(album_ids=[album.pk])
    claim(outside=True)
    clock.shift(timedelta(minutes=59))
    assert look() == OUTSIDE
    answer(photo, owner.user)
    assert look() == DONE
    clock.shift(timedelta(days=1))
    assert look() == DONE, "its lease does not count any longer"


def test_an_album_whose_algorithm_was_not_heard_of_in_time_is_handed_out_again(
    clock: Traveller,
    settings: Settings,
    owner: Person,
    album: Album,
    look: Callable[..., Seen],
    claim: Callable[..., UUID],
) -> None:
    photo = place_photo(album, owner.user)
    queue_now(album_ids=[album.pk])
    claim(outside=True)
    clock.shift(settings.ALGO_LEASE_SECONDS)
    assert look() == OUTSIDE
    clock.shift(1)
    assert look() == LAPSED
    answer(photo, owner.user)
    assert look() == DONE, "an answer that comes late counts"


def test_an_album_that_was_touched_while_its_algorithm_was_silent_is_just_queued(
    clock: Traveller, settings: Settings, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    queue_now(album_ids=[album.pk])
    claim(outside=True)
    clock.shift(settings.ALGO_LEASE_SECONDS + 1)
    touch_albums(album_ids=[album.pk])
    assert look() == READY


def test_an_answer_counts_though_another_clock_is_behind(
    clock: Traveller, owner: Person, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    photo = place_photo(album, owner.user)
    queue_now(album_ids=[album.pk])
    claim(outside=True)
    clock.shift(-2)
    answer(photo, owner.user)
    assert look() == DONE


def test_an_album_that_was_touched_since_it_was_taken_outside_is_queued(
    clock: Traveller, owner: Person, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    photo = place_photo(album, owner.user)
    queue_now(album_ids=[album.pk])
    claim(outside=True)
    touch_albums(album_ids=[album.pk])
    assert look() == QUEUED
    answer(photo, owner.user)
    assert look() == QUEUED, "of what came since, the algorithm has not heard"
    clock.shift(QUIET)
    assert look() == READY
    claim(outside=True)
    assert look() == OUTSIDE


def test_an_album_that_is_touched_after_the_answer_is_queued(
    clock: Traveller, owner: Person, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    photo = place_photo(album, owner.user)
    queue_now(album_ids=[album.pk])
    claim(outside=True)
    answer(photo, owner.user)
    queue_now(album_ids=[album.pk])
    assert look() == READY


def test_an_answer_about_what_a_worker_has_does_not_end_its_work(
    clock: Traveller, owner: Person, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    photo = place_photo(album, owner.user)
    queue_now(album_ids=[album.pk])
    claim(outside=False)
    clock.shift(1)
    answer(photo, owner.user)
    assert look() == BY_A_WORKER


@pytest.mark.parametrize(
    ("status", "before", "queued"),
    [("new", QUEUED, READY), ("processing", Seen("running", "running"), PHOTOS_RUN)],
)
def test_photos_that_are_not_done_count(
    clock: Traveller,
    owner: Person,
    album: Album,
    look: Callable[..., Seen],
    status: str,
    before: Seen,
    queued: Seen,
) -> None:
    place_photo(album, owner.user, status=status)
    assert look() == before
    Filtering.objects.create(album=album)
    assert look() == before
    queue_now(album_ids=[album.pk])
    assert look() == queued


def test_who_has_taken_an_album_counts_more_than_its_photos(
    clock: Traveller, owner: Person, album: Album, look: Callable[..., Seen], claim: Callable[..., UUID]
) -> None:
    queue_now(album_ids=[album.pk])
    claim(outside=True)
    place_photo(album, owner.user, status="processing")
    assert look() == OUTSIDE


def _rows(owner: Person) -> list[PendingAlbum]:
    """Creates a row in each possible state."""
    now = timezone.now()
    second = timedelta(seconds=1)
    claims: list[tuple[UUID | None, datetime | None]] = [(None, None), (uuid4(), None)]
    claims += [(uuid4(), now - second), (uuid4(), now), (uuid4(), now + second)]
    flags = list(product([False, True], repeat=4))
    albums = iter(
        Album.objects.bulk_create([Album(owner=owner.user) for _ in range(2 * len(claims) * len(flags))])
    )
    return PendingAlbum.objects.bulk_create(
        PendingAlbum(
            album=next(albums),
            claim=claim,
            claimed_at=now if claim else None,
            lease_until=until,
            touched_at=touched_at,
            touched_since_claim=touched,
            outside=outside,
            answered=answered,
            done_uploading=done,
        )
        for claim, until in claims
        for touched, outside, answered, done in flags
        for touched_at in (now, now - QUIET)
    )


def test_one_row_and_many_are_judged_alike(clock: Traveller, owner: Person) -> None:
    rows = _rows(owner)
    queued = set(PendingAlbum.objects.queued())
    taken = set(PendingAlbum.objects.taken())
    assert queued == {row for row in rows if row.state.is_waiting}
    lapsed = set(PendingAlbum.objects.lapsed_outside())
    assert lapsed == {row for row in rows if row.state == AlbumState.LAPSED}
    assert taken == {row for row in rows if row.state.is_taken}
    assert {row.state for row in rows if row not in queued | taken} == {AlbumState.DONE}
    assert set(PendingAlbum.objects.ready()) < queued
    in_queue = Album.objects.in_queue().values_list("pk", flat=True)
    assert set(in_queue) == {row.album_id for row in queued | taken}


def test_answers_of_before_the_upgrade_are_noted(clock: Traveller, owner: Person) -> None:
    answered, taken, by_a_worker = Album.objects.bulk_create([Album(owner=owner.user) for _ in range(3)])
    queue_now(album_ids=[answered.pk, taken.pk, by_a_worker.pk])
    Filtering.objects.bulk_create([Filtering(album=album) for album in (taken, answered)])
    clock.shift(1)
    for album in (answered, taken, by_a_worker):
        row = PendingAlbum.objects.filter(pk=album.pk)
        assert claim_pending_album(candidates=row)
        if album != by_a_worker:
            row.update(lease_until=None)  # as that version did
    clock.shift(1)
    Filtering.objects.bulk_create([Filtering(album=album) for album in (answered, by_a_worker)])
    migration = import_module("albums.migrations.0003_pending_albums_answered")
    migration.note_answers(apps, None)
    assert list(PendingAlbum.objects.filter(answered=True)) == [answered.pending]


def test_what_was_taken_before_the_upgrade_gets_a_lease(
    clock: Traveller, settings: Settings, owner: Person
) -> None:
    waiting, taken, by_a_worker = Album.objects.bulk_create([Album(owner=owner.user) for _ in range(3)])
    queue_now(album_ids=[waiting.pk, taken.pk, by_a_worker.pk])
    for album in (taken, by_a_worker):
        assert claim_pending_album(candidates=PendingAlbum.objects.filter(pk=album.pk))
    PendingAlbum.objects.filter(pk=taken.pk).update(lease_until=None)
    assert taken.pending.state == AlbumState.QUEUED, "also before the migration it is not lost"
    migration = import_module("albums.migrations.0004_lease_of_the_outside_algorithm")
    migration.give_leases(apps, None)
    states = {row.pk: row.state for row in PendingAlbum.objects.all()}
    assert states == {
        waiting.pk: AlbumState.QUEUED,
        taken.pk: AlbumState.TAKEN_OUTSIDE,
        by_a_worker.pk: AlbumState.RUNNING,
    }
    clock.shift(settings.ALGO_LEASE_SECONDS + 1)
    assert list(PendingAlbum.objects.lapsed_outside()) == [taken.pending]
