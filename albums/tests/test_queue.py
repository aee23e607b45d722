from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import Traveller

from albums.models import Album, PendingAlbum
from albums.services import (
    claim_pending_album,
    clear_queue,
    create_album,
    delete_album,
    finish_pending_album,
    mark_done_uploading,
    process_now,
    queue,
    queue_all_albums,
    queue_now,
    touch_albums,
)
from albums.signals import album_ready
from conftest import Person, committing


@pytest.fixture(autouse=True)
def _external(settings: Settings) -> None:
    settings.ALBUM_PROCESSOR = "external"


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def album(owner: Person) -> Album:
    return create_album(owner=owner.user, name="Summer")


@pytest.fixture
def announced() -> Iterator[list[UUID]]:
    """The albums for which `album_ready` was sent."""
    heard = []

    def hear(album_id: UUID, **_: object) -> None:
        heard.append(album_id)

    album_ready.connect(hear)
    yield heard
    album_ready.disconnect(hear)


def ready() -> list[UUID]:
    return [pending.album_id for pending in PendingAlbum.objects.ready()]


def claim(*, outside: bool = False) -> tuple[UUID, UUID] | None:
    return claim_pending_album(candidates=PendingAlbum.objects.ready(), outside=outside)


def claimed(*, outside: bool = False) -> tuple[UUID, UUID]:
    """Claims an album, which must succeed; returns its id and the token."""
    found = claim(outside=outside)
    assert found
    return found


def test_a_touched_album_is_ready_when_it_has_been_quiet_for_sixty_seconds(clock: Traveller, album: Album) -> None:
    touch_albums(album_ids=[album.pk])
    for seconds, expected in [(0, []), (59, []), (1, [album.pk])]:
        clock.shift(seconds)
        assert ready() == expected


def test_every_touch_starts_the_sixty_seconds_again(clock: Traveller, album: Album) -> None:
    for _ in range(5):
        touch_albums(album_ids=[album.pk])
        clock.shift(50)
        assert ready() == []
    clock.shift(10)
    assert ready() == [album.pk]


def test_an_album_that_is_marked_done_is_ready_at_once(
    clock: Traveller, owner: Person, album: Album, announced: list[UUID]
) -> None:
    touch_albums(album_ids=[album.pk])
    with committing():
        mark_done_uploading(album=album, user=owner.user)
        assert announced == []
    assert (ready(), announced) == ([album.pk], [album.pk])


def test_a_touch_does_not_reset_done_uploading(clock: Traveller, owner: Person, album: Album) -> None:
    mark_done_uploading(album=album, user=owner.user)
    touch_albums(album_ids=[album.pk])
    assert ready() == [album.pk]


def test_a_touch_sends_no_signal(album: Album, announced: list[UUID]) -> None:
    with committing():
        touch_albums(album_ids=[album.pk])
    assert announced == []


def test_a_claimed_album_cannot_be_claimed_again(clock: Traveller, album: Album) -> None:
    queue_now(album_ids=[album.pk])
    album_id, token = claimed()
    assert album_id == album.pk
    assert claim() is None
    assert finish_pending_album(album_id=album.pk, token=token)
    assert not PendingAlbum.objects.exists()


def test_the_longest_waiting_is_claimed_first(clock: Traveller, owner: Person) -> None:
    albums = [create_album(owner=owner.user) for _ in range(3)]
    for album in reversed(albums):
        queue_now(album_ids=[album.pk])
        clock.shift(1)
    assert [claimed()[0] for _ in albums] == [album.pk for album in reversed(albums)]
    assert claim() is None


def test_after_a_lapsed_lease_another_worker_claims_and_the_first_cannot_finish(
    clock: Traveller, settings: Settings, album: Album
) -> None:
    queue_now(album_ids=[album.pk])
    _, first = claimed()
    clock.shift(settings.LEASE_SECONDS - 1)
    assert claim() is None
    clock.shift(2)
    _, second = claimed()
    assert not finish_pending_album(album_id=album.pk, token=first)
    assert PendingAlbum.objects.get().claim == second
    assert finish_pending_album(album_id=album.pk, token=second)


