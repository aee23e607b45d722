"""Fifty concurrent callers: nothing is handed out twice, nothing is lost. `RACES=20` runs each race 20 times."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from albums.models import Album, Invitation, PendingAlbum
from albums.services import (
    claim_pending_album,
    finish_pending_album,
    invite_phones,
    queue_all_albums,
    queue_now,
    touch_albums,
)
from faces.services import claim_pending_model
from photos.models import Photo
from photos.services import PhotoFacts, register_photo

CALLERS = 50
ROWS = 200
PASSWORD = "for-the-algorithm"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("race", range(int(os.environ.get("RACES", "1")))),
]


@pytest.fixture(autouse=True)
def _external(settings: Settings) -> None:
    settings.ALBUM_PROCESSOR = "external"
    settings.ALGO_PASSWORD = PASSWORD


@pytest.fixture
def albums() -> set[UUID]:
    user = User.objects.create_user(name="Owner")
    Album.objects.bulk_create([Album(owner=user) for _ in range(ROWS)])
    queue_all_albums()
    return set(Album.objects.values_list("pk", flat=True))


def all_at_once(work: Callable[[], list], callers: int = CALLERS) -> list:
    """Calls the function in threads that start at the same moment, each with its own connection."""
    start = threading.Barrier(callers)

    def call() -> list:
        try:
            start.wait(timeout=30)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(callers) as pool:
        futures = [pool.submit(call) for _ in range(callers)]
        return [got for future in futures for got in future.result()]


def until_none(take: Callable[[], object]) -> Callable[[], list]:
    def work() -> list:
        got = []
        while (found := take()) is not None:
            got.append(found)
        return got

    return work


@pytest.mark.parametrize("outside", [True, False])
def test_every_album_is_claimed_once(race: int, albums: set[UUID], outside: bool) -> None:
    def take() -> UUID | None:
        claimed = claim_pending_album(candidates=PendingAlbum.objects.ready(), outside=outside)
        return claimed[0] if claimed else None

    taken = all_at_once(until_none(take))
    assert len(taken) == ROWS
    assert set(taken) == albums


def test_get_pending_hands_every_album_out_once(race: int, albums: set[UUID]) -> None:
    def take() -> str | None:
        answer = Client().get("/albums/algo/get_pending", {"password": PASSWORD})
        assert answer.status_code == 200
        return answer.json().get("album_id")

    few = sorted(albums)[: ROWS // 4]
    PendingAlbum.objects.exclude(album__in=few).delete()
    taken = all_at_once(until_none(take))
    assert sorted(taken) == [str(album_id) for album_id in few]


def test_every_users_model_is_handed_out_once_and_none_is_left_out(race: int) -> None:
    User.objects.bulk_create([User() for _ in range(ROWS + 50)])
    taken = [user.pk for user in all_at_once(until_none(claim_pending_model))]
    assert len(taken) == ROWS + 50
    assert set(taken) == set(User.objects.values_list("pk", flat=True))


def test_no_touch_is_lost_between_workers_that_claim_and_finish(race: int, albums: set[UUID]) -> None:
    album_id = min(albums)
    PendingAlbum.objects.exclude(album=album_id).delete()
    touches = threading.Semaphore(100)

    def work() -> list:
        while touches.acquire(blocking=False):
            queue_now(album_ids=[album_id])
            if claimed := claim_pending_album(candidates=PendingAlbum.objects.ready()):
                touch_albums(album_ids=[album_id])
                assert finish_pending_album(album_id=album_id, token=claimed[1])
        return []

    all_at_once(work, callers=8)
    assert PendingAlbum.objects.get(album=album_id).claim is None


def test_inviting_the_same_numbers_at_once_invites_them_once(race: int, albums: set[UUID]) -> None:
    album = Album.objects.get(pk=min(albums))
    all_at_once(lambda: [invite_phones(album=album, phones=["12025550144", "12025550145"])], callers=8)
    assert sorted(Invitation.objects.values_list("phone", flat=True)) == ["12025550144", "12025550145"]


def test_registering_the_same_photo_at_once_creates_one(race: int, albums: set[UUID]) -> None:
    album = Album.objects.select_related("owner").get(pk=min(albums))
    facts = PhotoFacts(photo_local_id="7")
    taken = all_at_once(
        lambda: [register_photo(user=album.owner, album=album, s3_path="camera/a.png", facts=facts).pk], callers=8
    )
    assert set(taken) == {Photo.objects.get().pk}
