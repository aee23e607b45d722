import threading
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Self, cast
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from pytest_django import Settings

from albums.models import PendingAlbum, PendingAlbumQuerySet
from albums.services import create_album
from conftest import Person
from core import leases
from core.leases import UNCLAIMED, LeasedQuerySet, heartbeat


@pytest.fixture
def rows(owner: Person) -> PendingAlbumQuerySet:
    """The queue, with one album in it."""
    PendingAlbum.objects.create(album=create_album(owner=owner.user))
    return PendingAlbum.objects.all()


@pytest.fixture
def pk(rows: PendingAlbumQuerySet) -> UUID:
    return rows.get().pk


def test_a_row_is_claimed_once(rows: PendingAlbumQuerySet, pk: UUID) -> None:
    free = rows.filter(claim=None)
    token = free.claim(pk)
    assert free.claim(pk) is None
    row = rows.get()
    assert row.claim == token
    assert row.lease_until
    assert row.claimed_at
    assert row.lease_until > row.claimed_at


def test_a_claim_writes_further_changes(rows: PendingAlbumQuerySet, pk: UUID) -> None:
    rows.claim(pk, done_uploading=True)
    assert rows.get().done_uploading is True


def test_a_lease_may_be_longer(rows: PendingAlbumQuerySet, pk: UUID, settings: Settings) -> None:
    rows.claim(pk, seconds=10 * settings.LEASE_SECONDS)
    with time_machine.travel(timezone.now() + timedelta(seconds=9 * settings.LEASE_SECONDS)):
        assert not rows.lapsed().exists()
    with time_machine.travel(timezone.now() + timedelta(seconds=11 * settings.LEASE_SECONDS)):
        assert rows.lapsed().exists()


def test_a_lease_that_would_last_longer_than_a_new_one_is_shortened(
    rows: PendingAlbumQuerySet, pk: UUID, settings: Settings
) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        rows.claim(pk)
        assert rows.shorten() == 0
        clock.shift(timedelta(days=-1))
        assert rows.shorten(seconds=2 * 24 * 3600) == 0
        assert (rows.shorten(), rows.shorten()) == (1, 0)
        clock.shift(settings.LEASE_SECONDS + 1)
        assert rows.lapsed().exists()


def test_only_the_right_token_selects_the_claimed_row(rows: PendingAlbumQuerySet, pk: UUID) -> None:
    token = rows.claim(pk)
    assert token
    assert rows.claimed_by(pk, token).exists()
    assert not rows.claimed_by(pk, uuid4()).exists()
    rows.claimed_by(pk, token).update(**UNCLAIMED)
    assert not rows.claimed_by(pk, token).exists()


def test_a_lease_lapses_after_its_time(rows: PendingAlbumQuerySet, pk: UUID, settings: Settings) -> None:
    rows.claim(pk)
    for seconds, lapsed in [(-1, False), (1, True)]:
        with time_machine.travel(timezone.now() + timedelta(seconds=settings.LEASE_SECONDS + seconds), tick=False):
            assert rows.lapsed().exists() is lapsed


class Renewals:
    """Replaces a queryset of claimed rows: records every renewal, and lets a test wait for them."""

    def __init__(self, *troubles: Exception) -> None:
        self.ends: list[datetime] = []
        self.troubles, self.enough = list(troubles), threading.Event()

    def all(self) -> Self:
        return self

    def update(self, *, lease_until: datetime) -> int:
        if self.troubles:
            raise self.troubles.pop()
        self.ends.append(lease_until)
        if len(self.ends) == 3:
            self.enough.set()
        return 1


def start_heartbeat(renewals: Renewals) -> AbstractContextManager[None]:
    return heartbeat(cast("LeasedQuerySet[PendingAlbum]", renewals))


@pytest.mark.parametrize("troubles", [[], [DatabaseError("away"), InterfaceError("closed")]])
def test_a_lease_is_renewed_while_the_work_lasts_despite_errors(
    settings: Settings, troubles: list[DatabaseError | InterfaceError]
) -> None:
    settings.LEASE_SECONDS = 0.03
    renewals = Renewals(*troubles)
    with start_heartbeat(renewals):
        assert renewals.enough.wait(5)
    assert renewals.ends == sorted(renewals.ends)
    assert all(end > timezone.now() - timedelta(seconds=5) for end in renewals.ends)


class BrokenConnection:
    """Replaces the thread's connection to a database that was restarted: it fails until it is closed."""

    broken = True

    def close(self) -> None:
        self.broken = False


def test_a_lease_is_renewed_by_a_new_connection_when_the_one_before_is_broken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LEASE_SECONDS = 0.03
    connection, renewals = BrokenConnection(), Renewals()
    monkeypatch.setattr(leases, "connection", connection)
    renew = renewals.update

    def update(*, lease_until: datetime) -> int:
        if connection.broken:
            raise DatabaseError("the connection is closed")
        return renew(lease_until=lease_until)

    monkeypatch.setattr(renewals, "update", update)
    with start_heartbeat(renewals):
        assert renewals.enough.wait(5)


def test_renewing_ends_when_the_work_fails(settings: Settings) -> None:
    settings.LEASE_SECONDS = 0.03
    before = set(threading.enumerate())
    with pytest.raises(ZeroDivisionError), start_heartbeat(Renewals()):
        raise ZeroDivisionError
    assert set(threading.enumerate()) <= before


def test_short_work_renews_nothing() -> None:
    renewals = Renewals()
    with start_heartbeat(renewals):
        pass
    assert renewals.ends == []


def test_a_lease_ends_in_the_future(settings: Settings) -> None:
    assert leases.lease_end() > timezone.now() + timedelta(seconds=settings.LEASE_SECONDS - 1)
