"""What operators decide about the people of a library: merging, undoing that, splitting, moving, naming, hiding.

A decision pins the faces of the people it is about: clustering leaves them where they are, and goes by them.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.batching import BATCH, batched
from faces.models import FaceAssignment, Person, PersonMerge
from faces.services.people import forget_empty_people


class DecisionRefused(Exception):
    """The decision cannot be carried out; the argument says why, for operators to read."""


@transaction.atomic
def merge_people(*, people: Collection[Person], into: Person, by: User) -> list[PersonMerge]:
    """All faces of the people are from now on those of one of them, or of another; the others go.

    Raises `DecisionRefused` for people of different libraries, and those that have gone meanwhile.
    """
    others = [person for person in people if person.pk != into.pk]
    if any(person.owner_id != into.owner_id for person in others):
        raise DecisionRefused("People of different libraries cannot be merged.")
    if not others:
        raise DecisionRefused("There is nobody to merge with.")
    owner = _lock(into.owner_id)
    present = _present(owner, [into, *others])
    faces_of = {person.pk: _faces_of(person) for person in present.values()}
    merges = [_note_merge(present[person.pk], into, faces_of[person.pk], by) for person in others]
    _pin(owner, {face: into.pk for faces in faces_of.values() for face in faces})
    Person.objects.filter(pk__in=[person.pk for person in others]).delete()
    return merges


def _note_merge(person: Person, into: Person, faces: list[UUID], by: User) -> PersonMerge:
    merge = PersonMerge.objects.create(
        owner_id=person.owner_id,
        person_id=person.pk,
        name=person.name,
        hidden=person.hidden,
        into_id=into.pk,
        by=by,
    )
    links = [PersonMerge.faces.through(personmerge_id=merge.pk, face_id=face) for face in faces]
    PersonMerge.faces.through.objects.bulk_create(links, batch_size=BATCH)
    return merge


@transaction.atomic
def undo_merge(*, merge: PersonMerge, by: User) -> Person:
    """Brings the person back, with those of its faces that are still with whom it was merged into.

    Raises `DecisionRefused` when that has been done, or when none of the faces is there any more.
    """
    owner = _lock(merge.owner_id)
    if not PersonMerge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=timezone.now(), undone_by=by):
        raise DecisionRefused("This merge has been undone already.")
    holder = _heir(merge)
    theirs = FaceAssignment.objects.filter(owner=owner, person=holder)
    merged = PersonMerge.faces.through.objects.filter(personmerge=merge.pk).values("face_id")
    faces = list(theirs.filter(face__in=merged).values_list("face_id", flat=True))
    if not faces:
        raise DecisionRefused("None of the faces of this person is there any more.")
    person = Person.objects.create(id=merge.person_id, owner=owner, name=merge.name, hidden=merge.hidden)
    staying = list(theirs.exclude(face__in=merged).values_list("face_id", flat=True))
    _pin(owner, dict.fromkeys(faces, person.pk) | dict.fromkeys(staying, holder))
    forget_empty_people([owner.pk])
    return person


def _heir(merge: PersonMerge) -> UUID:
    """Who has the faces now: the one merged into may have been merged on."""
    holder = merge.into_id
    while further := PersonMerge.objects.filter(person_id=holder, undone_at=None).first():
        holder = further.into_id
    return holder


@transaction.atomic
def split_person(*, person: Person, face_ids: Collection[UUID]) -> Person:
    """Makes a new person, who is returned, of some of the person's faces. Raises `DecisionRefused`."""
    owner = _lock(person.owner_id)
    faces, staying = _divided(owner, person, face_ids)
    new = Person.objects.create(owner=owner)
    _pin(owner, dict.fromkeys(faces, new.pk) | dict.fromkeys(staying, person.pk))
    return new


@transaction.atomic
def move_faces(*, person: Person, face_ids: Collection[UUID], to: Person) -> int:
    """Gives some of the person's faces to another, and says how many. Raises `DecisionRefused`."""
    if to.owner_id != person.owner_id:
        raise DecisionRefused("Faces cannot be moved to another library.")
    if to.pk == person.pk:
        raise DecisionRefused("The faces are with this person already.")
    owner = _lock(person.owner_id)
    _present(owner, [to])
    faces, staying = _divided(owner, person, face_ids)
    theirs = _faces_of(to)
    _pin(owner, dict.fromkeys([*faces, *theirs], to.pk) | dict.fromkeys(staying, person.pk))
    return len(faces)


def _divided(owner: User, person: Person, face_ids: Collection[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Which of the faces go and which stay: some of each."""
    _present(owner, [person])
    chosen, all_faces = set(face_ids), _faces_of(person)
    going = [face for face in all_faces if face in chosen]
    if not going:
        raise DecisionRefused("None of the faces is with this person.")
    if len(going) == len(all_faces):
        raise DecisionRefused("These are all faces of this person: merge them with another instead.")
    return going, [face for face in all_faces if face not in chosen]


def rename_person(*, person: Person, name: str) -> None:
    """An empty name takes it back."""
    person.name = name.strip()
    person.save(update_fields=["name", "updated_at"])


def set_hidden(*, people: QuerySet[Person], hidden: bool) -> int:
    """Hides the people from everybody, or shows them again; says how many have changed."""
    return people.exclude(hidden=hidden).update(hidden=hidden, updated_at=timezone.now())


def _lock(owner_id: UUID) -> User:
    """One who writes a library's people at a time; the clustering does the same."""
    return User.objects.select_for_update(no_key=True).get(pk=owner_id)


def _present(owner: User, people: list[Person]) -> dict[UUID, Person]:
    present = Person.objects.filter(owner=owner).in_bulk([person.pk for person in people])
    if len(present) < len({person.pk for person in people}):
        raise DecisionRefused("One of these people is not there any more.")
    return present


def _faces_of(person: Person) -> list[UUID]:
    return list(FaceAssignment.objects.filter(person=person).order_by("face_id").values_list("face_id", flat=True))


def _pin(owner: User, decided: Mapping[UUID, UUID]) -> None:
    """The faces are these people's: made anew, so that a clustering that is going on notices."""
    for faces in batched(decided):
        FaceAssignment.objects.filter(owner=owner, face__in=faces).delete()
    rows = [
        FaceAssignment(owner=owner, face_id=face, person_id=person, pinned=True)
        for face, person in decided.items()
    ]
    FaceAssignment.objects.bulk_create(rows, batch_size=BATCH)
