"""The people of the caller's library: what is shown of them, and what they decide. Every decision is undone here."""

from uuid import uuid4

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from accounts.services import delete_user
from albums.models import Album
from albums.services import uninvite_phones
from conftest import Caller, Person
from core.tests.answers import Answer, Json
from faces.models import Identification, Sighting
from faces.models import Person as InLibrary
from faces.services import merge_people
from faces.tests.libraries import Known, add_person, add_selfie_of
from photos.models import Photo
from photos.services import trash_photo
from pickeez_site.dialects.pickeez.tests.shapes import assert_signed_in_only

PERSON = {
    *("_id", "name", "hidden", "faces", "cover", "user_id", "suggestion", "created_at", "updated_at"),
}
FACE = {"_id", "photo_id", "rectangle", "picture_width", "picture_height", "url"}
USER = {"_id", "fb_id", "name", "pic_url", "phone", "verified_phone"}
CHANGE = {"_id", "kind", "person_id", "other_id", "name", "faces", "created_at"}


@pytest.fixture
def ada(owner: Person) -> Known:
    return add_person(owner.user, 0, name="Ada")


@pytest.fixture
def bob(owner: Person) -> Known:
    return add_person(owner.user, 1)


def people(caller: Person, **parameters: str) -> list[dict[str, Json]]:
    return caller.get("/people", parameters).json()["people"]


def shown(caller: Person, known: Known) -> dict[str, Json]:
    return caller.get(f"/people/{known.person.pk}").json()["person"]


def numbers(caller: Person) -> dict[str, int]:
    """{id: number of faces} of all people of the library, hidden or not."""
    return {one["_id"]: one["faces"] for word in ("0", "1") for one in people(caller, hidden=word)}


def decide(caller: Person, known: Known, what: str, **asked: Json) -> dict[str, Json]:
    answer = caller.post_json(f"/people/{known.person.pk}/{what}", asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def assert_words(answer: Answer, words: str) -> None:
    """The request is refused in the dialect's envelope, with these words."""
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}
    assert words in answer.json()["msg"]


def ids(faces: list) -> list[str]:
    return [str(face) for face in faces]


def test_nobody_has_no_people_and_others_only_their_own(
    nobody: Caller, owner: Person, member: Person, stranger: Person, album: Album, ada: Known
) -> None:
    assert_signed_in_only(nobody, "get", "/people")
    theirs = add_person(member.user, 0)
    assert [one["_id"] for one in people(owner)] == [str(ada.person.pk)]
    assert [one["_id"] for one in people(member)] == [str(theirs.person.pk)]
    assert stranger.get("/people").json() == {"people": [], "next_after": None}


def test_a_person_is_shown_with_their_best_face(owner: Person, ada: Known) -> None:
    (person,) = people(owner)
    assert set(person) == PERSON
    assert (person["name"], person["hidden"], person["faces"], person["user_id"]) == ("Ada", False, 3, None)
    cover = person["cover"]
    assert set(cover) == FACE
    assert cover["_id"] == str(ada.faces[-1])
    assert cover["rectangle"] == {"x": 1, "y": 2, "width": 30, "height": 40}
    assert (cover["picture_width"], cover["picture_height"]) == (320, 240)
    assert f"/media/{cover['photo_id']}/medium/" in cover["url"]
    answer = owner.get(f"/people/{person['_id']}").json()
    assert answer["person"] == person
    assert [face["_id"] for face in answer["faces"]] == ids(ada.faces)
    assert {frozenset(face) for face in answer["faces"]} == {frozenset(FACE)}


def test_people_and_faces_come_in_pages(owner: Person, ada: Known, bob: Known) -> None:
    first = owner.get("/people", {"limit": 1}).json()
    second = owner.get("/people", {"limit": 1, "after": first["next_after"]}).json()
    assert [one["_id"] for one in first["people"] + second["people"]] == ids([ada.person.pk, bob.person.pk])
    assert second["next_after"] is None
    path = f"/people/{ada.person.pk}"
    page = owner.get(path, {"limit": 2}).json()
    rest = owner.get(path, {"limit": 2, "after": page["next_after"]}).json()
    assert [face["_id"] for face in page["faces"] + rest["faces"]] == ids(ada.faces)
    assert rest["next_after"] is None
    for wrong in (0, 101, "x"):
        assert_words(owner.get("/people", {"limit": wrong}), "limit")


def test_faces_in_the_trash_are_not_shown(owner: Person, ada: Known, bob: Known) -> None:
    for photo in Photo.objects.filter(original__faces__in=[*ada.faces, bob.faces[0]]):
        trash_photo(photo=photo, by=owner.user)
    assert numbers(owner) == {str(bob.person.pk): 2}
    assert owner.get(f"/people/{ada.person.pk}").status_code == 404