def test_an_album_touched_while_claimed_waits_again_when_the_claim_ends(clock: Traveller, album: Album) -> None:
    queue_now(album_ids=[album.pk])
    _, token = claimed()
    touch_albums(album_ids=[album.pk])
    assert claim() is None
    assert finish_pending_album(album_id=album.pk, token=token)
    assert ready() == []
    clock.shift(61)
    assert ready() == [album.pk]


def test_album_ready_is_sent_at_the_end_of_a_claim_when_the_album_became_ready(
    clock: Traveller, album: Album, announced: list[UUID]
) -> None:
    queue_now(album_ids=[album.pk])
    _, token = claimed()
    queue_now(album_ids=[album.pk])
    announced.clear()
    with committing():
        assert finish_pending_album(album_id=album.pk, token=token)
    assert (announced, ready()) == ([album.pk], [album.pk])


def test_a_claim_from_outside_stays_until_the_album_is_touched(clock: Traveller, album: Album) -> None:
    queue_now(album_ids=[album.pk])
    assert claimed(outside=True)[0] == album.pk
    clock.shift(timedelta(minutes=50))
    assert claim(outside=True) is None
    touch_albums(album_ids=[album.pk])
    assert claim(outside=True) is None
    clock.shift(61)
    assert claimed(outside=True)[0] == album.pk
    assert claim(outside=True) is None


def test_a_claim_from_outside_stays_until_it_is_reset(clock: Traveller, album: Album) -> None:
    queue_now(album_ids=[album.pk])
    claim(outside=True)
    assert queue_all_albums() == 1
    assert claimed(outside=True)[0] == album.pk


def test_queueing_all_albums_keeps_a_workers_claim(clock: Traveller, album: Album) -> None:
    queue_now(album_ids=[album.pk])
    _, token = claimed()
    queue_all_albums()
    assert claim() is None
    assert finish_pending_album(album_id=album.pk, token=token)
    assert ready() == [album.pk]


def test_clearing_the_queue_keeps_a_workers_claim(clock: Traveller, owner: Person) -> None:
    albums = [create_album(owner=owner.user) for _ in range(3)]
    queue_now(album_ids=[albums[0].pk])
    _, token = claimed()
    queue_now(album_ids=[albums[1].pk])
    touch_albums(album_ids=[albums[0].pk, albums[2].pk])
    assert clear_queue() == 2
    assert PendingAlbum.objects.get().claim == token


def test_a_deleted_album_leaves_the_queue_and_cannot_be_finished(clock: Traveller, album: Album) -> None:
    queue_now(album_ids=[album.pk])
    _, token = claimed()
    delete_album(album=album)
    assert not PendingAlbum.objects.exists()
    assert not finish_pending_album(album_id=album.pk, token=token)
    assert queue_all_albums() == 0


def test_a_deleted_album_that_is_touched_late_is_not_handed_out(clock: Traveller, album: Album) -> None:
    delete_album(album=album)
    queue_now(album_ids=[album.pk])
    assert (claim(), PendingAlbum.objects.queued().count()) == (None, 0)


def test_queueing_any_number_of_albums_costs_the_same(
    owner: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Album.objects.bulk_create([Album(owner=owner.user) for _ in range(300)])
    ids = list(Album.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(6):
        queue_now(album_ids=ids)
    assert PendingAlbum.objects.count() == 300


def test_wanted_here_counts_for_one_processing(clock: Traveller, album: Album) -> None:
    process_now(albums=Album.objects.filter(pk=album.pk))
    assert PendingAlbum.objects.get().wanted_here
    _, token = claimed()
    touch_albums(album_ids=[album.pk])
    assert finish_pending_album(album_id=album.pk, token=token)
    assert not PendingAlbum.objects.get().wanted_here


def test_an_album_wanted_during_processing_is_processed_again(album: Album) -> None:
    albums = Album.objects.filter(pk=album.pk)
    process_now(albums=albums)
    _, token = claimed()
    process_now(albums=albums)
    assert finish_pending_album(album_id=album.pk, token=token)
    assert PendingAlbum.objects.ready().get().wanted_here


def test_an_admin_page_sends_a_limited_number_of_signals(
    owner: Person, announced: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MAX_ANNOUNCED", 2)
    for _ in range(3):
        create_album(owner=owner.user)
    with committing():
        assert process_now(albums=Album.objects.all()) == 3
    assert len(announced) == 2
    assert PendingAlbum.objects.get().wanted_here, "the sweep finds the third"
