"""Reads the people of a library for whoever looks at them: pages of people, of a person's faces, of decisions.

Each function costs a constant number of queries. What lies in the trash shows nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from accounts.models import User
from faces.models import FaceAssignment, FaceMove, Person, PersonMerge
from faces.suggestions import suggested_users
from photos.models import Photo, PhotoQuerySet, Rendition

MAX_PEOPLE = 100
MAX_FACES = 500
MAX_DECISIONS = 100
COVER = Rendition.Kind.MEDIUM
MERGE = "merge"


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """A face on a photo of the library: its box, and the size of the picture, in pixels of the upright original.

    `has_picture` tells whether the photo's `COVER` rendition has been made.
    """

    id: UUID
    photo_id: UUID
    x: int
    y: int
    width: int
    height: int
    picture_width: int | None
    picture_height: int | None
    has_picture: bool


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """A person of the library, with their best face; `suggestion` is the user who they may be, if there is one."""

    id: UUID
    name: str
    hidden: bool
    user_id: UUID | None
    number_of_faces: int
    cover: FaceSeen | None
    suggestion: User | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People, oldest first; `next_after` begins the next page."""

    people: list[PersonSeen]
    next_after: UUID | None


@dataclass(frozen=True, slots=True)
class FacesPage:
    """Faces of a person, oldest first; `next_after` begins the next page."""

    faces: list[FaceSeen]
    next_after: UUID | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that can be undone: `person_id` was merged into `other_id`, or gave faces to it."""

    id: UUID
    kind: str
    person_id: UUID
    other_id: UUID
    name: str
    number_of_faces: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionsPage:
    """Decisions that stand, latest first; `next_before` begins the next page."""

    decisions: list[Decision]
    next_before: UUID | None


def _assigned(owner: User | UUID) -> QuerySet[FaceAssignment]:
    """Returns the assignments of faces on the library's photos, without those in the trash."""
    alive = Photo.objects.alive().filter(owner=owner, original=OuterRef("face__original"))
    return FaceAssignment.objects.filter(Exists(alive), owner=owner)


def people_in_library(owner: User) -> QuerySet[Person]:
    """Returns the people whom the library's photos show, each with `number_of_faces` and `cover_face` (its id)."""
    assigned = _assigned(owner).filter(person=OuterRef("pk")).order_by()
    number = assigned.values("person").annotate(number=Count("pk")).values("number")
    best = assigned.order_by(F("face__quality").desc(nulls_last=True), "-face__score", "pk").values("face")[:1]
    people = Person.objects.filter(owner=owner).annotate(
        number_of_faces=Coalesce(Subquery(number), 0), cover_face=Subquery(best, UUIDField())
    )
    return people.filter(number_of_faces__gt=0)


def people_page(
    owner: User, *, hidden: bool | None = False, after: UUID | None = None, limit: int = MAX_PEOPLE
) -> PeoplePage:
    """Returns the people who are hidden or not, or both with None, from the one after `after` on."""
    people = people_in_library(owner).order_by("pk")
    if hidden is not None:
        people = people.filter(hidden=hidden)
    found = list((people.filter(pk__gt=after) if after else people)[: limit + 1])
    page = found[:limit]
    return PeoplePage(people_seen(owner, page), page[-1].pk if len(found) > limit else None)


def people_on(owner: User, photos: PhotoQuerySet, *, limit: int) -> list[PersonSeen]:
    """Returns the library's people, without hidden ones, whom some of the photos show; most frequent first."""
    shown = Person.objects.filter(owner=owner, assignments__face__original__in=photos.values("original"))
    people = people_in_library(owner).filter(hidden=False, pk__in=shown.values("pk"))
    return people_seen(owner, list(people.order_by(F("number_of_faces").desc(), "pk")[:limit]))


def person_alone(owner: User, person_id: UUID) -> PersonSeen:
    """Returns the person. Raises `Person.DoesNotExist` for one whom no photo of the library shows."""
    return people_seen(owner, [people_in_library(owner).get(pk=person_id)])[0]


def people_seen(owner: User, people: Sequence[Person]) -> list[PersonSeen]:
    """Returns the people, rows of `people_in_library`, with their covers and suggestions."""
    covers = _faces_seen(owner, [person.cover_face for person in people])  # type: ignore[attr-defined]  # annotated
    suggested = suggested_users(owner, people)
    return [
        PersonSeen(
            id=person.pk,
            name=person.name,
            hidden=person.hidden,
            user_id=person.user_id,
            number_of_faces=person.number_of_faces,  # type: ignore[attr-defined]  # annotated
            cover=covers.get(person.cover_face),  # type: ignore[attr-defined]  # annotated
            suggestion=suggested.get(person.pk),
            created_at=person.created_at,
            updated_at=person.updated_at,
        )
        for person in people
    ]


def faces_page(person: Person, *, after: UUID | None = None, limit: int = MAX_FACES) -> FacesPage:
    """Returns the person's faces on photos of the library, from the one after `after` on."""
    assigned = _assigned(person.owner_id).filter(person=person).order_by("face_id")
    ids = assigned.values_list("face_id", flat=True)
    found = list((ids.filter(face_id__gt=after) if after else ids)[: limit + 1])
    seen = _faces_seen(person.owner_id, found[:limit])
    return FacesPage(
        [seen[face] for face in found[:limit] if face in seen], found[limit - 1] if len(found) > limit else None
    )


def _faces_seen(owner: User | UUID, face_ids: Collection[UUID]) -> Mapping[UUID, FaceSeen]:
    """Returns the faces by their ids, each on the newest photo of the library that shows it."""
    rendition = Rendition.objects.filter(original=OuterRef("original"), kind=COVER)
    photos = Photo.objects.alive().filter(owner=owner, original__faces__in=face_ids).order_by("pk")
    rows = photos.annotate(has_picture=Exists(rendition)).values_list(
        *("original__faces", "pk", "original__faces__x", "original__faces__y", "original__faces__width"),
        *("original__faces__height", "original__width", "original__height", "has_picture"),
    )
    return {row[0]: FaceSeen(*row) for row in rows}


def decisions_page(owner: User, *, before: UUID | None = None, limit: int = MAX_DECISIONS) -> DecisionsPage:
    """Returns the decisions about the library's people that can be undone, from the one before `before` on."""
    found = [
        decision for kind in (PersonMerge, FaceMove) for decision in _decisions(kind, owner, before, limit + 1)
    ]
    found.sort(key=lambda decision: decision.id, reverse=True)
    return DecisionsPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def _decisions(
    model: type[PersonMerge] | type[FaceMove], owner: User, before: UUID | None, limit: int
) -> list[Decision]:
    rows = model._default_manager.filter(owner=owner, undone_at=None)
    rows = (rows.filter(pk__lt=before) if before else rows).annotate(number=Count("faces")).order_by("-pk")
    return [
        Decision(
            id=row.pk,
            kind=row.kind if isinstance(row, FaceMove) else MERGE,
            person_id=row.person_id,
            other_id=row.to_id if isinstance(row, FaceMove) else row.into_id,
            name="" if isinstance(row, FaceMove) else row.name,
            number_of_faces=row.number,
            created_at=row.created_at,
        )
        for row in rows[:limit]
    ]
