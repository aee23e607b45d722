from datetime import timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from albums.management import selection
from albums.models import Album, Filtering, PendingAlbum
from albums.services import create_album, delete_album
from conftest import Person


@pytest.fixture
def albums(owner: Person, member: Person) -> list[Album]:
    """Two albums of the owner, one of the member, and a deleted one."""
    made = [create_album(owner=person.user) for person in (owner, owner, member, owner)]
    delete_album(album=made.pop())
    return made


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("set_pending_albums", *map(str, arguments), stdout=out)
    return out.getvalue()


def pending() -> set:
    return set(PendingAlbum.objects.ready().values_list("pk", flat=True))


def ids(albums: list[Album]) -> set:
    return {album.pk for album in albums}


def test_all_albums_that_are_not_deleted_are_pending_at_once(albums: list[Album]) -> None:
    assert run("--all") == "3 albums are pending.\n"
    assert pending() == ids(albums)


def test_a_second_run_changes_nothing_but_the_time(albums: list[Album]) -> None:
    run("--all")
    assert run("--all") == "3 albums are pending.\n"
    assert PendingAlbum.objects.count() == 3


def test_albums_are_selected_by_id_and_by_owner(albums: list[Album], owner: Person, member: Person) -> None:
    run(albums[0].pk)
    assert pending() == ids(albums[:1])
    run("--owner", member.phone)
    assert pending() == ids([albums[0], albums[2]])
    assert run(albums[0].pk, albums[2].pk, "--owner", owner.id) == "1 albums are pending.\n"


def test_albums_are_selected_by_when_they_were_last_processed(albums: list[Album]) -> None:
    long_ago = timezone.now() - timedelta(days=3)
    Filtering.objects.create(album=albums[0], created_at=long_ago)
    Filtering.objects.create(album=albums[1], created_at=long_ago)
    Filtering.objects.create(album=albums[1])
    assert run("--older-than", "2d") == "2 albums are pending.\n"
    assert pending() == ids([albums[0], albums[2]])


def test_albums_of_an_outside_algorithm_are_pending_again(albums: list[Album]) -> None:
    run("--all")
    PendingAlbum.objects.update(claim=uuid4(), claimed_at=timezone.now(), done_uploading=False, outside=True)
    run(albums[0].pk)
    free = PendingAlbum.objects.filter(claim=None)
    assert [row.pk for row in free] == [albums[0].pk]


def test_albums_that_a_worker_processes_keep_their_claim(albums: list[Album]) -> None:
    run("--all")
    claim = uuid4()
    PendingAlbum.objects.update(claim=claim, lease_until=timezone.now() + timedelta(seconds=9))
    run("--all")
    assert set(PendingAlbum.objects.values_list("claim", "touched_since_claim")) == {(claim, True)}


def test_a_dry_run_counts_and_changes_nothing(albums: list[Album], owner: Person) -> None:
    assert run("--owner", owner.id, "--dry-run") == "2 albums would be set as pending.\n"
    assert not PendingAlbum.objects.exists()


def test_many_albums_cost_a_transaction_for_each_batch(
    albums: list[Album], monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(selection, "ALBUMS_PER_TRANSACTION", 2)
    with django_assert_max_num_queries(11):  # one for the ids, five for each of two batches
        assert run("--all") == "3 albums are pending.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Which albums"),
        (["--dry-run"], "Which albums"),
        (["--all", "--owner", "5"], "--all cannot be combined"),
        (["--owner", "12025550100"], "no user"),
        ([uuid4()], "no album"),
        (["summer"], "UUID"),
        (["--older-than", "3"], "not like"),
        (["--older-than", "-3d"], "expected one argument"),
    ],
)
def test_wrong_arguments_are_refused(db: None, arguments: list[UUID | str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_a_deleted_album_is_unknown(albums: list[Album], owner: Person) -> None:
    delete_album(album=albums[0])
    with pytest.raises(CommandError, match=f"no album {albums[0].pk}") as refusal:
        run(albums[0].pk)
    assert refusal.value.returncode == 2
