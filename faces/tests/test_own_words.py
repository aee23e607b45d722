"""What users say of themselves on photos goes before what recognisers find, and is taken back as easily."""

from collections.abc import Callable
from uuid import uuid4

import numpy as np
import pytest
from pytest_django import Settings

from albums.models import Album, PendingAlbum
from albums.services import queue_now, uninvite_phones
from conftest import MakePicture, Person, committing
from core.tests.answers import Json
from faces.engine import Limits
from faces.engine.matching import match_faces
from faces.member_view import photo_alone
from faces.models import Sighting
from faces.selectors import count_filtered
from faces.services import recognise_album, save_decisions, say_who_is_shown
from photos.models import Photo
from photos.services import copy_photos

OWNER, MEMBER, NEITHER = 0, 1, 2


@pytest.fixture(autouse=True)
def _selfies(
    settings: Settings,
    owner: Person,
    member: Person,
    album: Album,
    make_picture: MakePicture,
    pushes: list[dict[str, Json]],
) -> None:
    for person, face in [(owner, OWNER), (member, MEMBER)]:
        person.post("/me/selfie", {"file": make_picture(face, seed=9)})
    settings.ALBUM_PROCESSOR = "external"  # only the test itself has the album processed
    PendingAlbum.objects.all().delete()
    pushes.clear()


@pytest.fixture
def add(owner: Person, album: Album, make_picture: MakePicture) -> Callable[..., Photo]:
    def upload(*people: int, seed: int = 0) -> Photo:
        answer = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(*people, seed=seed)})
        return Photo.objects.get(pk=answer.json()["_id"])

    return upload


@pytest.fixture
def process(album: Album) -> Callable[[], bool]:
    def run() -> bool:
        with committing():
            queue_now(album_ids=[album.pk])
            return recognise_album(album_id=album.pk)

    return run


def shows(photo: Photo, person: Person) -> bool:
    return photo_alone(photo, person.user)[0].shows_viewer


def test_not_me_survives_processing_and_is_taken_back(
    add: Callable[..., Photo], process: Callable[[], bool], member: Person, album: Album
) -> None:
    photo = add(MEMBER)
    assert process()
    assert shows(photo, member)
    assert say_who_is_shown(user=member.user, photo=photo, shows=False) is False
    assert process()
    assert not shows(photo, member)
    assert photo_alone(photo, member.user)[0].own_word is False
    assert count_filtered(member.user, [album.pk]) == {}
    assert say_who_is_shown(user=member.user, photo=photo, shows=None) is True
    assert photo_alone(photo, member.user)[0].own_word is None


def test_this_is_me_too_survives_processing_and_is_taken_back(
    add: Callable[..., Photo], process: Callable[[], bool], member: Person, album: Album
) -> None:
    photo = add(NEITHER)
    assert say_who_is_shown(user=member.user, photo=photo, shows=True) is True
    assert process()
    assert shows(photo, member)
    assert count_filtered(member.user, [album.pk]) == {album.pk: 1}
    assert say_who_is_shown(user=member.user, photo=photo, shows=None) is False
    assert not Sighting.objects.filter(user=member.user).exists()


def test_what_the_engine_finds_and_loses_meanwhile_counts_when_the_word_is_taken_back(
    add: Callable[..., Photo], process: Callable[[], bool], member: Person
) -> None:
    mine, other = add(MEMBER), add(NEITHER)
    for photo in (mine, other):
        say_who_is_shown(user=member.user, photo=photo, shows=photo == other)
    assert process()  # the engine now finds one of the two, below the word
    Sighting.objects.filter(photo=other).update(by="builtin", found=True, score=0.6)
    assert process()  # and loses what it had found on the other
    assert [say_who_is_shown(user=member.user, photo=photo, shows=None) for photo in (mine, other)] == [
        True,
        False,
    ]


@pytest.mark.parametrize("own_word", [True, False])
def test_the_users_word_goes_before_an_algorithms_later_and_earlier_one(
    add: Callable[..., Photo], member: Person, own_word: bool, pushes: list[dict[str, Json]]
) -> None:
    photo = add(NEITHER)
    say = {photo.pk: {member.user.pk: not own_word}}
    save_decisions(decisions=say)
    pushes.clear()
    assert say_who_is_shown(user=member.user, photo=photo, shows=own_word) is own_word
    with committing():
        save_decisions(decisions=say)
    seen, opinions = photo_alone(photo, member.user)
    assert seen.shows_viewer is own_word
    assert (member.user.pk in opinions.shown) is own_word
    assert opinions.decided == {member.user.pk: not own_word}  # it still hears what it has said
    assert pushes == []  # of what they have decided themselves, users get no push
    assert say_who_is_shown(user=member.user, photo=photo, shows=None) is not own_word


def test_saying_the_same_twice_changes_nothing(add: Callable[..., Photo], member: Person) -> None:
    photo = add(NEITHER)
    for _ in range(2):
        assert say_who_is_shown(user=member.user, photo=photo, shows=True)
    assert Sighting.objects.filter(user=member.user).count() == 1
    for _ in range(2):
        assert not say_who_is_shown(user=member.user, photo=photo, shows=None)


def test_nobody_says_anything_of_photos_that_they_do_not_see(
    add: Callable[..., Photo], owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    photo = add(NEITHER)
    with pytest.raises(Photo.DoesNotExist):
        say_who_is_shown(user=stranger.user, photo=photo, shows=True)
    with committing():
        uninvite_phones(album=album, phones=[member.phone])
    with pytest.raises(Photo.DoesNotExist):
        say_who_is_shown(user=member.user, photo=photo, shows=True)
    with pytest.raises(Photo.DoesNotExist):
        say_who_is_shown(user=owner.user, photo=Photo(pk=uuid4()), shows=True)
    assert not Sighting.objects.exists()


def test_a_denied_face_may_be_somebody_elses_and_leads_to_no_further_photo() -> None:
    limits = Limits(threshold=1.0, sure=0.5, cluster_cut=1.0, expands=True)
    me, you = uuid4(), uuid4()
    near, far = uuid4(), uuid4()
    faces = np.array([[0.0], [0.9]], np.float32)
    given = {me: np.array([[-0.4]], np.float32), you: np.array([[-0.95]], np.float32)}
    assert set(match_faces(faces, [near, far], given, limits)) == {(near, me), (far, me)}
    denied = match_faces(faces, [near, far], given, limits, denied={(near, me), (far, you)})
    assert set(denied) == {(near, me), (near, you)}


def test_a_copy_of_the_photo_keeps_the_word(
    add: Callable[..., Photo], owner: Person, member: Person, album: Album
) -> None:
    photo = add(MEMBER)
    say_who_is_shown(user=member.user, photo=photo, shows=False)
    [copy] = copy_photos(photos=[photo], album=album, user=owner.user)
    assert [row.own_word for row in Sighting.objects.filter(photo=copy)] == [False]
