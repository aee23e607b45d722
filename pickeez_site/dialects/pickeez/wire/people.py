"""The people of a library: what is shown of them, and what is decided about them."""

from typing import Annotated, Self

from faces.models import FaceMove
from faces.people_selectors import COVER, MAX_FACES, MERGE, Decision, FaceSeen, PersonSeen
from pickeez_site.dialects.pickeez.wire.base import Person, PickeezWire, Pixels
from pickeez_site.dialects.pickeez.wire.requests import ONE_LINE_OR_NONE
from pickeez_site.dialects.wire import Count, Id, SentId, Time, Url, from_attributes
from pickeez_site.dialects.wire.types import rules
from pickeez_site.serving.media import MediaPaths

MAX_MERGED = 50
MAX_NAME = 200
After = Annotated[Id | None, rules("`next_after` of the answer before.")]
NextAfter = Annotated[Id | None, rules("Ask with this `after` for more; null when there is no more.")]
FromEdge = Annotated[int, rules("Pixels.", ge=0)]
PersonName = Annotated[str, rules("One line; empty takes it back.", max_length=MAX_NAME, pattern=ONE_LINE_OR_NONE)]
MergedPeople = Annotated[
    list[SentId],
    rules(
        "Whom to merge into the person; they are gone until this is undone.",
        allowed=f"a list of 1 to {MAX_MERGED} ids of people",
        min_length=1,
        max_length=MAX_MERGED,
    ),
]
SomeFaces = Annotated[
    list[SentId],
    rules(
        "Some of the person's faces, not all.",
        allowed=f"a list of 1 to {MAX_FACES} ids of faces",
        min_length=1,
        max_length=MAX_FACES,
    ),
]


class Box(PickeezWire):
    """Pixels of the upright picture."""

    x: FromEdge
    y: FromEdge
    width: Pixels
    height: Pixels


class FaceOnPhoto(PickeezWire):
    id: Id
    photo_id: Annotated[Id, rules("The newest of the caller's photos that it is on.")]
    rectangle: Box
    picture_width: Annotated[Pixels | None, rules("Of the upright picture; `url` has a smaller one.")]
    picture_height: Pixels | None
    url: Annotated[Url | None, rules(f"The photo's `{COVER}` rendition, uncropped; null until it is made.")]

    @classmethod
    def of(cls, face: FaceSeen, media: MediaPaths) -> Self:
        url = media.rendition(face.photo_id, COVER) if face.has_picture else None
        return from_attributes(cls, face, rectangle=from_attributes(Box, face), url=url)


class PersonInLibrary(PickeezWire):
    """Somebody whom several of the caller's photos show."""

    id: Id
    name: str | None
    hidden: bool
    faces: Annotated[Count, rules("On the caller's photos.", source="number_of_faces")]
    cover: Annotated[FaceOnPhoto | None, rules("Their best face.")]
    user_id: Annotated[Id | None, rules("The user who this was confirmed to be.")]
    suggestion: Annotated[
        Person | None,
        rules("Who this may be, by a selfie of the caller or of somebody who shares an album with them."),
    ]
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, person: PersonSeen, media: MediaPaths) -> Self:
        cover = FaceOnPhoto.of(person.cover, media) if person.cover else None
        suggestion = from_attributes(Person, person.suggestion) if person.suggestion else None
        return from_attributes(cls, person, cover=cover, suggestion=suggestion)


class People(PickeezWire):
    people: list[PersonInLibrary]
    next_after: NextAfter


class PersonWithFaces(PickeezWire):
    person: PersonInLibrary
    faces: list[FaceOnPhoto]
    next_after: NextAfter


class PersonChanged(PickeezWire):
    person: PersonInLibrary
    changes: Annotated[list[Id], rules("What undoes it: ids for `/people/changes/ID/undo`.")]


class PeopleChange(PickeezWire):
    """A decision that can be undone."""

    id: Id
    kind: Annotated[str, rules(schema={"enum": [MERGE, *FaceMove.Kind.values]})]
    person_id: Annotated[Id, rules("Who was merged, or had the faces.")]
    other_id: Annotated[Id, rules("Whom they were merged into, or who got the faces.")]
    name: Annotated[str | None, rules("The merged person's.")]
    faces: Annotated[Count, rules(source="number_of_faces")]
    created_at: Time

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return from_attributes(cls, decision)


class PeopleChanges(PickeezWire):
    changes: list[PeopleChange]
    next_before: Annotated[Id | None, rules("Ask with this `before` for more; null when there is no more.")]