def test_a_name_is_given_changed_and_taken_back(owner: Person, bob: Known) -> None:
    path = f"/people/{bob.person.pk}"
    for name, said in (("Bob ", "Bob"), ("Rob", "Rob"), ("", None)):
        answer = owner.post(path, {"name": name})
        assert (answer.status_code, answer.json()["name"]) == (200, said)
        assert shown(owner, bob)["name"] == said
    for bad in ("two\nlines", "x" * 201, "\u200b"):
        assert_words(owner.post_json(path, {"name": bad}), "name")
    owner.post(path, {"name": "Bob"})
    assert owner.post(path, {"hidden": "0"}).json()["name"] == "Bob"


def test_who_is_hidden_is_in_the_list_of_the_hidden_until_shown_again(
    owner: Person, ada: Known, bob: Known
) -> None:
    assert owner.post(f"/people/{bob.person.pk}", {"hidden": "1"}).json()["hidden"] is True
    assert [one["name"] for one in people(owner)] == ["Ada"]
    assert [one["_id"] for one in people(owner, hidden="1")] == ids([bob.person.pk])
    assert owner.post(f"/people/{bob.person.pk}", {"hidden": "0"}).json()["hidden"] is False
    assert len(people(owner)) == 2


def test_a_merge_and_its_undo(owner: Person, ada: Known, bob: Known) -> None:
    cleo = add_person(owner.user, 2, name="Cleo")
    before = numbers(owner)
    merged = decide(owner, bob, "merge", people=ids([ada.person.pk, cleo.person.pk]))
    assert (merged["person"]["_id"], merged["person"]["name"]) == (str(bob.person.pk), "Ada")
    assert numbers(owner) == {str(bob.person.pk): 9}
    listed = owner.get("/people/changes").json()
    assert {frozenset(change) for change in listed["changes"]} == {frozenset(CHANGE)}
    assert {change["_id"] for change in listed["changes"]} == set(merged["changes"])
    assert {change["name"] for change in listed["changes"]} == {"Ada", "Cleo"}
    for change in merged["changes"]:
        back = owner.post(f"/people/changes/{change}/undo")
        assert back.status_code == 200
        assert back.json()["name"] in ("Ada", "Cleo")
        assert_words(owner.post(f"/people/changes/{change}/undo"), "undone already")
    assert numbers(owner) == before
    assert shown(owner, bob)["name"] is None
    assert owner.get("/people/changes").json() == {"changes": [], "next_before": None}


def test_a_split_and_its_undo(owner: Person, ada: Known) -> None:
    before = numbers(owner)
    made = decide(owner, ada, "split", faces=ids(ada.faces[:1]))
    assert numbers(owner) == {str(ada.person.pk): 2, made["person"]["_id"]: 1}
    (change,) = owner.get("/people/changes").json()["changes"]
    assert [change["_id"]] == made["changes"]
    assert (change["kind"], change["person_id"], change["other_id"], change["faces"]) == (
        *("split", str(ada.person.pk), made["person"]["_id"]),
        1,
    )
    assert owner.post(f"/people/changes/{change['_id']}/undo").json()["_id"] == str(ada.person.pk)
    assert numbers(owner) == before


def test_a_move_and_its_undo(owner: Person, ada: Known, bob: Known) -> None:
    before = numbers(owner)
    moved = decide(owner, ada, "move", faces=ids(ada.faces[:2]), to=str(bob.person.pk))
    assert numbers(owner) == {str(ada.person.pk): 1, str(bob.person.pk): 5}
    assert owner.post(f"/people/changes/{moved['changes'][0]}/undo").json()["name"] == "Ada"
    assert numbers(owner) == before


def test_changes_come_in_pages_latest_first(owner: Person, ada: Known, bob: Known) -> None:
    for face in ada.faces[:2]:
        decide(owner, ada, "move", faces=ids([face]), to=str(bob.person.pk))
    decide(owner, ada, "merge", people=ids([bob.person.pk]))
    first = owner.get("/people/changes", {"limit": 2}).json()
    second = owner.get("/people/changes", {"limit": 2, "before": first["next_before"]}).json()
    assert [change["kind"] for change in first["changes"] + second["changes"]] == ["merge", "move", "move"]
    assert second["next_before"] is None


def test_what_cannot_be_decided_is_refused_in_words(owner: Person, ada: Known, bob: Known) -> None:
    path = f"/people/{ada.person.pk}"
    for what, asked, words in (
        ("split", {"faces": ids(ada.faces)}, "all faces"),
        ("split", {"faces": ids(bob.faces)}, "none of these faces"),
        ("split", {"faces": [str(ada.faces[0]), "123"]}, "Some of these"),
        ("move", {"faces": ids(ada.faces[:1]), "to": str(ada.person.pk)}, "already"),
        ("merge", {"people": ids([ada.person.pk])}, "nobody to merge"),
        ("merge", {"people": []}, "Missing parameter: people"),
        ("merge", {"people": [str(uuid4())] * 51}, "1 to 50"),
    ):
        assert_words(owner.post_json(f"{path}/{what}", asked), words)
    assert numbers(owner) == {str(ada.person.pk): 3, str(bob.person.pk): 3}


