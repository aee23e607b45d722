from collections.abc import Callable

import pytest
from pytest_django import Settings

from albums.models import Album, Filtering
from conftest import Caller, Person
from core.tests.answers import Answer, Json
from faces.models import Sighting
from photos.models import Photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pickeez.tests.shapes import assert_refused, photos_in

PASSWORD = "for-the-algorithm"


@pytest.fixture
def photo(owner: Person, album: Album, pushes: list[dict[str, Json]]) -> Photo:
    pushes.clear()
    return place_photo(album, owner.user)


@pytest.fixture
def decide(settings: Settings, nobody: Caller) -> Callable[..., Answer]:
    """The algorithm says who is on which photo; the answer."""
    settings.ALGO_PASSWORD = PASSWORD
    settings.ALBUM_PROCESSOR = "external"
    return lambda photos: nobody.post_json("/photos/algo/set", {"password": PASSWORD, "photos": photos})


def seen(owner: Person, photo: Photo) -> tuple[set, dict]:
    fields = owner.get(f"/photos/{photo.pk}").json()
    return set(fields["computed_filters"]), fields["algo_decision"]


def test_true_adds_and_false_removes_and_the_decision_is_kept(
    decide: Callable[..., Answer], owner: Person, member: Person, photo: Photo
) -> None:
    answer = decide({str(photo.pk): {owner.id: True, member.id: False}})
    assert (answer.status_code, set(answer.json())) == (200, {"msg", "log"})
    assert answer.json()["msg"] == "ok, set"
    assert isinstance(answer.json()["log"], dict)
    assert seen(owner, photo) == ({owner.id}, {owner.id: True, member.id: False})
    decide({str(photo.pk): {owner.id: False, member.id: True}})
    assert seen(owner, photo) == ({member.id}, {owner.id: False, member.id: True})


def test_who_is_not_named_stays_but_is_not_in_the_last_calls_decision(
    decide: Callable[..., Answer], owner: Person, member: Person, photo: Photo
) -> None:
    decide({str(photo.pk): {owner.id: True}})
    decide({str(photo.pk): {member.id: True}})
    assert seen(owner, photo) == ({owner.id, member.id}, {member.id: True})


def test_false_removes_what_the_built_in_recogniser_found(
    decide: Callable[..., Answer], owner: Person, photo: Photo
) -> None:
    Sighting.objects.create(photo=photo, user=owner.user, by="builtin", score=0.9)
    decide({str(photo.pk): {owner.id: False}})
    assert seen(owner, photo) == (set(), {owner.id: False})


def test_the_time_is_noted_and_those_shown_are_told(
    decide: Callable[..., Answer],
    owner: Person,
    member: Person,
    stranger: Person,
    album: Album,
    photo: Photo,
    pushes: list[dict[str, Json]],
) -> None:
    decide({str(photo.pk): {owner.id: False, member.id: True}})
    fields = owner.get(f"/albums/{album.pk}").json()
    assert (len(fields["times_filtered"]), fields["ever_filtered"]) == (1, True)
    (push,) = pushes
    assert push["to"] == member.id
    assert "best pictures are waiting" in push["body"]
    assert "Summer" in push["body"]
    assert push["data"]["album_id"] == str(album.pk)


def test_those_who_cannot_see_the_album_are_not_told_of_it(
    decide: Callable[..., Answer], stranger: Person, photo: Photo, pushes: list[dict[str, Json]]
) -> None:
    decide({str(photo.pk): {stranger.id: True}})
    assert pushes == []


def test_those_who_want_no_pushes_get_none(
    decide: Callable[..., Answer], member: Person, photo: Photo, pushes: list[dict[str, Json]]
) -> None:
    member.post("/set_fields", {"field": "send_push_notifs", "val": "false"})
    decide({str(photo.pk): {member.id: True}})
    assert pushes == []


def test_members_see_the_decision_in_the_album(
    decide: Callable[..., Answer], member: Person, album: Album, photo: Photo
) -> None:
    decide({str(photo.pk): {member.id: True}})
    fields = member.get(f"/albums/{album.pk}").json()
    assert ([photo["computed"] for photo in photos_in(fields)], fields["total_filtered"]) == ([True], 1)


@pytest.mark.parametrize("unknown", ["123", "01a201c0-0000-7000-8000-000000000000", "' OR 1=1", "x" * 300])
def test_unknown_ids_are_named_and_the_rest_still_applies(
    decide: Callable[..., Answer], owner: Person, photo: Photo, unknown: str
) -> None:
    answer = decide({unknown: {owner.id: True}, str(photo.pk): {unknown: True, owner.id: True}})
    assert answer.status_code == 200
    assert str(answer.json()["log"]).count(unknown if "'" not in unknown else "OR 1=1") == 2
    assert seen(owner, photo) == ({owner.id}, {owner.id: True})


def test_one_album_is_noted_once_however_many_of_its_photos_are_named(
    decide: Callable[..., Answer], owner: Person, album: Album, pushes: list[dict[str, Json]]
) -> None:
    photos = place_photos(album, owner.user, 5)
    decide({str(photo.pk): {owner.id: True} for photo in photos})
    assert Filtering.objects.count() == 1
    assert len([push for push in pushes if "best pictures" in push["body"]]) == 1


def test_a_call_about_no_photo_changes_nothing(decide: Callable[..., Answer], album: Album, photo: Photo) -> None:
    assert decide({}).json()["msg"] == "ok, set"
    assert not Filtering.objects.exists()


def test_a_form_may_carry_them_as_json_text(
    settings: Settings, nobody: Caller, owner: Person, photo: Photo
) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    text = f'{{"{photo.pk}": {{"{owner.id}": true}}}}'
    nobody.post("/photos/algo/set", {"password": PASSWORD, "photos": text})
    assert seen(owner, photo) == ({owner.id}, {owner.id: True})


@pytest.mark.parametrize(
    "value", ["text", ["list"], 7, True, {"ID": True}, {"ID": {"U": "yes"}}, {"ID": {"U": 1}}, {"ID": {"U": None}}]
)
def test_what_are_no_decisions_is_refused(db: None, decide: Callable[..., Answer], value: Json) -> None:
    assert_refused(decide(value), 400)
    assert not Sighting.objects.exists()


def test_the_photos_must_be_given(settings: Settings, db: None, nobody: Caller) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    answer = nobody.post_json("/photos/algo/set", {"password": PASSWORD})
    assert_refused(answer, 400, "Missing parameter: photos")


def test_it_is_not_done_by_looking(settings: Settings, db: None, nobody: Caller) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    assert nobody.get("/photos/algo/set", {"password": PASSWORD, "photos": "{}"}).status_code == 405
