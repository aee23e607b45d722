"""After a change of the engine: originals and selfies are looked at again while people use the server."""

from collections.abc import Callable
from importlib import import_module
from io import StringIO

import numpy as np
import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from numpy.typing import NDArray
from pytest_django import Settings

from accounts.models import Message
from albums.models import Album, PendingAlbum
from albums.services import queue_now
from conftest import MakePicture, committing
from conftest import Person as SignedIn
from core.tests.answers import Json
from faces.engine import DetectedFace, Limits, engine_name, get_engine
from faces.management.commands import look_again as command
from faces.models import EmbeddingSpace, Face, FaceAssignment, FaceSearch, Person, Selfie, Sighting
from faces.services import look_again, recluster, recognise_album, rename_person
from faces.tests.fake_engine import FakeEngine
from photos import storage
from photos.models import Original, Photo

OWNER, MEMBER, BLURRED = 0, 1, 4  # people


class NewEngine(FakeEngine):
    """The fake engine with embeddings of its own, to which some people are a blur."""

    name = "new"
    limits = Limits(threshold=0.5, sure=0.45, cluster_cut=0.5, min_score=0.5, min_quality=51)

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        return [
            DetectedFace(
                face.box, 1, np.r_[face.embedding[::-1], face.embedding], quality=30 * _is_sharp(face) + 40
            )
            for face in super().find_faces(picture)
        ]


def _is_sharp(face: DetectedFace) -> bool:
    return not face.embedding[BLURRED]


@pytest.fixture(autouse=True)
def _polite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "lower_priority", lambda: None)


@pytest.fixture
def add(owner: SignedIn, album: Album, make_picture: MakePicture) -> Callable[..., Photo]:
    """A photo of these people, processed with its album."""

    def upload(*people: int, seed: int = 0) -> Photo:
        answer = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(*people, seed=seed)})
        process(album)
        return Photo.objects.get(pk=answer.json()["_id"])

    return upload


@pytest.fixture
def change_engine(settings: Settings) -> Callable[[], None]:
    def change() -> None:
        settings.FACE_ENGINE = f"{__name__}.NewEngine"
        get_engine.cache_clear()

    return change


def process(album: Album) -> None:
    with committing():
        queue_now(album_ids=[album.pk])
        recognise_album(album_id=album.pk)