def test_other_libraries_are_not_there(
    owner: Person, member: Person, stranger: Person, album: Album, ada: Known
) -> None:
    theirs = add_person(member.user, 1)
    move = decide(member, theirs, "split", faces=ids(theirs.faces[:1]))
    for caller in (owner, stranger):
        assert caller.post(f"/people/changes/{move['changes'][0]}/undo").status_code == 404
    for asked in ({"people": ids([theirs.person.pk])}, {"people": ["123"]}, {"people": [str(uuid4())]}):
        assert owner.post_json(f"/people/{ada.person.pk}/merge", asked).status_code == 404
    moving = {"faces": ids(ada.faces[:1]), "to": str(theirs.person.pk)}
    assert owner.post_json(f"/people/{ada.person.pk}/move", moving).status_code == 404
    assert numbers(owner) == {str(ada.person.pk): 3}
    assert owner.get("/people/changes").json()["changes"] == []


def test_a_member_is_suggested_confirmed_and_taken_back(
    owner: Person, member: Person, album: Album, ada: Known, bob: Known
) -> None:
    add_selfie_of(member.user, 1)
    assert shown(owner, ada)["suggestion"] is None
    suggestion = shown(owner, bob)["suggestion"]
    assert set(suggestion) == USER
    assert (suggestion["_id"], suggestion["name"]) == (member.id, "Member")
    confirmed = decide(owner, bob, "confirm", user_id=member.id)
    assert (confirmed["name"], confirmed["user_id"], confirmed["suggestion"]) == ("Member", member.id, None)
    back = decide(owner, bob, "take_back", user_id=member.id)
    assert (back["name"], back["user_id"], back["suggestion"]["_id"]) == (None, None, member.id)
    assert owner.post(f"/people/{bob.person.pk}/take_back", {"user_id": member.id}).status_code == 404


def test_a_refused_suggestion_does_not_return_until_it_is_taken_back(
    owner: Person, member: Person, album: Album, bob: Known
) -> None:
    add_selfie_of(member.user, 1)
    assert decide(owner, bob, "refuse", user_id=member.id)["suggestion"] is None
    assert [one["suggestion"] for one in people(owner)] == [None]
    assert decide(owner, bob, "take_back", user_id=member.id)["suggestion"]["_id"] == member.id


def test_who_shares_no_album_is_neither_suggested_nor_confirmed(
    owner: Person, member: Person, stranger: Person, album: Album, bob: Known
) -> None:
    """Their ids are answered like one that never was, and what was said before can still be taken back."""
    for person in (member, stranger):
        add_selfie_of(person.user, 1)
    assert shown(owner, bob)["suggestion"]["_id"] == member.id
    decide(owner, bob, "confirm", user_id=member.id)
    uninvite_phones(album=album, phones=[member.phone])
    for user_id in (member.id, stranger.id, str(uuid4()), "123"):
        for what in ("confirm", "refuse"):
            answer = owner.post(f"/people/{bob.person.pk}/{what}", {"user_id": user_id})
            assert (answer.status_code, answer.json()) == (404, {"msg": "Not found."})
    assert decide(owner, bob, "take_back", user_id=member.id)["suggestion"] is None


def test_a_member_learns_nothing_of_what_was_said_about_them(
    owner: Person, member: Person, album: Album, bob: Known
) -> None:
    add_selfie_of(member.user, 1)
    before = member.get("/me").json()
    decide(owner, bob, "confirm", user_id=member.id)
    assert member.get("/me").json() == before
    assert people(member) == []
    assert not Sighting.objects.exists()


def test_an_erased_user_is_linked_no_more(owner: Person, member: Person, album: Album, bob: Known) -> None:
    decide(owner, bob, "confirm", user_id=member.id)
    delete_user(user=member.user)
    assert shown(owner, bob)["user_id"] is None
    assert not Identification.objects.exists()


def test_what_an_operator_merged_is_undone_by_the_owner(
    owner: Person, member: Person, ada: Known, bob: Known
) -> None:
    (merge,) = merge_people(people=[ada.person], into=bob.person, by=member.user)
    assert owner.post(f"/people/changes/{merge.pk}/undo").json()["name"] == "Ada"
    assert InLibrary.objects.count() == 2


def test_as_many_queries_for_forty_people_as_for_two(
    owner: Person,
    member: Person,
    album: Album,
    ada: Known,
    bob: Known,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    add_selfie_of(member.user, 1)
    owner.get("/people")
    with django_assert_max_num_queries(14):
        assert len(people(owner)) == 2
    for number in range(38):
        add_person(owner.user, number % 8, faces=1)
    cache.clear()
    with django_assert_max_num_queries(14):
        assert len(people(owner)) == 40
    with django_assert_max_num_queries(16):
        owner.get(f"/people/{ada.person.pk}")
    with django_assert_max_num_queries(6):
        owner.get("/people/changes")
