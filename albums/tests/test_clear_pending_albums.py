from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from albums.models import Album, PendingAlbum
from albums.services import create_album, touch_albums
from conftest import Person


@pytest.fixture
def albums(owner: Person, member: Person) -> list[Album]:
    """Three albums in the queue (the first touched a day ago, the last the member's), and one that is not in it."""
    made = [create_album(owner=person.user) for person in (owner, owner, member)]
    touch_albums(album_ids=[album.pk for album in made])
    PendingAlbum.objects.filter(pk=made[0].pk).update(touched_at=timezone.now() - timedelta(days=1))
    create_album(owner=owner.user)
    return made


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("clear_pending_albums", *map(str, arguments), stdout=out)
    return out.getvalue()


def queued() -> set:
    return set(PendingAlbum.objects.values_list("pk", flat=True))


def ids(albums: list[Album]) -> set:
    return {album.pk for album in albums}


def test_all_albums_are_removed_from_the_queue(albums: list[Album]) -> None:
    assert run("--all") == "3 waiting albums were removed from the queue.\n"
    assert queued() == set()
    assert run("--all") == "0 waiting albums were removed from the queue.\n"


def test_albums_are_selected_by_id_owner_and_time(albums: list[Album], owner: Person, member: Person) -> None:
    run("--owner", member.id)
    assert queued() == ids(albums[:2])
    run("--owner", owner.id, "--older-than", "2h")
    assert queued() == {albums[1].pk}
    assert run(albums[0].pk, albums[1].pk).startswith("1 waiting")
    assert queued() == set()


def test_albums_of_an_outside_algorithm_are_removed_but_not_those_of_a_worker(albums: list[Album]) -> None:
    soon = timezone.now() + timedelta(seconds=9)
    PendingAlbum.objects.filter(pk__in=[albums[0].pk, albums[1].pk]).update(
        claim=uuid4(), lease_until=soon, touched_since_claim=False
    )
    PendingAlbum.objects.filter(pk=albums[0].pk).update(outside=True)
    assert run("--all") == "1 waiting albums were removed from the queue.\n"
    assert queued() == {albums[1].pk}


def test_a_dry_run_counts_and_changes_nothing(albums: list[Album]) -> None:
    before = list(PendingAlbum.objects.order_by("pk").values())
    assert run("--all", "--dry-run") == "3 waiting albums would be removed from the queue.\n"
    assert list(PendingAlbum.objects.order_by("pk").values()) == before


def test_selecting_nothing_is_an_error_and_clears_nothing(albums: list[Album]) -> None:
    with pytest.raises(CommandError, match="Which albums") as refusal:
        run()
    assert refusal.value.returncode == 2
    assert queued() == ids(albums)