def run(*arguments: str) -> str:
    out = StringIO()
    with committing():
        call_command("look_again", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def shown() -> set[tuple]:
    return set(Sighting.objects.shown().values_list("photo", "user"))


def test_a_search_is_noted_also_when_it_found_nothing(add: Callable[..., Photo]) -> None:
    add(OWNER)
    add()
    assert list(FaceSearch.objects.values_list("engine", flat=True)) == ["fake", "fake"]


def test_a_library_is_looked_through_and_people_keep_their_names(
    owner: SignedIn, add: Callable[..., Photo], change_engine: Callable[[], None]
) -> None:
    for seed in range(3):
        add(OWNER, seed=seed)
    ada = Person.objects.get()
    rename_person(person=ada, name="Ada")
    change_engine()
    assert "2 selfies" not in run("--missing", "--dry-run")
    assert Face.objects.filter(engine="fake").count() == 3
    assert "Looked at 3 originals." in run("--missing")
    assert set(Face.objects.values_list("engine", flat=True)) == {"new"}
    assert set(FaceSearch.objects.values_list("engine", flat=True)) == {"new"}
    add(OWNER, seed=9)
    assert FaceAssignment.objects.filter(person=ada).count() == 4
    assert recluster(owner=owner.user)
    assert list(Person.objects.values_list("name", flat=True)) == ["Ada"]
    assert "Looked at 0 originals." in run("--missing")


def test_who_people_are_and_what_was_refused_survives_a_change_of_the_engine(
    owner: SignedIn,
    member: SignedIn,
    add: Callable[..., Photo],
    change_engine: Callable[[], None],
    make_picture: MakePicture,
) -> None:
    for seed in range(3):
        add(OWNER, MEMBER, seed=seed)
    for who, signed_in in ((OWNER, owner), (MEMBER, member)):
        signed_in.post("/me/selfie", {"file": make_picture(who)})
    people = {one["suggestion"]["_id"]: one["_id"] for one in owner.get("/people").json()["people"]}
    assert people.keys() == {owner.id, member.id}
    owner.post(f"/people/{people[owner.id]}/confirm", {"user_id": owner.id})
    owner.post(f"/people/{people[member.id]}/refuse", {"user_id": member.id})

    def said() -> dict[str, tuple[Json, Json, Json]]:
        listed = owner.get("/people").json()["people"]
        return {one["_id"]: (one["name"], one["user_id"], one["suggestion"]) for one in listed}

    before = said()
    assert before == {people[owner.id]: ("Owner", owner.id, None), people[member.id]: (None, None, None)}
    change_engine()
    run("--missing")
    assert set(Face.objects.values_list("engine", flat=True)) == {"new"}
    assert said() == before
    assert recluster(owner=owner.user)
    assert said() == before
    owner.post(f"/people/{people[member.id]}/take_back", {"user_id": member.id})
    assert said()[people[member.id]][2]["_id"] == member.id


def test_originals_are_ready_all_the_time_and_their_albums_are_matched_again(
    owner: SignedIn, add: Callable[..., Photo], change_engine: Callable[[], None], album: Album
) -> None:
    add(OWNER)
    PendingAlbum.objects.all().delete()
    change_engine()
    run("--missing")
    assert Original.objects.get().status == "ready"
    assert PendingAlbum.objects.get().album == album
    assert not PendingAlbum.objects.ready().exists()  # until nothing has been looked at for a while


def test_an_outside_algorithm_does_not_get_the_albums_again(
    settings: Settings, add: Callable[..., Photo], change_engine: Callable[[], None]
) -> None:
    add(OWNER)
    PendingAlbum.objects.all().delete()
    settings.ALBUM_PROCESSOR = "external"
    change_engine()
    run("--missing")
    assert not PendingAlbum.objects.exists()


def test_until_all_is_done_everybody_stays_on_their_photos(
    owner: SignedIn,
    member: SignedIn,
    album: Album,
    add: Callable[..., Photo],
    make_picture: MakePicture,
    change_engine: Callable[[], None],
    pushes: list[dict[str, Json]],
) -> None:
    owner.post("/me/selfie", {"file": make_picture(OWNER, seed=9)})
    member.post("/me/selfie", {"file": make_picture(MEMBER, seed=9)})
    first, second = add(OWNER, MEMBER), add(MEMBER, seed=1)
    before = {(first.pk, owner.user.pk), (first.pk, member.user.pk), (second.pk, member.user.pk)}
    assert shown() == before
    change_engine()
    pushes.clear()
    Message.objects.all().delete()  # the same push is not sent twice within a while
    process(album)  # the selfies are looked at by themselves, the photos not yet
    assert set(Selfie.objects.values_list("status", "engine")) == {("taken", "new")}
    assert shown() == before
    with committing():
        assert look_again(original_id=first.original_id)
    process(album)
    assert shown() == before
    third = add(OWNER, seed=2)
    run("--missing")
    process(album)
    assert shown() == before | {(third.pk, owner.user.pk)}
    assert [push["to"] for push in pushes if "best pictures" in str(push["body"])] == [owner.id]


def test_an_older_sighting_ends_when_its_photo_is_looked_at_and_shows_somebody_else(
    owner: SignedIn,
    album: Album,
    add: Callable[..., Photo],
    make_picture: MakePicture,
    change_engine: Callable[[], None],
) -> None:
    owner.post("/me/selfie", {"file": make_picture(OWNER, seed=9)})
    photo = add(MEMBER)
    Sighting.objects.create(photo=photo, user=owner.user, by="builtin", score=0.6)
    change_engine()
    process(album)
    assert shown() == {(photo.pk, owner.user.pk)}
    run("--missing")
    process(album)
    assert shown() == set()


def test_a_user_who_removed_their_selfies_is_on_no_photo_of_another_engine(
    owner: SignedIn,
    album: Album,
    add: Callable[..., Photo],
    make_picture: MakePicture,
    change_engine: Callable[[], None],
) -> None:
    owner.post("/me/selfie", {"file": make_picture(OWNER, seed=9)})
    add(OWNER)
    change_engine()
    owner.post("/me/selfie/delete")
    process(album)
    assert shown() == set()


@pytest.mark.parametrize("people", [(OWNER,), (BLURRED,), ()])
def test_posting_a_selfie_again_is_answered_by_the_engine_of_today(
    owner: SignedIn, make_picture: MakePicture, change_engine: Callable[[], None], people: tuple[int, ...]
) -> None:
    taken = {engine: bool(people) and not (engine == "new" and BLURRED in people) for engine in ("fake", "new")}
    assert owner.post("/me/selfie", {"file": make_picture(*people)}).json()["taken"] is taken["fake"]
    change_engine()
    assert owner.post("/me/selfie", {"file": make_picture(*people)}).json()["taken"] is taken["new"]
    selfie = Selfie.objects.get()
    assert selfie.engine == "new"
    assert owner.post("/me/selfie", {"file": make_picture(*people)}).json()["_id"] == str(selfie.pk)


def test_a_selfie_that_the_new_engine_refuses_keeps_its_file_for_a_later_one(
    owner: SignedIn, make_picture: MakePicture, change_engine: Callable[[], None]
) -> None:
    owner.post("/me/selfie", {"file": make_picture(BLURRED)})
    change_engine()
    assert "Looked at 1 selfies." in run("--missing", "--only", "selfies")
    selfie = Selfie.objects.get()
    assert selfie.status == Selfie.Status.REFUSED
    assert selfie.error
    assert storage.read(selfie.key)
    Selfie.objects.update(engine="an older one")
    assert "Looked at 1 selfies." in run("--missing", "--only", "selfies")


def test_who_is_refused_by_the_new_engine_is_on_no_photo_any_more(
    owner: SignedIn,
    album: Album,
    add: Callable[..., Photo],
    make_picture: MakePicture,
    change_engine: Callable[[], None],
) -> None:
    owner.post("/me/selfie", {"file": make_picture(BLURRED, seed=9)})
    photo = add(BLURRED)
    process(album)
    assert shown() == {(photo.pk, owner.user.pk)}
    change_engine()
    run("--missing", "--only", "selfies")
    assert shown() == set()


def test_a_picture_with_which_the_engine_breaks_holds_up_no_other(
    owner: SignedIn,
    add: Callable[..., Photo],
    make_picture: MakePicture,
    change_engine: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner.post("/me/selfie", {"file": make_picture(OWNER, seed=9)})
    for seed in range(3):
        add(OWNER, seed=seed)
    change_engine()
    looked, find_faces = list[int](), NewEngine.find_faces

    def broken_at_first(self: NewEngine, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        looked.append(1)
        if len(looked) in (1, 2):  # the selfie and the first original
            raise MemoryError
        return find_faces(self, picture)

    monkeypatch.setattr(NewEngine, "find_faces", broken_at_first)
    with pytest.raises(CommandError, match="1 originals could not be read"):
        run("--missing")
    assert FaceSearch.objects.filter(engine="new").count() == 2


def test_a_stopped_run_goes_on_where_it_was(
    add: Callable[..., Photo], change_engine: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [add(OWNER, seed=seed) for seed in range(4)]
    searched, find_faces = list[int](), NewEngine.find_faces

    def killed_at_the_third(self: NewEngine, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        searched.append(1)
        if len(searched) == 3:
            raise KeyboardInterrupt
        return find_faces(self, picture)

    change_engine()
    monkeypatch.setattr(type(get_engine()), "find_faces", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        run("--all")
    assert FaceSearch.objects.filter(engine="new").count() == 2
    assert "Looked at 2 originals." in run("--missing")
    assert len(searched) == 5
    assert FaceSearch.objects.filter(engine="new").count() == len(photos)


def test_all_looks_at_what_this_engine_has_seen_too(add: Callable[..., Photo]) -> None:
    add(OWNER)
    assert "Looked at 0 originals." in run("--missing")
    assert "would look at 0 selfies, 1 originals" in run("--all", "--dry-run")
    assert "Looked at 1 originals." in run("--all")


def test_one_user_or_one_album_is_chosen(
    owner: SignedIn, member: SignedIn, album: Album, add: Callable[..., Photo], make_picture: MakePicture
) -> None:
    add(OWNER)
    member.post("/photos/", {"album_id": album.pk, "file": make_picture(MEMBER)})
    member.post("/me/selfie", {"file": make_picture(MEMBER, seed=9)})
    for arguments, found in [
        (["--user", owner.id], "0 selfies, 1 originals"),
        (["--user", member.phone], "1 selfies, 1 originals"),
        (["--album", str(album.pk)], "1 selfies, 2 originals"),
        (["--album", str(album.pk), "--only", "originals"], "0 selfies, 2 originals"),
        (["--only", "selfies"], "1 selfies, 0 originals"),
    ]:
        assert found in run("--all", "--dry-run", *arguments)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--missing", "--user", "12025550999"], "12025550999"),
        (["--missing", "--album", "01a22dba-8952-7049-b7f1-cfbb8738a673"], "no album"),
        ([], "--missing"),
        (["--missing", "--all"], "not allowed"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_done(db: None, arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason) as raised:
        run(*arguments)
    assert raised.value.returncode in (1, 2)


def test_a_picture_that_cannot_be_read_is_told_and_stops_nothing(
    add: Callable[..., Photo], change_engine: Callable[[], None]
) -> None:
    gone, _ = add(OWNER), add(OWNER, seed=1)
    change_engine()
    default_storage.delete(gone.original.key)
    with pytest.raises(CommandError, match="1 originals could not be read"):
        run("--missing")
    assert FaceSearch.objects.filter(engine="new").count() == 1
    assert Face.objects.filter(original=gone.original, engine="fake").exists()


def test_the_engines_name_is_known_without_making_it(settings: Settings) -> None:
    assert engine_name() == "fake"
    settings.FACE_ENGINE = "faces.engine.deepface.DeepFaceEngine"
    names = set()
    for model, detector in [("Dlib", "dlib"), ("MobileFaceNet", "centerface"), ("ArcFace", "yunet")]:
        settings.FACE_MODEL, settings.FACE_DETECTOR = model, detector
        names.add(engine_name())
    assert len(names) == 3
    assert "yunet/deepface-aligned/ArcFace" in names


@pytest.mark.parametrize("engines", [1, 2])
def test_an_upgrade_notes_which_engine_has_searched_what(add: Callable[..., Photo], engines: int) -> None:
    faces, _ = add(OWNER), add()
    FaceSearch.objects.all().delete()
    if engines == 2:
        EmbeddingSpace.objects.create(engine="other", threshold=1)
    import_module("faces.migrations.0005_face_searches").note_searches(apps, None)
    searched = dict(FaceSearch.objects.values_list("original", "engine"))
    assert searched[faces.original_id] == "fake"
    assert len(searched) == (2 if engines == 1 else 1)
