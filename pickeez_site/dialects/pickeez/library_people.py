"""The people whom the caller's photos show: naming, merging, splitting, hiding, and who they are. Ours."""

from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from faces import services
from faces.models import FaceMove, Person, PersonMerge
from faces.people_selectors import (
    MAX_DECISIONS,
    MAX_FACES,
    MAX_PEOPLE,
    decisions_page,
    faces_page,
    people_in_library,
    people_page,
    person_alone,
)
from faces.suggestions import suggestible_users
from pickeez_site.dialects.pickeez.viewsets import PickeezViewSet, operation
from pickeez_site.dialects.pickeez.wire import people as wire
from pickeez_site.dialects.viewsets import Answer
from pickeez_site.dialects.wire import Id, SentId
from pickeez_site.dialects.wire.types import rules
from pickeez_site.dialects.wire.values import parse_id

THE_PERSON = "The person as it is now."
UserId = Annotated[Id, rules("The caller, or somebody who shares an album with them.")]


class PeopleViewSet(PickeezViewSet):
    """People are found by the server; they are the caller's alone, and other members have their own."""

    section = "The caller's people"

    @operation("The people whom the caller's photos show", answer=f"Oldest first, at most {MAX_PEOPLE}.")
    def list(
        self,
        *,
        hidden: Annotated[bool, rules("Those who are hidden, instead of the others.")] = False,
        limit: Annotated[int, rules(ge=1, le=MAX_PEOPLE)] = MAX_PEOPLE,
        after: wire.After = None,
    ) -> wire.People:
        """Also on photos in no album. In `suggestion`, the server asks whether a person is a certain user."""
        page = people_page(self.caller, hidden=hidden, after=after, limit=limit)
        shown = [wire.PersonInLibrary.of(person, self.media) for person in page.people]
        return wire.People(people=shown, next_after=page.next_after)

    @operation("A person and their faces", answer=f"Faces oldest first, at most {MAX_FACES}.")
    def retrieve(
        self,
        person_id: SentId,
        *,
        limit: Annotated[int, rules(ge=1, le=MAX_FACES)] = MAX_FACES,
        after: wire.After = None,
    ) -> wire.PersonWithFaces:
        person = self._person(person_id)
        page = faces_page(person, after=after, limit=limit)
        faces = [wire.FaceOnPhoto.of(face, self.media) for face in page.faces]
        return wire.PersonWithFaces(person=self._seen(person.pk), faces=faces, next_after=page.next_after)

    @operation("Names a person, hides them, shows them again", answer=THE_PERSON)
    def update(
        self,
        person_id: SentId,
        *,
        name: wire.PersonName | None = None,
        hidden: Annotated[bool | None, rules("Hidden people are in no list but that of hidden ones.")] = None,
    ) -> wire.PersonInLibrary:
        """What is not sent stays."""
        person = self._person(person_id)
        if name is not None:
            services.rename_person(person=person, name=name)
        if hidden is not None:
            services.set_hidden(people=Person.objects.filter(pk=person.pk), hidden=hidden)
        return self._seen(person.pk)

    @operation("Merges people into this one", answer="The person, with the faces of all.")
    def merge(self, person_id: SentId, *, people: wire.MergedPeople) -> wire.PersonChanged:
        """Without a name, it gets that of the first who has one. One change for each who was merged."""
        into, ids = self._person(person_id), list(dict.fromkeys(map(parse_id, people)))
        found = self._people().in_bulk(ids)
        if len(found) < len(ids):
            raise Person.DoesNotExist
        merges = services.merge_people(people=[found[one] for one in ids], into=into, by=self.caller)
        return self._changed(into.pk, *merges)

    @operation("Makes a new person of some of this one's faces", answer="The new person.")
    def split(self, person_id: SentId, *, faces: wire.SomeFaces) -> wire.PersonChanged:
        chosen = {parse_id(face) for face in faces}
        move = services.split_person(person=self._person(person_id), face_ids=chosen, by=self.caller)
        return self._changed(move.to_id, move)

    @operation("Gives some of this person's faces to another", answer="The other person.")
    def move(self, person_id: SentId, *, faces: wire.SomeFaces, to: Id) -> wire.PersonChanged:
        chosen = {parse_id(face) for face in faces}
        person, other = self._person(person_id), self._people().get(pk=to)
        move = services.move_faces(person=person, face_ids=chosen, to=other, by=self.caller)
        return self._changed(other.pk, move)

    @operation("Says that a person is a user", answer=THE_PERSON)
    def confirm(self, person_id: SentId, *, user_id: UserId) -> wire.PersonInLibrary:
        """A person without a name gets the user's. The user is not told."""
        person = self._person(person_id)
        services.confirm_user(person=person, user=self._user(user_id), by=self.caller)
        return self._seen(person.pk)

    @operation("Says that a person is not a user", answer=THE_PERSON)
    def refuse(self, person_id: SentId, *, user_id: UserId) -> wire.PersonInLibrary:
        """It is never suggested again. The user is not told."""
        person = self._person(person_id)
        services.refuse_user(person=person, user=self._user(user_id), by=self.caller)
        return self._seen(person.pk)

    @operation("Takes back what was said about a person and a user", answer=THE_PERSON)
    def take_back(
        self, person_id: SentId, *, user_id: Annotated[Id, rules("Of whom something was said.")]
    ) -> wire.PersonInLibrary:
        """A name that came with it goes with it. 404 when nothing was said."""
        person, user = self._person(person_id), User.objects.filter(pk=user_id).first()
        if user is None or not services.forget_answer(person=person, user=user):
            raise User.DoesNotExist
        return self._seen(person.pk)

    def _people(self) -> QuerySet[Person]:
        return people_in_library(self.caller)

    def _person(self, person_id: str) -> Person:
        """The person, if it is the caller's; an unknown one and somebody else's are equally not there."""
        return self._people().get(pk=parse_id(person_id))

    def _user(self, user_id: UUID) -> User:
        """The user, if they may be suggested to the caller; nobody learns here who else exists."""
        return suggestible_users(self.caller).get(pk=user_id)

    def _seen(self, person_id: UUID) -> wire.PersonInLibrary:
        return wire.PersonInLibrary.of(person_alone(self.caller, person_id), self.media)

    def _changed(self, person_id: UUID, *changes: PersonMerge | FaceMove) -> wire.PersonChanged:
        return wire.PersonChanged(person=self._seen(person_id), changes=[change.pk for change in changes])


