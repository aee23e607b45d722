"""Assigns the faces that wait in a library to people. Each is compared only with the looks that are near it."""

import logging
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from accounts.models import User
from core.batching import BATCH, batched
from faces.engine.joining import Joining
from faces.index import Queries, get_index
from faces.models import (
    EmbeddingSpace,
    Face,
    FaceAssignment,
    FaceLibrary,
    Look,
    PendingAssignment,
    Person,
    embedding_array,
    embedding_bytes,
    recognisable,
)
from faces.services.looks import library_version, lock_library, look_of_face, update_looks
from photos.models import Photo

logger = logging.getLogger(__name__)

TRIES = 5
ORIGINALS_AT_ONCE = 200


def assign_new_faces(*, owner: User) -> bool:
    """Assigns all waiting faces of the library to people; returns False when other processes kept writing to it.

    Faces without a person may join people together with them; no other face is changed. What it has assigned stays
    when it is stopped.
    """
    all_saved = True
    for batch in batched(_waiting_originals(owner), ORIGINALS_AT_ONCE):
        for space in EmbeddingSpace.objects.all():
            for _ in range(TRIES):
                update_looks(owner=owner)
                version = library_version(owner.pk)
                neighbourhood = _decide(owner, space, batch)
                if neighbourhood is None or _save(neighbourhood, version):
                    break
            else:
                all_saved = False
                logger.warning("Faces of user %s wait: other processes kept writing to the library.", owner.pk)
    return all_saved


def _waiting_originals(owner: User) -> list[UUID]:
    found = list[UUID]()
    for batch in batched(PendingAssignment.objects.order_by("pk").values_list("pk", flat=True)):
        found += _originals_in_library(owner, batch)
    return found


def _originals_in_library(owner: User, original_ids: Collection[UUID]) -> list[UUID]:
    """Returns those of the originals that are in the library, by reading the photos of the originals only.

    Asked for both, a database may read all photos of the library instead.
    """
    photos = Photo.objects.alive().filter(original__in=original_ids)
    return list(dict.fromkeys(pk for pk, of in photos.values_list("original_id", "owner_id") if of == owner.pk))


