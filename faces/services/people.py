"""Who is on the pictures of a library: new faces join people at once, a full clustering puts all in order.

Both decide on what they have read, and write only if nobody has written meanwhile. What an operator has decided
(`FaceAssignment.pinned`) they leave, and go by.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from functools import partial
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef
from numpy.typing import NDArray

from accounts.models import User
from core.batching import BATCH, batched
from faces.engine.clustering import ALONE, UNKNOWN, cluster_faces
from faces.engine.identities import keep_identities
from faces.engine.joining import NOBODY, join_people
from faces.library import Faces, faces_of
from faces.models import EmbeddingSpace, Face, FaceAssignment, PendingAssignment, Person
from photos.models import Photo

logger = logging.getLogger(__name__)

TRIES = 5

# Who each face is: a person's id, None for nobody, anything else for a new person of all faces with the same.
Decision = Mapping[UUID, Hashable | None]


def note_space(*, engine: str, threshold: float) -> None:
    """Lets other processes compare the embeddings of this engine."""
    EmbeddingSpace.objects.update_or_create(engine=engine, defaults={"threshold": threshold})


def give_faces(*, owner: User) -> bool:
    """Says who the faces that wait are, in this library; False when others kept on writing to it.

    Of all that wait there at once: to look at the library for each would take hours. Faces that nobody has been
    found for may join with them; no other one is touched.
    """
    waiting = PendingAssignment.objects.filter(original__photos__owner=owner).values("original")
    mine = FaceAssignment.objects.filter(owner=owner, face=OuterRef("pk"))
    engines = Face.objects.filter(~Exists(mine), original__in=waiting).values("engine")
    spaces = list(EmbeddingSpace.objects.filter(engine__in=engines))
    decide = partial(_joined, original_ids=set(waiting.values_list("original", flat=True)) if spaces else set())
    settled = [_settle(owner, space, partial(decide, threshold=space.threshold)) for space in spaces]
    return all(settled)


def recluster(*, owner: User) -> bool:
    """Clusters all faces of the owner's library anew; a person whose faces mostly stay keeps id and name.

    False when others kept on writing to it: then it is as it was.
    """
    named = set(Person.objects.filter(owner=owner).exclude(name="").values_list("pk", flat=True))
    decide = partial(_clustered, named=named)
    spaces = EmbeddingSpace.objects.all()
    settled = [_settle(owner, space, partial(decide, threshold=space.threshold)) for space in spaces]
    return all(settled)


def _joined(faces: Faces, *, original_ids: Collection[UUID], threshold: float) -> Decision:
    people, known = _looks(faces, threshold)
    new = [row for row, pk in enumerate(faces.originals) if pk in original_ids and people[row] == NOBODY]
    if not new:
        return {}
    whose = _numbers(known)
    joined = join_people(faces.embeddings, faces.photos, people, new, threshold, whose)
    return {faces.ids[row]: known[look] if look < len(known) else look for row, look in joined.items()}


def _looks(faces: Faces, threshold: float) -> tuple[NDArray[np.int64], list[UUID]]:
    """The number of the look that each face (n,) is one of, `NOBODY` for nobody's, and whose each look is.

    People have one look, but for those whom an operator has put together: a child and an adult, say, whose mean
    looks like neither.
    """
    rows_of: dict[UUID, list[int]] = defaultdict(list)
    for row, person in enumerate(faces.people):
        if person:
            rows_of[person].append(row)
    by_hand = {person for person, pin in zip(faces.people, faces.pinned, strict=True) if pin}
    looks, known, photos = np.full(len(faces.ids), NOBODY), list[UUID](), faces.photos
    for person, rows in rows_of.items():
        ways = np.zeros(len(rows), np.int64)
        if person in by_hand:
            ways = cluster_faces(faces.embeddings[rows], photos[rows], threshold)
            alone = np.flatnonzero(ways == ALONE)
            ways[alone] = ways.max() + 1 + np.arange(len(alone))
        looks[rows] = len(known) + ways
        known += [person] * (int(ways.max()) + 1)
    return looks, known


def _numbers(people: list[UUID]) -> NDArray[np.int64]:
    number_of = {person: number for number, person in enumerate(dict.fromkeys(people))}
    return np.array([number_of[person] for person in people], np.int64)


def _clustered(faces: Faces, *, named: Collection[UUID], threshold: float) -> Decision:
    if not faces.ids:
        return {}
    known = [person if pin else None for person, pin in zip(faces.people, faces.pinned, strict=True)]
    pinned = np.array([person is not None for person in known])
    people = np.full(len(known), UNKNOWN, np.int64)
    people[pinned] = _numbers([person for person in known if person])
    clusters = cluster_faces(faces.embeddings, faces.photos, threshold, people).tolist()
    after = keep_identities(clusters, faces.people, named, ALONE, faces.pinned)
    decided = zip(faces.ids, faces.people, after, strict=True)
    return {face: now for face, before, now in decided if before != now}


def _settle(owner: User, space: EmbeddingSpace, decide: Callable[[Faces], Decision]) -> bool:
    for _ in range(TRIES):
        version = _version(owner)
        decision = decide(faces_of(owner, space.engine))
        if not decision or _write(owner, decision, version):
            return True
    logger.warning("Faces of user %s wait: others kept on writing.", owner.pk)
    return False


def _version(owner: User) -> tuple[int, int | None]:
    """Changes with every assignment that is made or taken back; what changes is made anew."""
    numbers = FaceAssignment.objects.filter(owner=owner).aggregate(count=Count("pk"), last=Max("pk"))
    return numbers["count"], numbers["last"]


@transaction.atomic
def _write(owner: User, decision: Decision, version: tuple[int, int | None]) -> bool:
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if _version(owner) != version:
        return False
    faces = _existing_faces(list(decision))
    groups = {who for face, who in decision.items() if face in faces and not isinstance(who, UUID | None)}
    new = {who: Person(owner=owner) for who in groups}
    Person.objects.bulk_create(new.values(), batch_size=BATCH)
    assigned = FaceAssignment.objects.filter(owner=owner)
    taken_back = sum(assigned.filter(face__in=batch).delete()[0] for batch in batched(faces))
    assignments = [
        FaceAssignment(owner=owner, face_id=face, person_id=who if isinstance(who, UUID) else new[who].pk)
        for face, who in decision.items()
        if face in faces and who is not None
    ]
    FaceAssignment.objects.bulk_create(assignments, batch_size=BATCH)
    if taken_back:
        forget_empty_people([owner.pk])
    return True


def _existing_faces(ids: list[UUID]) -> set[UUID]:
    """Those that were not erased meanwhile."""
    return {pk for batch in batched(ids) for pk in Face.objects.filter(pk__in=batch).values_list("pk", flat=True)}


@transaction.atomic
def forget_lost_faces(*, owner_ids: Collection[UUID]) -> None:
    """Takes faces off people in whose library their picture is no longer, and people without a face."""
    for owner_id in owner_ids:
        placed = Photo.objects.filter(owner=owner_id).values("original_id")
        FaceAssignment.objects.filter(owner=owner_id).exclude(face__original__in=placed).delete()
    forget_empty_people(owner_ids)


def forget_empty_people(owner_ids: Collection[UUID]) -> None:
    """People without a face are no people."""
    Person.objects.filter(owner__in=owner_ids, assignments=None).delete()