class PeopleChangesViewSet(PeopleViewSet):
    """What was decided about the caller's people, by themselves or an operator, and undoing it."""

    @operation("Merges, splits and moves that can be undone", answer=f"Latest first, at most {MAX_DECISIONS}.")
    def list(
        self,
        *,
        limit: Annotated[int, rules(ge=1, le=MAX_DECISIONS)] = MAX_DECISIONS,
        before: Annotated[Id | None, rules("`next_before` of the answer before.")] = None,
    ) -> wire.PeopleChanges:
        page = decisions_page(self.caller, before=before, limit=limit)
        changes = [wire.PeopleChange.of(decision) for decision in page.decisions]
        return wire.PeopleChanges(changes=changes, next_before=page.next_before)

    @operation("Undoes a merge, a split or a move", answer=Answer("Who has their faces again."))
    def undo(self, change_id: SentId) -> wire.PersonInLibrary:
        """With the name and the user they had. Faces that were moved on or erased since do not come back."""
        pk = parse_id(change_id)
        if merge := PersonMerge.objects.filter(owner=self.caller, pk=pk).first():
            return self._seen(services.undo_merge(merge=merge, by=self.caller).pk)
        move = FaceMove.objects.get(owner=self.caller, pk=pk)
        return self._seen(services.undo_move(move=move, by=self.caller).pk)
