"""What operators decide about people in the admin, and undo there: splits, moves, and who people are."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.tests.admin_pages import operator as operator_client
from accounts.tests.admin_pages import page, staff
from albums.models import Album
from albums.services import uninvite_phones
from conftest import Person as SignedIn
from core.tests.answers import Answer
from faces.models import FaceAssignment, FaceMove, Identification, Person
from faces.services import merge_people
from faces.tests.libraries import Known, add_person, add_selfie_of


@pytest.fixture
def operator(db: None) -> Client:
    return operator_client()


@pytest.fixture
def bob(owner: SignedIn, member: SignedIn, album: Album) -> Known:
    """A person in the owner's library whom the member's selfie resembles."""
    add_selfie_of(member.user, 1)
    return add_person(owner.user, 1)


def show(client: Client, known: Known) -> str:
    return client.get(page(Person, "change", known.person.pk)).content.decode()


def say(client: Client, known: Known, decision: str, user: SignedIn) -> Answer:
    return client.post(page(Person, "identify", known.person.pk), {"decision": decision, "user": user.id})


def undo(client: Client, move: FaceMove) -> Answer:
    return client.post(page(FaceMove, "do", move.pk, "undo"), follow=True)


def faces_of(person: Person) -> int:
    return FaceAssignment.objects.filter(person=person).count()


def test_a_suggestion_is_confirmed_and_taken_back(operator: Client, bob: Known, member: SignedIn) -> None:
    assert "Is this" in show(operator, bob)
    assert say(operator, bob, "confirm", member).status_code == 302
    bob.person.refresh_from_db()
    assert (bob.person.user, bob.person.name) == (member.user, "Member")
    assert "Is this" not in show(operator, bob)
    assert "Take back" in show(operator, bob)
    say(operator, bob, "forget", member)
    bob.person.refresh_from_db()
    assert (bob.person.user, bob.person.name) == (None, "")
    assert "Is this" in show(operator, bob)
    assert say(operator, bob, "forget", member).status_code == 404
    assert LogEntry.objects.filter(object_id=str(bob.person.pk)).count() == 2


def test_a_refused_suggestion_is_not_shown_again_until_it_is_taken_back(
    operator: Client, bob: Known, member: SignedIn
) -> None:
    say(operator, bob, "refuse", member)
    assert "Is this" not in show(operator, bob)
    answer = Identification.objects.get()
    assert answer.by
    operator.post(page(Identification, "do", answer.pk, "take_back"))
    assert not Identification.objects.exists()
    assert "Is this" in show(operator, bob)


def test_what_was_said_of_a_merged_person_is_taken_back_where_they_are_now(
    operator: Client, bob: Known, owner: SignedIn, member: SignedIn
) -> None:
    say(operator, bob, "confirm", member)
    other = add_person(owner.user, 2)
    bob.person.refresh_from_db()
    merge_people(people=[bob.person], into=other.person, by=owner.user)
    assert other.person.user == member.user
    operator.post(page(Identification, "do", Identification.objects.get().pk, "take_back"))
    other.person.refresh_from_db()
    assert (other.person.user, other.person.name) == (None, "")


def test_nobody_is_confirmed_whom_the_librarys_owner_may_not_know(
    operator: Client, bob: Known, album: Album, member: SignedIn, stranger: SignedIn
) -> None:
    for decision in ("confirm", "refuse"):
        assert say(operator, bob, decision, stranger).status_code == 404
    uninvite_phones(album=album, phones=[member.phone])
    assert "Is this" not in show(operator, bob)
    assert say(operator, bob, "confirm", member).status_code == 404
    for asked in ({"decision": "confirm", "user": "123"}, {"decision": "guess", "user": member.id}, {}):
        assert operator.post(page(Person, "identify", bob.person.pk), asked).status_code == 404
    assert not Identification.objects.exists()


def test_staff_who_may_not_see_users_are_told_of_nobody(bob: Known, member: SignedIn) -> None:
    client = staff("faces.view_person", "faces.change_person")
    assert "Is this" not in show(client, bob)
    assert say(client, bob, "confirm", member).status_code == 403
    assert not Identification.objects.exists()


@pytest.mark.parametrize("decision", ["split", "move"])
def test_split_off_and_moved_faces_are_given_back(
    operator: Client, bob: Known, owner: SignedIn, decision: str
) -> None:
    other = add_person(owner.user, 2)
    asked = {"decision": decision, "faces": [str(bob.faces[0])], "move-other": str(other.person.pk)}
    operator.post(page(Person, "faces", bob.person.pk), asked)
    move = FaceMove.objects.get()
    assert (move.kind, faces_of(bob.person)) == (decision, 2)
    assert page(FaceMove, "do", move.pk, "undo") in show(operator, bob)
    undo(operator, move)
    assert (faces_of(bob.person), faces_of(other.person)) == (3, 3)
    assert Person.objects.count() == 2
    assert "undone already" in undo(operator, move).content.decode()
    move.refresh_from_db()
    assert move.undone_by
