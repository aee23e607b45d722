from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from albums.models import Album, Filtering, PendingAlbum
from albums.services import claim_pending_album, create_album, make_ready, touch_albums
from conftest import MakePicture, Person, committing
from faces.management.commands import process_albums
from faces.models import Sighting
from faces.services import album_processing, albums
from photos.models import Original, Photo
from photos.pipeline import process_original
from photos.services import PhotoFacts, store_photo
from photos.storage import StorageUnavailable

OWNER, MEMBER = 0, 1


@pytest.fixture(autouse=True)
def _external_processor(settings: Settings, owner: Person, make_picture: MakePicture) -> None:
    """The owner has a selfie; the server itself leaves albums to an outside algorithm."""
    settings.ALBUM_PROCESSOR = "external"
    owner.post("/me/selfie", {"file": make_picture(OWNER, seed=9)})


@pytest.fixture
def add(owner: Person, album: Album, make_picture: MakePicture) -> Callable[..., Photo]:
    """A photo that is not processed yet."""

    def store(*people: int, seed: int = 0, content: bytes | None = None) -> Photo:
        content = content or make_picture(*people, seed=seed).getvalue()
        file = SimpleUploadedFile("a.png", content)
        return store_photo(user=owner.user, album=album, file=file, facts=PhotoFacts())

    return store


def run(*arguments: object) -> str:
    out = StringIO()
    try:
        with committing():
            call_command("process_albums", *map(str, arguments), stdout=out)
    except CommandError as error:
        error.add_note(out.getvalue())
        raise
    return out.getvalue()


def rows() -> list:
    models = (PendingAlbum, Filtering, Original, Photo, Sighting)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_pending_albums_are_processed_from_unfinished_photos_to_sightings(
    album: Album, add: Callable[..., Photo], owner: Person
) -> None:
    shown = add(OWNER)
    add(MEMBER, seed=1)
    assert run("--all") == "1 of 1 albums processed.\n"
    assert set(Original.objects.values_list("status", flat=True)) == {"ready"}
    assert list(Sighting.objects.shown().values_list("photo", "user")) == [(shown.pk, owner.user.pk)]
    assert Filtering.objects.filter(album=album).count() == 1
    assert not PendingAlbum.objects.exists()


def test_a_second_run_finds_nothing_to_do(add: Callable[..., Photo]) -> None:
    add(OWNER)
    run("--all")
    before = rows()
    assert run("--all") == "0 of 0 albums processed.\n"
    assert rows() == before


def test_a_named_album_is_processed_although_it_is_not_pending(album: Album, add: Callable[..., Photo]) -> None:
    add(OWNER)
    run("--all")
    assert run(album.pk) == "1 of 1 albums processed.\n"
    assert Filtering.objects.filter(album=album).count() == 2


def test_pending_albums_are_chosen_by_owner_and_time(
    album: Album, add: Callable[..., Photo], member: Person, owner: Person
) -> None:
    add(OWNER)
    assert run("--owner", member.id) == "0 of 0 albums processed.\n"
    assert run("--owner", owner.id, "--older-than", "1h") == "0 of 0 albums processed.\n"
    PendingAlbum.objects.update(touched_at=timezone.now() - timedelta(hours=2))
    assert run("--owner", owner.id, "--older-than", "1h") == "1 of 1 albums processed.\n"


def test_a_photo_that_fails_is_printed_with_its_reason_and_does_not_hold_up_the_others(
    album: Album, add: Callable[..., Photo]
) -> None:
    add(OWNER)
    broken = add(content=b"no picture")
    with pytest.raises(CommandError) as failure:
        run("--all")
    assert (failure.value.args, failure.value.returncode) == (("1 failed.",), 1)
    reason = Original.objects.get(pk=broken.original_id).error
    assert reason
    assert failure.value.__notes__[0] == f"photo {broken.pk} failed: {reason}\n1 of 1 albums processed.\n"
    assert run(album.pk) == "1 of 1 albums processed.\n"  # it failed before, not now


