"""Whom the people of a library may be: who is suggested to whom, what is answered, and that it is remembered."""

from uuid import UUID

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import delete_user
from albums.models import Album
from albums.services import create_album, delete_album, invite_phones, uninvite_phones
from conftest import Person as SignedIn
from core.tests.presence import present
from faces.models import EmbeddingSpace, Face, Identification, Person, Selfie, embedding_bytes
from faces.people_selectors import people_page
from faces.services import (
    confirm_user,
    forget_answer,
    merge_people,
    recluster,
    refuse_user,
    rename_person,
    set_hidden,
    split_person,
    undo_merge,
)
from faces.tests.embeddings import synthetic_faces
from faces.tests.test_people import ENGINE, add_faces, person_of, space
from photos.models import Photo
from photos.services import trash_photo

__all__ = ["space"]  # a fixture
FACES, WHOSE = synthetic_faces(4, 6)


def look(person: int) -> np.ndarray:
    """Six faces of somebody (6, 128)."""
    return FACES[person == WHOSE]


def add_selfie_of(user: User, face: np.ndarray, *, engine: str = ENGINE, status: str = "taken") -> Selfie:
    key = f"selfies/{user.pk}/{Selfie.objects.count()}"
    stored = embedding_bytes(face)
    return Selfie.objects.create(user=user, key=key, sha256=key, status=status, embedding=stored, engine=engine)


@pytest.fixture
def photos(owner: SignedIn, member: SignedIn, album: Album, space: EmbeddingSpace) -> list[list[Photo]]:
    """The owner's photos outside of any album: three of the member, three of somebody else. The album is empty."""
    photos = [add_faces(owner.user, look(person)[:3]) for person in (0, 1)]
    recluster(owner=owner.user)
    add_selfie_of(member.user, look(0)[4])
    return photos


def person_on(photos: list[Photo]) -> Person:
    (pk,) = {person_of(photo) for photo in photos}
    return Person.objects.get(pk=present(pk))


def suggestions(owner: User) -> dict[UUID, User]:
    people = people_page(owner, hidden=None).people
    return {one.id: one.suggestion for one in people if one.suggestion}


def test_whoever_shares_an_album_with_the_owner_is_suggested_by_their_selfie(
    owner: SignedIn, member: SignedIn, photos: list[list[Photo]]
) -> None:
    assert suggestions(owner.user) == {person_on(photos[0]).pk: member.user}


def test_the_owners_own_selfie_is_suggested_too(owner: SignedIn, photos: list[list[Photo]]) -> None:
    add_selfie_of(owner.user, look(1)[4])
    assert suggestions(owner.user)[person_on(photos[1]).pk] == owner.user


def test_a_strangers_selfie_tells_nobody_anything(
    owner: SignedIn, member: SignedIn, stranger: SignedIn, photos: list[list[Photo]]
) -> None:
    """Also when both have an album with the same third one."""
    add_selfie_of(stranger.user, look(1)[4])
    add_faces(stranger.user, look(0)[:3])
    recluster(owner=stranger.user)
    shared = create_album(owner=member.user, name="Other")
    invite_phones(album=shared, phones=[stranger.phone])
    assert list(suggestions(owner.user).values()) == [member.user]
    assert list(suggestions(stranger.user).values()) == [member.user]
    assert suggestions(member.user) == {}


def test_a_member_is_not_shown_the_people_of_the_owners_library(
    member: SignedIn, photos: list[list[Photo]]
) -> None:
    assert people_page(member.user).people == []


def test_a_member_who_leaves_is_suggested_no_more(
    owner: SignedIn, member: SignedIn, album: Album, photos: list[list[Photo]]
) -> None:
    uninvite_phones(album=album, phones=[member.phone])
    assert suggestions(owner.user) == {}
    invite_phones(album=album, phones=[member.phone])
    assert list(suggestions(owner.user).values()) == [member.user]
    delete_album(album=album)
    assert suggestions(owner.user) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "refused"},
        {"status": "new"},
        {"engine": "another"},
        {"embedding": embedding_bytes(look(3)[0])},
    ],
)
def test_a_selfie_that_says_nothing_about_the_person_suggests_nobody(
    owner: SignedIn, photos: list[list[Photo]], change: dict[str, object]
) -> None:
    Selfie.objects.update(**change)
    assert suggestions(owner.user) == {}


def test_faces_below_the_gate_and_photos_in_the_trash_suggest_nobody(
    owner: SignedIn, space: EmbeddingSpace, photos: list[list[Photo]]
) -> None:
    space.min_quality = 50
    space.save()
    Face.objects.update(quality=40)
    assert suggestions(owner.user) == {}
    Face.objects.update(quality=60)
    assert len(suggestions(owner.user)) == 1
    for photo in photos[0]:
        trash_photo(photo=photo, by=owner.user)
    assert suggestions(owner.user) == {}
    assert [one.id for one in people_page(owner.user).people] == [person_on(photos[1]).pk]


def test_nobody_is_suggested_for_a_hidden_person(owner: SignedIn, photos: list[list[Photo]]) -> None:
    set_hidden(people=Person.objects.all(), hidden=True)
    assert suggestions(owner.user) == {}
    set_hidden(people=Person.objects.all(), hidden=False)
    assert len(suggestions(owner.user)) == 1


def test_of_two_users_the_nearest_is_suggested_and_then_the_other(
    owner: SignedIn, member: SignedIn, photos: list[list[Photo]]
) -> None:
    add_selfie_of(owner.user, look(0)[:3].mean(axis=0))
    person = person_on(photos[0])
    assert suggestions(owner.user) == {person.pk: owner.user}
    refuse_user(person=person, user=owner.user, by=owner.user)
    assert suggestions(owner.user) == {person.pk: member.user}
    refuse_user(person=person, user=member.user, by=owner.user)
    assert suggestions(owner.user) == {}