@dataclass
class _Neighbourhood:
    """The waiting faces of some originals, what is near them, and what has joined what."""

    owner: User
    space: EmbeddingSpace
    joining: Joining
    faces: list[UUID] = field(default_factory=list)  # by row
    look_of_face: dict[UUID, Look] = field(default_factory=dict)  # of the faces that have one
    looks: list[Look] = field(default_factory=list)  # of people
    new: int = 0  # the number of waiting faces; they come first
    _numbers: dict[Hashable, int] = field(default_factory=dict)  # of photos and people

    def add_faces(self, rows: Collection[tuple[UUID, UUID, NDArray[np.float32]]]) -> None:
        """Adds faces (id, original, embedding), and notes who is on their originals."""
        if not rows:
            return
        originals = {original for _, original, _ in rows}
        self.faces += [face for face, _, _ in rows]
        self.joining.add_faces(np.stack([row[2] for row in rows]), [self._number(row[1]) for row in rows])
        for batch in batched(originals):
            # Not filtered by owner: see `_originals_in_library`.
            assigned = FaceAssignment.objects.filter(face__original__in=batch)
            for owner_id, original, person in assigned.values_list("owner_id", "face__original_id", "person_id"):
                if owner_id == self.owner.pk:
                    self.joining.add_people_on_photo(self._number(original), [self._number(person)])

    def add_near(self, queries: Queries, *, only_people: bool = False) -> None:
        """Adds the looks of people, and the faces that are nobody's, that are near and not here yet."""
        found = get_index().near(self.owner.pk, self.space.engine, queries, self.space.cut)
        here = {look.pk for look in self.looks}
        looks = [look for look in found if look.person_id and look.pk not in here]
        if looks:
            self.looks += looks
            self.joining.add_looks(
                np.stack([embedding_array(look.mean) for look in looks]),
                np.array([look.square for look in looks], np.float32),
                np.array([look.faces for look in looks], np.int64),
                np.array([self._number(look.person_id) for look in looks], np.int64),
            )
        if only_people:
            return
        known = set(self.faces)
        of_faces = {look.face_id: look for look in found if look.face_id and look.face_id not in known}
        present = dict[UUID, UUID]()
        assigned = FaceAssignment.objects.filter(face=OuterRef("pk"), owner=self.owner)
        for batch in batched(of_faces):
            faces = Face.objects.filter(~Exists(assigned), recognisable(self.space), pk__in=batch)
            present.update(faces.values_list("pk", "original_id"))
        visible = set[UUID]()
        for batch in batched(set(present.values())):
            visible.update(_originals_in_library(self.owner, batch))
        kept = sorted(face for face, original in present.items() if original in visible)
        self.look_of_face.update({face: of_faces[face] for face in kept})
        self.add_faces([(face, present[face], embedding_array(of_faces[face].mean)) for face in kept])

    def place(self) -> None:
        """Places the waiting faces, and then the faces that are near what has become of people."""
        self.add_near(Queries.of_faces(self.joining.faces))
        self.joining.place(range(self.new))
        founded = len(self.joining.means) - len(self.looks)
        self.looks += [Look(owner=self.owner, engine=self.space.engine) for _ in range(founded)]
        grown = self.joining.grown
        if not grown:
            return
        before = len(self.faces)
        self.add_near(Queries(self.joining.means[grown], self.joining.squares[grown]))
        if len(self.faces) > before:
            self.add_near(Queries.of_faces(self.joining.faces[before:]), only_people=True)
        self.joining.join_faces_without_person()

    def changed_looks(self) -> list[Look]:
        """Returns the looks that faces have joined, as they are now, and new ones of faces that are nobody's."""
        changed = []
        for number in self.joining.grown:
            look = self.looks[number]
            look.mean = embedding_bytes(self.joining.means[number])
            look.square, look.faces = float(self.joining.squares[number]), int(self.joining.counts[number])
            changed.append(look)
        for row in range(self.new):
            if row not in self.joining.joined and self.faces[row] not in self.look_of_face:
                face = self.joining.faces[row]
                changed.append(look_of_face(self.owner, self.space.engine, self.faces[row], face))
        return changed

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _decide(owner: User, space: EmbeddingSpace, original_ids: Collection[UUID]) -> _Neighbourhood | None:
    """Returns what becomes of the waiting faces on these originals; None when there are none."""
    assigned = FaceAssignment.objects.filter(face=OuterRef("pk"), owner=owner)
    waiting = Face.objects.filter(
        ~Exists(assigned), recognisable(space), original__in=original_ids, engine=space.engine
    ).order_by("pk")
    rows = [
        (face, original, embedding_array(embedding))
        for face, original, embedding in waiting.values_list("pk", "original_id", "embedding")
    ]
    if not rows:
        return None
    found = _Neighbourhood(owner, space, Joining(len(rows[0][2]), space.cut), new=len(rows))
    found.add_faces(rows)
    faces = [face for face, _, _ in rows]
    for batch in batched(faces):
        for look in Look.objects.filter(owner=owner, face__in=batch):
            if look.face_id:
                found.look_of_face[look.face_id] = look
    found.place()
    return found


@transaction.atomic
def _save(decided: _Neighbourhood, version: int) -> bool:
    """Saves what was decided at that version of the library; returns False if it, or a face, has changed since."""
    owner, joined = decided.owner, decided.joining.joined
    changed = decided.changed_looks()
    if not changed:
        return True
    lock_library(owner.pk)
    faces = [decided.faces[row] for row in joined]
    for batch in batched(faces):  # a face that is being deleted is waited for
        if len(Face.objects.select_for_update(no_key=True).filter(pk__in=batch).values_list("pk")) < len(batch):
            return False
    if not FaceLibrary.objects.filter(pk=owner.pk, version=version).update(version=version + 1):
        return False
    founded = [decided.looks[number] for number in decided.joining.grown if not decided.looks[number].person_id]
    new_people = [Person(owner=owner) for _ in founded]
    Person.objects.bulk_create(new_people, batch_size=BATCH)
    for look, new in zip(founded, new_people, strict=True):
        look.person = new
    assignments = [
        FaceAssignment(owner=owner, face_id=decided.faces[row], person_id=person)
        for row, number in joined.items()
        if (person := decided.looks[number].person_id)
    ]
    FaceAssignment.objects.bulk_create(assignments, batch_size=BATCH)
    freed = [decided.look_of_face[face].pk for face in faces if face in decided.look_of_face]
    get_index().remove(freed, version=version + 1)
    get_index().add(changed, version=version + 1)
    return True
