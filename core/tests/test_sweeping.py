"""A sweep that fails does not stop another, and the broker gets no more messages than its limit."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from albums.models import PendingAlbum
from albums.services import create_album
from conftest import Person
from core import sweeping
from core.outages import Outage
from core.sweeping import register_sweep, rows_to_send, run_sweeps, unsent_rows

MINUTE = timedelta(minutes=1)


class Sweeps:
    """Sweeps that are called in the order of their names; some of them fail."""

    def __init__(self) -> None:
        self.called: list[tuple[str, bool]] = []

    def add(self, name: str, error: Exception | None = None) -> None:
        def sweep(*, everything: bool) -> None:
            self.called.append((name, everything))
            if error:
                raise error

        register_sweep(sweep)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.called]


@pytest.fixture
def sweeps(monkeypatch: pytest.MonkeyPatch) -> Sweeps:
    """Replaces the sweeps of the apps."""
    monkeypatch.setattr(sweeping, "_sweeps", [])
    return Sweeps()


def test_sweeps_run_in_the_order_of_their_registration(sweeps: Sweeps) -> None:
    for name in ("b", "a"):
        sweeps.add(name)
    run_sweeps()
    run_sweeps(everything=True)
    assert sweeps.called == [("b", False), ("a", False), ("b", True), ("a", True)]


def test_a_sweep_that_fails_is_logged_with_its_trace_and_stops_no_other(
    sweeps: Sweeps, caplog: pytest.LogCaptureFixture
) -> None:
    sweeps.add("broken", ZeroDivisionError("ours"))
    sweeps.add("next")
    run_sweeps()
    assert sweeps.names == ["broken", "next"]
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


def test_an_outage_of_another_service_stops_no_other_sweep(
    sweeps: Sweeps, caplog: pytest.LogCaptureFixture
) -> None:
    sweeps.add("waits", Outage())
    sweeps.add("next")
    run_sweeps()
    assert sweeps.names == ["waits", "next"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_an_outage_of_the_database_ends_the_round_with_a_warning(
    sweeps: Sweeps, caplog: pytest.LogCaptureFixture
) -> None:
    sweeps.add("waits", OperationalError("gone"))
    sweeps.add("next")
    run_sweeps()
    assert sweeps.names == ["waits"]
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]


def test_the_time_limit_of_the_task_ends_the_round(sweeps: Sweeps) -> None:
    sweeps.add("long", SoftTimeLimitExceeded())
    sweeps.add("next")
    with pytest.raises(SoftTimeLimitExceeded):
        run_sweeps()
    assert sweeps.names == ["long"]


def test_every_app_with_lost_work_has_registered_its_own() -> None:
    apps = [sweep.__module__ for sweep in sweeping._sweeps]
    assert list(dict.fromkeys(apps)) == ["core.sqlite", "albums.sweeps", "photos.sweeps", "faces.sweeps"], (
        "from the ground up"
    )


def create_rows(owner: Person, number: int) -> list[PendingAlbum]:
    """Creates so many rows, oldest first."""
    rows = [PendingAlbum(album=create_album(owner=owner.user, name=str(n))) for n in range(number)]
    PendingAlbum.objects.all().delete()
    return PendingAlbum.objects.bulk_create(rows)


def names(rows: list[PendingAlbum]) -> list[str]:
    return [row.album.name for row in rows]


def send(limit: int, *, everything: bool = False) -> list[str]:
    """Returns the names of the rows to send, and marks them as sent."""
    rows = rows_to_send(
        PendingAlbum.objects.order_by("pk"), limit=limit, resend_after=MINUTE, everything=everything
    )
    PendingAlbum.objects.filter(pk__in=[row.pk for row in rows]).update(queued_at=timezone.now())
    return names(rows)


def test_a_task_that_the_broker_holds_is_not_sent_again_too_early(owner: Person) -> None:
    create_rows(owner, 3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert send(2) == ["0", "1"]
        assert send(2) == [], "there is no room"
        assert send(3) == ["2"]
        clock.shift(61)
        assert send(2) == ["0", "1"]


def test_a_worker_that_starts_is_sent_everything_up_to_the_limit(owner: Person) -> None:
    create_rows(owner, 3)
    send(3)
    assert send(2, everything=True) == ["0", "1"]


def test_rows_of_dead_workers_are_sent_first_and_once(owner: Person, settings: Settings) -> None:
    rows = create_rows(owner, 3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        PendingAlbum.objects.filter(pk=rows[2].pk).update(claim=uuid4(), lease_until=timezone.now())
        clock.shift(settings.LEASE_SECONDS + 1)
        assert send(2) == ["2", "0"]
        assert send(2) == []


def test_unsent_rows_fill_the_room_that_is_left(owner: Person) -> None:
    rows = create_rows(owner, 3)
    PendingAlbum.objects.filter(pk=rows[0].pk).update(queued_at=timezone.now())
    ordered = PendingAlbum.objects.order_by("pk")
    assert [names(unsent_rows(ordered, limit=limit, resend_after=MINUTE)) for limit in (-1, 0, 1, 2, 9)] == [
        [],
        [],
        [],
        ["1"],
        ["1", "2"],
    ]
