"""Regroups all faces of a library by a full clustering; `joining` assigns new faces at once.

Both decide on what they have read, and save only if no other process has written meanwhile. Both respect what an
operator has decided (`FaceAssignment.pinned`).
"""

import logging
from collections.abc import Callable, Collection, Hashable, Mapping
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Count, Max
from numpy.typing import NDArray

from accounts.models import User
from core.batching import BATCH, batched
from faces.engine import Limits
from faces.engine.clustering import ALONE, UNKNOWN, cluster_faces
from faces.engine.identities import keep_identities
from faces.library_selectors import LibraryFaces, faces_in_library
from faces.models import EmbeddingSpace, Face, FaceAssignment, Look, Person
from faces.services.looks import note_people_changed, repair_looks
from photos.models import Photo

logger = logging.getLogger(__name__)

TRIES = 5

# {face: its person's id, None for no person, or any other key: all faces with the same key are one new person}
Decision = Mapping[UUID, Hashable | None]


def save_embedding_space(*, engine: str, limits: Limits) -> None:
    """Stores the engine's limits, so that other processes can compare its embeddings."""
    names = ("threshold", "cluster_cut", "min_score", "min_quality")
    values = {name: getattr(limits, name) for name in names}
    if not EmbeddingSpace.objects.filter(engine=engine, **values).exists():
        EmbeddingSpace.objects.update_or_create(engine=engine, defaults=values)


def recluster(*, owner: User) -> bool:
    """Clusters all faces of the owner's library anew; a person who keeps most of their faces keeps id and name.

    A person who was confirmed to be a user counts as named, also without a name.
    Returns False when other processes kept writing to the library: then its people are unchanged.
    """
    named = set(Person.objects.filter(owner=owner).exclude(name="", user=None).values_list("pk", flat=True))

    def decide(faces: LibraryFaces, cut: float) -> Decision:
        if not faces.ids:
            return {}
        pinned = {row: person for row, person in enumerate(faces.people) if person and faces.pinned[row]}
        people = np.full(len(faces.ids), UNKNOWN, np.int64)
        people[list(pinned)] = _numbered(list(pinned.values()))
        clusters = cluster_faces(faces.embeddings, faces.photos, cut, people).tolist()
        after = keep_identities(clusters, faces.people, named, ALONE, faces.pinned)
        decided = zip(faces.ids, faces.people, after, strict=True)
        return {face: person for face, before, person in decided if person != before}

    saved = _decide_and_save(owner, EmbeddingSpace.objects.all(), decide)
    repair_looks(owner=owner)
    return saved


def _numbered(people: list[UUID]) -> NDArray[np.int64]:
    """Returns the people as numbers from 0 on, in the order in which they first appear."""
    number_of = {person: number for number, person in enumerate(dict.fromkeys(people))}
    return np.array([number_of[person] for person in people], np.int64)


def _decide_and_save(
    owner: User, spaces: Collection[EmbeddingSpace], decide: Callable[[LibraryFaces, float], Decision]
) -> bool:
    """Decides for each engine's faces, and again when they have changed; returns False when that never ended."""
    all_saved = True
    for space in spaces:
        for _ in range(TRIES):
            version = _version(owner)
            decision = decide(faces_in_library(owner, space), space.cut)
            if not decision or _save(owner, decision, version):
                break
        else:
            all_saved = False
            logger.warning("Faces of user %s wait: other processes kept writing to the library.", owner.pk)
    return all_saved


def _version(owner: User) -> tuple[int, int | None]:
    """Changes with every assignment that is created or deleted; a changed one is a new row."""
    numbers = FaceAssignment.objects.filter(owner=owner).aggregate(count=Count("pk"), last=Max("pk"))
    return numbers["count"], numbers["last"]


@transaction.atomic
def _save(owner: User, decision: Decision, version: tuple[int, int | None]) -> bool:
    """Saves the decision, unless the library has changed since that version; returns whether it did."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if _version(owner) != version:
        return False
    existing = {  # without those that were erased meanwhile
        pk for batch in batched(decision) for pk in Face.objects.filter(pk__in=batch).values_list("pk", flat=True)
    }
    decision = {face: person for face, person in decision.items() if face in existing}
    new_keys = {person for person in decision.values() if not isinstance(person, UUID | None)}
    new_people = {key: Person(owner=owner) for key in new_keys}
    Person.objects.bulk_create(new_people.values(), batch_size=BATCH)
    assigned = FaceAssignment.objects.filter(owner=owner)
    before = {
        person
        for batch in batched(existing)
        for person in assigned.filter(face__in=batch).values_list("person", flat=True)
    }
    deleted = sum(assigned.filter(face__in=batch).delete()[0] for batch in batched(existing))
    assignments = [
        FaceAssignment(
            owner=owner, face_id=face, person_id=person if isinstance(person, UUID) else new_people[person].pk
        )
        for face, person in decision.items()
        if person is not None
    ]
    FaceAssignment.objects.bulk_create(assignments, batch_size=BATCH)
    note_people_changed(owner_id=owner.pk, people=before.union(row.person_id for row in assignments))
    if deleted:
        delete_empty_people([owner.pk])
    return True


@transaction.atomic
def remove_lost_faces(*, owner_ids: Collection[UUID]) -> None:
    """Deletes assignments of faces whose picture has left the library, and the people who lose their last face."""
    for owner_id in owner_ids:
        present = Photo.objects.filter(owner=owner_id).values("original_id")
        lost = FaceAssignment.objects.filter(owner=owner_id).exclude(face__original__in=present)
        people = set(lost.values_list("person", flat=True))
        lost.delete()
        Look.objects.filter(owner=owner_id).exclude(face=None).exclude(face__original__in=present).delete()
        note_people_changed(owner_id=owner_id, people=people)
    delete_empty_people(owner_ids)


def delete_empty_people(owner_ids: Collection[UUID]) -> None:
    """Deletes the people of these libraries who have no face."""
    Person.objects.filter(owner__in=owner_ids, assignments=None).delete()
