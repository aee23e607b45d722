"""What is decided about the people of a library: merging, splitting, moving, undoing these, naming, hiding.

Its owner decides by the API, operators in the admin. A decision pins the faces of the people it is about:
clustering leaves them with these people.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.batching import BATCH, batched
from faces.merge_selectors import holder_of
from faces.models import FaceAssignment, FaceMove, Person, PersonMerge
from faces.services.identification import lock_library, update_links
from faces.services.looks import note_people_changed
from faces.services.people import delete_empty_people


class DecisionRefused(Exception):
    """The decision cannot be carried out; the argument is the reason, for whoever decides to read."""


@transaction.atomic
def merge_people(*, people: Collection[Person], into: Person, by: User) -> list[PersonMerge]:
    """Assigns all faces of the people to the person `into`, and deletes the others.

    If `into` has no name, it gets the first that one of them has; likewise the user who they are. Raises
    `DecisionRefused` for people of different libraries, and for those who were deleted meanwhile.
    """
    others = [person for person in people if person.pk != into.pk]
    if any(person.owner_id != into.owner_id for person in others):
        raise DecisionRefused("People of different libraries cannot be merged.")
    if not others:
        raise DecisionRefused("There is nobody to merge with.")
    owner = lock_library(into.owner_id)
    existing = _require_existing(owner, [into, *others])
    faces_of = {person.pk: _face_ids(person) for person in existing.values()}
    namer = next((person.pk for person in others if existing[person.pk].name), None)
    merges = [
        _record_merge(
            existing[person.pk],
            into,
            faces_of[person.pk],
            by,
            gave_name=person.pk == namer and not existing[into.pk].name,
        )
        for person in others
    ]
    _assign_pinned(owner, {face: into.pk for faces in faces_of.values() for face in faces})
    Person.objects.filter(pk__in=[person.pk for person in others]).delete()
    for merge in merges:
        if merge.gave_name:
            rename_person(person=existing[into.pk], name=merge.name)
    update_links(owner, [into.pk])
    into.refresh_from_db()
    return merges


def _record_merge(person: Person, into: Person, faces: list[UUID], by: User, *, gave_name: bool) -> PersonMerge:
    merge = PersonMerge.objects.create(
        owner_id=person.owner_id,
        person_id=person.pk,
        name=person.name,
        hidden=person.hidden,
        into_id=into.pk,
        gave_name=gave_name,
        by=by,
    )
    links = [PersonMerge.faces.through(personmerge_id=merge.pk, face_id=face) for face in faces]
    PersonMerge.faces.through.objects.bulk_create(links, batch_size=BATCH)
    return merge


@transaction.atomic
def undo_merge(*, merge: PersonMerge, by: User) -> Person:
    """Restores the merged person, with its name and those of its faces that the other person still has.

    Raises `DecisionRefused` when the merge was undone before, or when none of the faces is left.
    """
    owner = lock_library(merge.owner_id)
    if not PersonMerge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=timezone.now(), undone_by=by):
        raise DecisionRefused("This merge has been undone already.")
    holder = holder_of(merge.into_id)
    assigned = FaceAssignment.objects.filter(owner=owner, person=holder)
    merged = PersonMerge.faces.through.objects.filter(personmerge=merge.pk).values("face_id")
    faces = list(assigned.filter(face__in=merged).values_list("face_id", flat=True))
    if not faces:
        raise DecisionRefused("None of the faces of this person exists any more.")
    person = Person.objects.create(id=merge.person_id, owner=owner, name=merge.name, hidden=merge.hidden)
    staying = list(assigned.exclude(face__in=merged).values_list("face_id", flat=True))
    _assign_pinned(owner, dict.fromkeys(faces, person.pk) | dict.fromkeys(staying, holder))
    if merge.gave_name:
        Person.objects.filter(pk=holder, name=merge.name).update(name="", updated_at=timezone.now())
    delete_empty_people([owner.pk])
    update_links(owner, [person.pk, holder])
    person.refresh_from_db()
    return person


@transaction.atomic
def split_person(*, person: Person, face_ids: Collection[UUID], by: User) -> FaceMove:
    """Creates a new person (the result's `to_id`) with some of the person's faces. Raises `DecisionRefused`."""
    owner = lock_library(person.owner_id)
    going, staying = _divide_faces(owner, person, face_ids)
    new = Person.objects.create(owner=owner)
    _assign_pinned(owner, dict.fromkeys(going, new.pk) | dict.fromkeys(staying, person.pk))
    return _record_move(FaceMove.Kind.SPLIT, person, going, new, by)


@transaction.atomic
def move_faces(*, person: Person, face_ids: Collection[UUID], to: Person, by: User) -> FaceMove:
    """Assigns some of the person's faces to another person of the library. Raises `DecisionRefused`."""
    if to.owner_id != person.owner_id:
        raise DecisionRefused("Faces cannot be moved to another library.")
    if to.pk == person.pk:
        raise DecisionRefused("This person has these faces already.")
    owner = lock_library(person.owner_id)
    _require_existing(owner, [to])
    going, staying = _divide_faces(owner, person, face_ids)
    _assign_pinned(owner, dict.fromkeys([*going, *_face_ids(to)], to.pk) | dict.fromkeys(staying, person.pk))
    return _record_move(FaceMove.Kind.MOVE, person, going, to, by)


def _record_move(kind: FaceMove.Kind, person: Person, faces: list[UUID], to: Person, by: User) -> FaceMove:
    move = FaceMove.objects.create(owner_id=person.owner_id, kind=kind, person_id=person.pk, to_id=to.pk, by=by)
    links = [FaceMove.faces.through(facemove_id=move.pk, face_id=face) for face in faces]
    FaceMove.faces.through.objects.bulk_create(links, batch_size=BATCH)
    return move


@transaction.atomic
def undo_move(*, move: FaceMove, by: User) -> Person:
    """Gives the faces back that the other person still has, and returns the person whose they are again.

    A split-off person without other faces is gone then. Raises `DecisionRefused` when it was undone before, when
    the two people are one by now, or when none of the faces is left.
    """
    owner = lock_library(move.owner_id)
    if not FaceMove.objects.filter(pk=move.pk, undone_at=None).update(undone_at=timezone.now(), undone_by=by):
        raise DecisionRefused("This has been undone already.")
    before, now = holder_of(move.person_id), holder_of(move.to_id)
    if before == now:
        raise DecisionRefused("These two people have been merged: undo that instead.")
    moved = FaceMove.faces.through.objects.filter(facemove=move.pk).values("face_id")
    assigned = FaceAssignment.objects.filter(owner=owner, person=now, face__in=moved)
    faces = list(assigned.values_list("face_id", flat=True))
    if not faces:
        raise DecisionRefused("The other person has none of these faces any more.")
    person, _ = Person.objects.get_or_create(pk=before, defaults={"owner": owner})
    staying = set(_face_ids(Person(pk=now))).difference(faces)
    _assign_pinned(owner, dict.fromkeys([*faces, *_face_ids(person)], before) | dict.fromkeys(staying, now))
    delete_empty_people([owner.pk])
    return person


def _divide_faces(owner: User, person: Person, face_ids: Collection[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Returns which of the person's faces go and which stay. Refuses to move none, all, or somebody else's."""
    _require_existing(owner, [person])
    chosen, all_faces = set(face_ids), _face_ids(person)
    going = [face for face in all_faces if face in chosen]
    if not going:
        raise DecisionRefused("This person has none of these faces.")
    if len(going) < len(chosen):
        raise DecisionRefused("Some of these faces are not this person's.")
    if len(going) == len(all_faces):
        raise DecisionRefused("These are all faces of this person: merge them with another instead.")
    return going, [face for face in all_faces if face not in chosen]


def rename_person(*, person: Person, name: str) -> None:
    """Sets the person's name; an empty one removes it."""
    person.name = name.strip()
    person.save(update_fields=["name", "updated_at"])


def set_hidden(*, people: QuerySet[Person], hidden: bool) -> int:
    """Hides the people from clients, or shows them again; returns how many were changed."""
    return people.exclude(hidden=hidden).update(hidden=hidden, updated_at=timezone.now())


def _require_existing(owner: User, people: list[Person]) -> dict[UUID, Person]:
    """Returns the people as they are now. Raises `DecisionRefused` when one of them was deleted."""
    existing = Person.objects.filter(owner=owner).in_bulk([person.pk for person in people])
    if len(existing) < len({person.pk for person in people}):
        raise DecisionRefused("One of these people does not exist any more.")
    return existing


def _face_ids(person: Person) -> list[UUID]:
    return list(FaceAssignment.objects.filter(person=person).order_by("face_id").values_list("face_id", flat=True))


def _assign_pinned(owner: User, person_of: Mapping[UUID, UUID]) -> None:
    """Assigns each face to its person, pinned. The rows are new, so that a clustering that is running notices."""
    for faces in batched(person_of):
        FaceAssignment.objects.filter(owner=owner, face__in=faces).delete()
    rows = [
        FaceAssignment(owner=owner, face_id=face, person_id=person, pinned=True)
        for face, person in person_of.items()
    ]
    FaceAssignment.objects.bulk_create(rows, batch_size=BATCH)
    note_people_changed(owner_id=owner.pk, people=person_of.values())
