from collections.abc import Callable
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from albums.models import Album, Filtering, PendingAlbum
from albums.services import queue_now, uninvite_phones
from conftest import MakePicture, Person, committing
from core.tests.answers import Json
from core.tests.presence import present
from faces.models import Sighting
from faces.services import albums, recognise_album
from photos.models import Photo

# Who is who on the pictures: indices of the fake engine's people.
OWNER, MEMBER, NEITHER = 0, 1, 2


@pytest.fixture(autouse=True)
def _selfies_without_builtin_processing(
    settings: Settings,
    owner: Person,
    member: Person,
    album: Album,
    make_picture: MakePicture,
    pushes: list[dict[str, Json]],
) -> None:
    """Both have a selfie; only the test itself has the album processed."""
    for person, face in [(owner, OWNER), (member, MEMBER)]:
        person.post("/me/selfie", {"file": make_picture(face, seed=9)})
    settings.ALBUM_PROCESSOR = "external"
    PendingAlbum.objects.all().delete()
    Filtering.objects.all().delete()
    pushes.clear()


@pytest.fixture
def add(owner: Person, album: Album, make_picture: MakePicture) -> Callable[..., Photo]:
    """A photo of these people, processed."""

    def upload(*people: int, by: Person = owner, seed: int = 0) -> Photo:
        answer = by.post("/photos/", {"album_id": album.pk, "file": make_picture(*people, seed=seed)})
        return Photo.objects.get(pk=answer.json()["_id"])

    return upload


@pytest.fixture
def process(album: Album) -> Callable[..., bool]:
    """Has the album queued and processed."""

    def run() -> bool:
        with committing():
            queue_now(album_ids=[album.pk])
            return recognise_album(album_id=album.pk)

    return run


def shown() -> set[tuple]:
    return set(Sighting.objects.shown().values_list("photo", "user"))


def best_pictures(pushes: list[dict[str, Json]]) -> list[str]:
    return sorted(push["to"] for push in pushes if "best pictures" in push["body"])


def test_every_member_is_found_on_their_photos(
    add: Callable[..., Photo], process: Callable[..., bool], owner: Person, member: Person, album: Album
) -> None:
    alone, both, _ = add(OWNER), add(OWNER, MEMBER, NEITHER), add(NEITHER)
    assert process()
    assert shown() == {(alone.pk, owner.user.pk), (both.pk, owner.user.pk), (both.pk, member.user.pk)}
    assert {sighting.by for sighting in Sighting.objects.all()} == {"builtin"}
    assert all(0 < present(sighting.score) <= 1 for sighting in Sighting.objects.all())
    assert Filtering.objects.filter(album=album).count() == 1
    assert not PendingAlbum.objects.exists()


def test_only_users_with_new_photos_get_a_push(
    add: Callable[..., Photo],
    process: Callable[..., bool],
    owner: Person,
    member: Person,
    pushes: list[dict[str, Json]],
) -> None:
    add(MEMBER)
    process()
    assert best_pictures(pushes) == [member.id]
    pushes.clear()
    add(NEITHER)
    process()
    assert best_pictures(pushes) == []
    add(OWNER)
    process()
    assert best_pictures(pushes) == [owner.id]


def test_an_album_that_is_not_pending_is_left_alone(add: Callable[..., Photo], album: Album) -> None:
    add(OWNER)
    PendingAlbum.objects.all().delete()
    assert not recognise_album(album_id=album.pk)
    assert shown() == set()


def test_an_album_that_was_touched_just_now_is_left_alone(add: Callable[..., Photo], album: Album) -> None:
    add(OWNER)
    assert not recognise_album(album_id=album.pk)
    assert PendingAlbum.objects.get().claim is None


@pytest.mark.parametrize("status", ["new", "processing"])
def test_an_album_waits_for_all_its_photos(
    add: Callable[..., Photo], process: Callable[..., bool], status: str
) -> None:
    photo = add(OWNER)
    type(photo.original).objects.update(status=status)
    assert not process()
    assert shown() == set()
    assert PendingAlbum.objects.get().claim is None


def test_a_failed_photo_is_not_waited_for(
    add: Callable[..., Photo], process: Callable[..., bool], owner: Person
) -> None:
    failed, good = add(OWNER), add(OWNER, seed=1)
    type(failed.original).objects.filter(pk=failed.original_id).update(status="failed")
    assert process()
    assert (good.pk, owner.user.pk) in shown()


def test_the_algorithms_sighting_takes_precedence_over_the_built_in_one(
    add: Callable[..., Photo], process: Callable[..., bool], owner: Person, member: Person
) -> None:
    denied, added = add(OWNER), add(NEITHER)
    Sighting.objects.create(photo=denied, user=owner.user, by="algorithm", found=False)
    Sighting.objects.create(photo=added, user=member.user, by="algorithm", found=True)
    for _ in range(2):
        process()
    assert shown() == {(added.pk, member.user.pk)}
    assert {sighting.by for sighting in Sighting.objects.all()} == {"algorithm"}