def test_a_confirmed_suggestion_names_the_person_and_links_the_user(
    owner: SignedIn, member: SignedIn, photos: list[list[Photo]]
) -> None:
    person = person_on(photos[0])
    confirm_user(person=person, user=member.user, by=owner.user)
    assert (person.name, person.user) == (member.user.name, member.user)
    assert suggestions(owner.user) == {}
    recluster(owner=owner.user)
    assert person_on(photos[0]).user == member.user
    assert forget_answer(person=person, user=member.user)
    assert (person.name, person.user) == ("", None)
    assert suggestions(owner.user) == {person.pk: member.user}
    assert not forget_answer(person=person, user=member.user)


def test_a_name_that_the_owner_gave_stays(owner: SignedIn, member: SignedIn, photos: list[list[Photo]]) -> None:
    person = person_on(photos[0])
    rename_person(person=person, name="Grandma")
    confirm_user(person=person, user=member.user, by=owner.user)
    assert person.name == "Grandma"
    forget_answer(person=person, user=member.user)
    assert person.name == "Grandma"
    rename_person(person=person, name="")
    confirm_user(person=person, user=member.user, by=owner.user)
    rename_person(person=person, name="Aunt")
    forget_answer(person=person, user=member.user)
    assert person.name == "Aunt"


def test_who_is_somebody_else_after_all_is_one_user_only(
    owner: SignedIn, member: SignedIn, photos: list[list[Photo]]
) -> None:
    person = person_on(photos[0])
    confirm_user(person=person, user=member.user, by=owner.user)
    confirm_user(person=person, user=owner.user, by=owner.user)
    assert (person.name, person.user) == (owner.user.name, owner.user)
    refuse_user(person=person, user=owner.user, by=owner.user)
    assert (person.name, person.user) == ("", None)
    assert Identification.objects.get().confirmed is False


def test_a_refused_suggestion_never_returns(owner: SignedIn, member: SignedIn, photos: list[list[Photo]]) -> None:
    """Not with more selfies and faces, nor when the person's faces are another person's by clustering."""
    person = person_on(photos[0])
    refuse_user(person=person, user=member.user, by=owner.user)
    add_selfie_of(member.user, look(0)[5])
    recluster(owner=owner.user)
    assert suggestions(owner.user) == {}
    Person.objects.filter(pk=person.pk).delete()
    recluster(owner=owner.user)
    assert person_on(photos[0]).pk != person.pk
    assert suggestions(owner.user) == {}
    assert forget_answer(person=person_on(photos[0]), user=member.user)
    assert list(suggestions(owner.user)) == [person_on(photos[0]).pk]
    with pytest.raises(Person.DoesNotExist):
        refuse_user(person=person, user=member.user, by=owner.user)


def test_a_refusal_holds_for_whoever_the_person_is_merged_into_and_what_is_split_off(
    owner: SignedIn, member: SignedIn, photos: list[list[Photo]]
) -> None:
    one, two = person_on(photos[0]), person_on(photos[1])
    refuse_user(person=one, user=member.user, by=owner.user)
    (merge,) = merge_people(people=[one], into=two, by=owner.user)
    assert suggestions(owner.user) == {}
    undo_merge(merge=merge, by=owner.user)
    faces = Face.objects.filter(original=photos[0][0].original_id).values_list("pk", flat=True)
    move = split_person(person=one, face_ids=list(faces), by=owner.user)
    assert suggestions(owner.user) == {}
    forget_answer(person=Person.objects.get(pk=move.to_id), user=member.user)
    assert list(suggestions(owner.user)) == [move.to_id]


def test_a_link_goes_with_a_merge_and_comes_back_when_it_is_undone(
    owner: SignedIn, member: SignedIn, photos: list[list[Photo]]
) -> None:
    one, two = person_on(photos[0]), person_on(photos[1])
    confirm_user(person=one, user=member.user, by=owner.user)
    (merge,) = merge_people(people=[one], into=two, by=owner.user)
    assert (two.user, two.name) == (member.user, member.user.name)
    assert undo_merge(merge=merge, by=owner.user).user == member.user
    two.refresh_from_db()
    assert (two.user, two.name) == (None, "")


def test_an_erased_user_is_linked_to_nobody(owner: SignedIn, member: SignedIn, photos: list[list[Photo]]) -> None:
    """The name stays: it is what the owner calls the person in their own library."""
    person, name = person_on(photos[0]), member.user.name
    confirm_user(person=person, user=member.user, by=owner.user)
    delete_user(user=User.objects.get(pk=member.user.pk))
    person.refresh_from_db()
    assert (person.user, person.name) == (None, name)
    assert not Identification.objects.exists()
    assert suggestions(owner.user) == {}


def test_a_selfie_that_resembles_one_look_of_a_merged_person_is_enough(
    owner: SignedIn, member: SignedIn, photos: list[list[Photo]]
) -> None:
    """As a child and as an adult, for example: the mean of both resembles neither."""
    one, two = person_on(photos[0]), person_on(photos[1])
    merge_people(people=[one], into=two, by=owner.user)
    assert suggestions(owner.user) == {two.pk: member.user}


def test_as_many_queries_for_many_people_as_for_one(
    owner: SignedIn,
    member: SignedIn,
    photos: list[list[Photo]],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    refuse_user(person=person_on(photos[1]), user=member.user, by=owner.user)
    with django_assert_num_queries(10):
        people_page(owner.user, limit=1)
    faces, _ = synthetic_faces(20, 3, seed=5)
    add_faces(owner.user, faces)
    recluster(owner=owner.user)
    with django_assert_num_queries(10):
        assert len(people_page(owner.user).people) == 22