def test_photos_that_failed_get_another_try_when_asked_for(
    album: Album, add: Callable[..., Photo], make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = add(OWNER)
    Original.objects.update(status="failed", error="Something was wrong.")
    PendingAlbum.objects.all().delete()
    create_album(owner=album.owner)
    assert run("--failed", "--dry-run").startswith("1 albums would be processed, after 1 photos")
    assert run("--failed") == "1 of 1 albums processed.\n"
    assert Original.objects.get(pk=photo.original_id).status == "ready"
    assert run("--failed") == "0 of 0 albums processed.\n"


@pytest.mark.parametrize(
    ("outside", "reason"), [(True, "an outside algorithm has taken it"), (False, "a worker is working on it")]
)
def test_a_claimed_album_is_skipped_with_the_reason(
    album: Album, add: Callable[..., Photo], outside: bool, reason: str
) -> None:
    add(OWNER)
    until = timezone.now() + timedelta(seconds=9)
    PendingAlbum.objects.update(claim=uuid4(), lease_until=until, touched_since_claim=False, outside=outside)
    before = rows()
    assert run("--all", "--dry-run") == "0 albums would be processed, after 1 photos; 1 are claimed already.\n"
    assert run("--all") == f"album {album.pk} skipped: {reason}.\n0 of 1 albums processed.\n"
    assert rows() == before


def test_a_photo_that_a_worker_has_claimed_leaves_the_album_pending(
    album: Album, add: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(OWNER)
    Original.objects.update(status="processing", claim=uuid4(), lease_until=timezone.now() + timedelta(seconds=9))
    monkeypatch.setattr(album_processing, "MAX_WAIT_SECONDS", 0)
    with pytest.raises(CommandError, match="1 failed") as failure:
        run("--all")
    assert "1 photos are claimed by a worker" in failure.value.__notes__[0]
    assert PendingAlbum.objects.filter(album=album).exists()


def test_the_command_waits_for_a_photo_that_a_worker_is_processing(
    add: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(OWNER)
    soon = timezone.now() + timedelta(seconds=0.3)
    Original.objects.update(status="processing", claim=uuid4(), lease_until=soon)
    assert run("--all") == "1 of 1 albums processed.\n"


def test_an_outage_of_the_storage_leaves_the_album_pending(
    album: Album, add: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(OWNER)

    def raise_outage(**_: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(process_albums, "process_album_now", raise_outage)
    with pytest.raises(CommandError, match="storage is unreachable") as failure:
        run("--all")
    assert failure.value.returncode == 1
    assert PendingAlbum.objects.filter(album=album).exists()


@pytest.mark.parametrize("options", [[], ["--enqueue"]])
def test_a_dry_run_counts_and_changes_nothing(add: Callable[..., Photo], options: list[str]) -> None:
    add(OWNER)
    add(MEMBER, seed=1)
    before = rows()
    assert run("--all", "--dry-run", *options) == (
        "1 albums would be processed, after 2 photos; 0 are claimed already.\n"
    )
    assert rows() == before


def sent_to_the_broker(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The tasks, each with its arguments, that are sent from now on."""
    sent: list[tuple[str, ...]] = []

    def send(*task: str) -> bool:
        sent.append(task)
        return True

    monkeypatch.setattr(albums, "send_task", send)
    return sent


def test_albums_are_sent_to_the_workers_whatever_the_processor(
    album: Album, add: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = sent_to_the_broker(monkeypatch)
    touch_albums(album_ids=[album.pk])
    assert run("--all", "--enqueue") == "1 of 1 albums sent to the workers.\n"
    assert sent == [("faces.tasks.process_album", str(album.pk))]
    assert PendingAlbum.objects.ready().get().wanted_here


def test_a_worker_that_gets_an_album_waits_for_its_photos(album: Album, add: Callable[..., Photo]) -> None:
    photo = add(OWNER)
    run(album.pk, "--enqueue")
    assert not Filtering.objects.exists()
    with committing():
        process_original(original_id=photo.original_id)
    assert Filtering.objects.get().album == album


def test_an_outside_algorithm_does_not_get_what_is_processed_here(
    album: Album, add: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = add(OWNER)
    handed_out: list[object] = []

    def look_into_queue_and_process(*, original_id: UUID) -> None:
        handed_out.extend(PendingAlbum.objects.ready().filter(wanted_here=False))
        return process_original(original_id=original_id)

    monkeypatch.setattr(album_processing, "process_original", look_into_queue_and_process)
    assert run(album.pk) == "1 of 1 albums processed.\n"
    assert (Original.objects.get(pk=photo.original_id).status, handed_out) == ("ready", [])


@pytest.mark.parametrize(("outside", "whose"), [(False, "a worker"), (True, "an outside algorithm")])
def test_a_claimed_album_is_not_sent_to_the_workers(
    album: Album, monkeypatch: pytest.MonkeyPatch, outside: bool, whose: str
) -> None:
    sent = sent_to_the_broker(monkeypatch)
    make_ready(album_id=album.pk)
    assert claim_pending_album(candidates=PendingAlbum.objects.ready(), outside=outside)
    if not outside:
        touch_albums(album_ids=[album.pk])  # while it works
    assert run("--all", "--dry-run").startswith("0 albums would be processed")
    said = run("--all", "--enqueue")
    assert f"skipped: {whose}" in said
    assert "0 of 1 albums sent" in said
    assert sent == []
    assert PendingAlbum.objects.get().claim


def test_an_unreachable_broker_is_reported(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    make_ready(album_id=album.pk)
    monkeypatch.setattr(process_albums.broker_circuit, "is_open", lambda: True)
    with pytest.raises(CommandError, match="broker is unreachable"):
        run("--all", "--enqueue")
    assert PendingAlbum.objects.get().wanted_here, "the sweep hands it over later"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Which albums"),
        (["--enqueue"], "Which albums"),
        (["--failed", "--enqueue"], "do not go together"),
        (["--all", "--failed"], "--all cannot be combined"),
        ([uuid4()], "no album"),
    ],
)
def test_wrong_arguments_are_refused(arguments: list[UUID | str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refusal:
        run(*arguments)
    assert refusal.value.returncode == 2