def test_processing_again_changes_nothing_and_sends_no_push(
    add: Callable[..., Photo], process: Callable[..., bool], pushes: list[dict[str, Json]]
) -> None:
    add(OWNER, MEMBER)
    process()
    before = list(Sighting.objects.order_by("pk").values())
    pushes.clear()
    process()
    assert list(Sighting.objects.order_by("pk").values()) == before
    assert pushes == []
    assert Filtering.objects.count() == 2


def test_processing_again_removes_sightings_that_no_longer_match(
    add: Callable[..., Photo], process: Callable[..., bool], owner: Person, member: Person
) -> None:
    photo = add(OWNER, MEMBER)
    process()
    member.post("/me/selfie/delete")
    process()
    assert shown() == {(photo.pk, owner.user.pk)}


def test_a_member_without_a_selfie_is_on_no_photo(
    add: Callable[..., Photo], process: Callable[..., bool], owner: Person, member: Person
) -> None:
    member.post("/me/selfie/delete")
    photo = add(OWNER, MEMBER)
    process()
    assert shown() == {(photo.pk, owner.user.pk)}


def test_a_removed_member_is_not_matched_and_neither_are_their_photos(
    add: Callable[..., Photo],
    process: Callable[..., bool],
    owner: Person,
    member: Person,
    album: Album,
    pushes: list[dict[str, Json]],
) -> None:
    kept = add(OWNER, MEMBER)
    add(OWNER, by=member)
    uninvite_phones(album=album, phones=[member.phone])
    pushes.clear()
    process()
    assert shown() == {(kept.pk, owner.user.pk)}
    assert best_pictures(pushes) == [owner.id]


def test_a_strangers_face_makes_no_sighting(
    add: Callable[..., Photo], process: Callable[..., bool], stranger: Person, make_picture: MakePicture
) -> None:
    stranger.post("/me/selfie", {"file": make_picture(NEITHER, seed=9)})
    add(NEITHER)
    process()
    assert shown() == set()


def test_an_album_without_photos_gets_no_filtering(
    process: Callable[..., bool], owner: Person, album: Album, pushes: list[dict[str, Json]]
) -> None:
    assert process()
    assert not Filtering.objects.exists()
    assert not PendingAlbum.objects.exists()
    assert pushes == []
    assert owner.get(f"/albums/{album.pk}").json()["processing"]["state"] == "idle"


def test_an_album_touched_meanwhile_is_queued_again(
    add: Callable[..., Photo], process: Callable[..., bool], album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(OWNER)

    def touched_meanwhile(*arguments: object, **options: object) -> dict[tuple[UUID, UUID], float]:
        queue_now(album_ids=[album.pk])
        return match_faces(*arguments, **options)

    match_faces: Callable[..., dict[tuple[UUID, UUID], float]] = albums.match_faces
    monkeypatch.setattr(albums, "match_faces", touched_meanwhile)
    assert process()
    pending = PendingAlbum.objects.get()
    assert (pending.claim, pending.done_uploading) == (None, True)


def test_a_worker_that_lost_its_claim_writes_nothing(
    add: Callable[..., Photo],
    process: Callable[..., bool],
    album: Album,
    monkeypatch: pytest.MonkeyPatch,
    pushes: list[dict[str, Json]],
) -> None:
    add(OWNER)

    def lost_meanwhile(*arguments: object, **options: object) -> dict[tuple[UUID, UUID], float]:
        PendingAlbum.objects.update(claim=None)
        return match_faces(*arguments, **options)

    match_faces: Callable[..., dict[tuple[UUID, UUID], float]] = albums.match_faces
    monkeypatch.setattr(albums, "match_faces", lost_meanwhile)
    assert not process()
    assert shown() == set()
    assert not Filtering.objects.exists()
    assert best_pictures(pushes) == []


def test_an_album_deleted_meanwhile_is_not_written_to(
    add: Callable[..., Photo],
    process: Callable[..., bool],
    owner: Person,
    album: Album,
    monkeypatch: pytest.MonkeyPatch,
    pushes: list[dict[str, Json]],
) -> None:
    add(OWNER)

    def deleted_meanwhile(*arguments: object, **options: object) -> dict[tuple[UUID, UUID], float]:
        owner.post(f"/albums/{album.pk}/delete")
        return match_faces(*arguments, **options)

    match_faces: Callable[..., dict[tuple[UUID, UUID], float]] = albums.match_faces
    monkeypatch.setattr(albums, "match_faces", deleted_meanwhile)
    assert not process()
    assert (shown(), best_pictures(pushes)) == (set(), [])


@pytest.mark.parametrize("number", [2, 12])
def test_more_photos_cost_no_more_queries(
    add: Callable[..., Photo],
    process: Callable[..., bool],
    album: Album,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for seed in range(number):
        add(OWNER, MEMBER, seed=seed)
    queue_now(album_ids=[album.pk])
    with django_assert_max_num_queries(30):
        assert recognise_album(album_id=album.pk)
    assert len(shown()) == 2 * number
