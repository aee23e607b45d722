"""Faces below the engine's gate are kept and shown; they found nobody, match nobody, and are no selfie."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_django import Settings

from albums.models import Album
from albums.services import queue_now
from conftest import MakePicture, committing
from conftest import Person as SignedIn
from core.tests.answers import Json
from faces.engine import Box, DetectedFace, Limits, get_engine
from faces.library_selectors import find_matches
from faces.models import EmbeddingSpace, Face, FaceAssignment, Person, Selfie, Sighting, embedding_bytes
from faces.services import recluster, recognise_album, repair_looks
from faces.services.selfie_faces import UnusableSelfie, face_of_selfie
from faces.tests.fake_engine import FakeEngine
from photos.models import Photo
from photos.services import reprocess_originals

SHARP, BLURRED = 0, 4  # people
NO_PICTURE = np.zeros((9, 9, 3), np.uint8)


class GatedEngine(FakeEngine):
    """The fake engine, which sees some people too badly."""

    name = "gated"
    limits = Limits(threshold=0.5, sure=0.45, cluster_cut=0.4, min_score=0.5, min_quality=51)

    def find_faces(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        return [
            DetectedFace(face.box, face.score, face.embedding, quality=40 if face.embedding[BLURRED] else 70)
            for face in super().find_faces(picture)
        ]


@pytest.fixture(autouse=True)
def _gated(settings: Settings) -> None:
    settings.FACE_ENGINE = f"{__name__}.GatedEngine"


@pytest.fixture
def add(owner: SignedIn, album: Album, make_picture: MakePicture) -> Callable[..., Photo]:
    """A photo of these people, processed with its album."""

    def upload(*people: int, seed: int = 0) -> Photo:
        answer = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(*people, seed=seed)})
        with committing():
            queue_now(album_ids=[album.pk])
            recognise_album(album_id=album.pk)
        return Photo.objects.get(pk=answer.json()["_id"])

    return upload


def give_selfie(person: SignedIn, embedding: NDArray[np.float32], *, engine: str = "gated") -> None:
    Selfie.objects.create(
        user=person.user,
        key=f"selfies/{person.id}",
        sha256=person.id,
        status=Selfie.Status.ACCEPTED,
        embedding=embedding_bytes(embedding),
        engine=engine,
    )


def unit(person: int) -> NDArray[np.float32]:
    return np.eye(6, dtype=np.float32)[person]


def test_faces_below_the_gate_are_shown_and_belong_to_nobody(owner: SignedIn, add: Callable[..., Photo]) -> None:
    photos = [add(SHARP, BLURRED, seed=seed) for seed in range(3)]
    for photo in photos:
        assert Face.objects.filter(original=photo.original_id).count() == 2
    for _ in range(2):
        assert set(Face.objects.filter(assignments=None).values_list("quality", flat=True)) == {40}
        assert FaceAssignment.objects.filter(face__quality=70).count() == 3
        assert Person.objects.count() == 1
        assert recluster(owner=owner.user)
    images = {(match.path1, match.path2) for match in find_matches(owner.user, offset=0, limit=99)}
    assert len(images) == 3  # by the sharp faces, of which all three photos have one
    space = EmbeddingSpace.objects.get()
    assert (space.threshold, space.cut, space.min_score, space.min_quality) == (0.5, 0.4, 0.5, 51)


def test_photos_that_share_only_faces_below_the_gate_do_not_match(
    owner: SignedIn, add: Callable[..., Photo]
) -> None:
    add(BLURRED, 1)
    add(BLURRED, 2)
    assert find_matches(owner.user, offset=0, limit=99) == []


def test_a_face_below_the_gate_is_no_member(owner: SignedIn, member: SignedIn, add: Callable[..., Photo]) -> None:
    give_selfie(owner, unit(BLURRED))
    give_selfie(member, unit(SHARP))
    photo = add(SHARP, BLURRED)
    assert list(Sighting.objects.values_list("photo", "user")) == [(photo.pk, member.user.pk)]


def test_selfies_and_faces_of_another_engine_are_never_compared(
    owner: SignedIn, member: SignedIn, add: Callable[..., Photo]
) -> None:
    give_selfie(owner, unit(SHARP), engine="fake")
    give_selfie(member, unit(1))
    add(SHARP, 1)
    assert set(Sighting.objects.values_list("user", flat=True)) == {member.user.pk}
    Face.objects.update(engine="fake")
    repair_looks(owner=owner.user)
    Sighting.objects.all().delete()
    add(1, seed=1)
    assert Sighting.objects.count() == 1  # of the new photo only
    EmbeddingSpace.objects.create(engine="fake", threshold=0.5)
    assert recluster(owner=owner.user)
    assert Person.objects.count() == 0
    assert find_matches(owner.user, offset=0, limit=99) == []


def test_a_face_that_has_become_worse_loses_its_person_unless_an_operator_chose_it(
    owner: SignedIn, settings: Settings, add: Callable[..., Photo]
) -> None:
    settings.FACE_ENGINE = "faces.tests.fake_engine.FakeEngine"
    get_engine.cache_clear()
    photos = [add(BLURRED, seed=seed) for seed in range(3)]
    assert FaceAssignment.objects.count() == 3
    kept = FaceAssignment.objects.filter(face__original=photos[0].original)
    kept.update(pinned=True)
    settings.FACE_ENGINE = f"{__name__}.GatedEngine"
    get_engine.cache_clear()
    with committing():
        reprocess_originals(original_ids=[photo.original_id for photo in photos])
    assert Face.objects.filter(quality=40, engine="gated").count() == 3
    assert list(FaceAssignment.objects.all()) == list(kept)


@pytest.mark.parametrize(
    ("distance", "pushed"), [(0.3, True), (0.47, False)], ids=["surely", "near the threshold"]
)
def test_a_member_who_is_not_surely_on_a_photo_sees_it_and_gets_no_push(
    member: SignedIn, add: Callable[..., Photo], pushes: list[dict[str, Json]], distance: float, pushed: bool
) -> None:
    give_selfie(member, unit(SHARP) + distance * unit(5))
    add(SHARP)
    assert Sighting.objects.get().user == member.user
    assert any("best pictures" in str(push["body"]) for push in pushes) is pushed


def test_when_it_becomes_sure_the_push_follows(
    member: SignedIn, add: Callable[..., Photo], pushes: list[dict[str, Json]]
) -> None:
    give_selfie(member, unit(SHARP) + 0.47 * unit(5))
    add(SHARP)
    Selfie.objects.update(embedding=embedding_bytes(unit(SHARP)))
    for seed in (1, 2):  # the second time, nothing is new
        add(1, seed=seed)
        assert len([push for push in pushes if "best pictures" in str(push["body"])]) == 1


def test_a_members_picture_of_the_owner_takes_no_photo_of_theirs(
    owner: SignedIn, member: SignedIn, add: Callable[..., Photo]
) -> None:
    give_selfie(member, unit(SHARP))
    give_selfie(owner, unit(SHARP) + 0.1 * unit(5))
    photos = {add(SHARP, seed=seed).pk for seed in range(3)}
    assert set(Sighting.objects.filter(user=owner.user).values_list("photo", flat=True)) == photos


def face(width: int, *, score: float = 0.9, quality: float | None = 70) -> DetectedFace:
    return DetectedFace(Box(0, 0, width, width), score, unit(0), quality=quality)


@pytest.mark.parametrize(
    "others",
    [[], [face(90)], [face(90), face(30)], [face(180, score=0.4)]],
    ids=["alone", "one", "two", "no face"],
)
def test_the_largest_face_far_in_front_is_the_selfies(others: list[DetectedFace]) -> None:
    front = face(200)
    assert face_of_selfie(NO_PICTURE, [front, *others]) is front


@pytest.mark.parametrize(
    ("faces", "reason"),
    [
        ([face(200), face(150)], "shows 2 faces"),
        ([face(200), face(150, quality=40)], "shows 2 faces"),
        ([face(200, quality=40)], "blurred, covered or turned away"),
        ([face(50, quality=40)], "too small: 50 pixels"),
        ([face(20)], "too small: 20 pixels"),
        ([face(200, score=0.4)], "no face"),
        ([], "no face"),
    ],
)
def test_a_selfie_that_is_no_good_is_refused_in_words(faces: list[DetectedFace], reason: str) -> None:
    with pytest.raises(UnusableSelfie, match=reason):
        face_of_selfie(NO_PICTURE, faces)


@pytest.mark.parametrize(("quarters", "words"), [(1, "on its side"), (2, "upside down"), (3, "on its side")])
def test_a_selfie_that_is_turned_is_refused_with_that_reason(
    monkeypatch: pytest.MonkeyPatch, quarters: int, words: str
) -> None:
    """The engine here sees a face where the upper left corner is white."""
    upright = np.zeros((40, 60, 3), np.uint8)
    upright[0, 0] = 255
    seen = lambda picture: [face(90)] if picture[0, 0].all() else []  # noqa: E731
    monkeypatch.setattr(get_engine(), "find_faces", seen)
    with pytest.raises(UnusableSelfie, match=words):
        face_of_selfie(np.rot90(upright, quarters), [])


def test_a_refused_selfie_tells_its_user_why(owner: SignedIn, make_picture: MakePicture) -> None:
    answer = owner.post("/me/selfie", {"file": make_picture(BLURRED)})
    assert answer.status_code == 400
    assert answer.json()["msg"] == "The face is too small: 40 pixels wide. Give a picture from nearer."
    assert Selfie.objects.get().status == Selfie.Status.REFUSED
    assert owner.post("/me/selfie", {"file": make_picture(SHARP)}).json()["taken"] is True
