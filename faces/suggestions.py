"""Which user a person in a library may be: "Is this Barack?", asked of the library's owner.

The rule of privacy: a user is suggested in their own library, and in the libraries of those who share an album
with them now, and who see their name and number there anyway; nowhere else. It is applied whenever suggestions
are read, so that a user is suggested to nobody any more as soon as they share no album. So a stranger's selfies
tell nothing, and nobody learns from a library that is not theirs; the user is told of neither suggestion nor
answer.

The rule of likeness is the clustering's: a selfie is compared with a person's faces as if it were one of them.
Suggestions are made when they are read, and only the answers are stored (`Identification`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from numpy.typing import NDArray

from accounts.models import User
from albums.selectors import users_sharing_albums
from core.batching import batched
from faces.engine.clustering import cluster_faces
from faces.merge_selectors import merged_ids
from faces.models import (
    EmbeddingSpace,
    FaceAssignment,
    Identification,
    Person,
    Selfie,
    embedding_array,
    recognisable,
)
from photos.models import Photo

# A person's best faces, with which selfies are compared: more hardly change their mean.
FACES_COMPARED = 20

Floats = NDArray[np.float32]


def suggestible_users(owner: User) -> QuerySet[User]:
    """Returns the users who may be suggested, or confirmed, in this library: see the rule of privacy."""
    return users_sharing_albums(owner)


def suggested_users(owner: User, people: Collection[Person]) -> dict[UUID, User]:
    """Returns the user whom each person (by id) most resembles, if anybody; a constant number of queries.

    Only for people who are shown and are no user yet. Users whom an answer has refused are left out.
    """
    open_people = [person for person in people if not person.hidden and person.user_id is None]
    selfies = _selfies(owner) if open_people else {}
    spaces = list(EmbeddingSpace.objects.filter(engine__in=selfies.keys())) if selfies else []
    if not spaces:
        return {}
    faces = _faces_compared(owner, [person.pk for person in open_people], spaces)
    refused = _refused(owner, faces)
    nearest: dict[UUID, tuple[float, UUID]] = {}
    for person_id, rows in faces.items():
        for space in spaces:
            candidates = [one for one in selfies[space.engine] if one.user_id not in refused[person_id]]
            same_engine = [row for row in rows if row.engine == space.engine]
            if candidates and same_engine:
                found = _nearest(candidates, same_engine, space.cut)
                if found[0] < space.cut:
                    nearest[person_id] = min(found, nearest.get(person_id, found))
    users = User.objects.in_bulk({user_id for _, user_id in nearest.values()})
    return {person_id: users[user_id] for person_id, (_, user_id) in nearest.items() if user_id in users}


class _Selfie(NamedTuple):
    user_id: UUID
    embedding: Floats


class _FaceCompared(NamedTuple):
    id: UUID
    engine: str
    pinned: bool
    embedding: Floats


def _selfies(owner: User) -> Mapping[str, list[_Selfie]]:
    """Returns the accepted selfies of suggestible users, by engine."""
    accepted = Selfie.objects.accepted().filter(user__in=suggestible_users(owner), embedding__isnull=False)
    selfies: dict[str, list[_Selfie]] = defaultdict(list)
    for user_id, engine, embedding in accepted.values_list("user_id", "engine", "embedding"):
        if embedding is not None:
            selfies[engine].append(_Selfie(user_id, embedding_array(embedding)))
    return selfies


def _faces_compared(
    owner: User, person_ids: Collection[UUID], spaces: Collection[EmbeddingSpace]
) -> dict[UUID, list[_FaceCompared]]:
    """Returns the best recognisable faces of each person, on photos that are not in the trash."""
    good = Q()
    for space in spaces:
        good |= Q(face__engine=space.engine) & recognisable(space, "face__")
    alive = Photo.objects.alive().filter(owner=owner, original=OuterRef("face__original"))
    best_first = F("face__quality").desc(nulls_last=True), "-face__score", "face_id"
    rank = Window(RowNumber(), partition_by=[F("person"), F("face__engine")], order_by=best_first)
    assigned = FaceAssignment.objects.filter(Exists(alive), good, owner=owner, person__in=person_ids)
    chosen = assigned.annotate(rank=rank).filter(rank__lte=FACES_COMPARED).values_list("pk", flat=True)
    columns = ("person_id", "face_id", "face__engine", "pinned", "face__embedding")
    faces: dict[UUID, list[_FaceCompared]] = defaultdict(list)
    # Two queries: the first sorts all faces of these people, which their embeddings would slow down.
    for batch in batched(list(chosen)):
        assignments = FaceAssignment.objects.filter(pk__in=batch)
        for person_id, face_id, engine, pinned, embedding in assignments.values_list(*columns):
            faces[person_id].append(_FaceCompared(face_id, engine, pinned, embedding_array(embedding)))
    return faces


def _refused(owner: User, faces: Mapping[UUID, Sequence[_FaceCompared]]) -> dict[UUID, set[UUID]]:
    """Returns the users whom nobody is to be asked about any more, by person.

    They were refused of the person, or of somebody merged into them; or of others who had half of the faces then.
    """
    refusals = Identification.objects.filter(owner=owner, confirmed=False)
    of_person: dict[UUID, set[UUID]] = defaultdict(set)
    for person_id, user_id in refusals.values_list("person_id", "user_id"):
        of_person[person_id].add(user_id)
    if not of_person:
        return {person_id: set() for person_id in faces}
    of_face: dict[UUID, set[UUID]] = defaultdict(set)
    for batch in batched([face.id for rows in faces.values() for face in rows]):
        links = refusals.filter(faces__in=batch)
        for face_id, user_id in links.values_list("faces", "user_id"):
            of_face[face_id].add(user_id)
    refused = {}
    for person_id, ids in merged_ids(owner.pk, faces).items():
        votes = Counter(user for face in faces[person_id] for user in of_face[face.id])
        half = {user for user, number in votes.items() if 2 * number >= len(faces[person_id])}
        refused[person_id] = half.union(*(of_person[one] for one in ids))
    return refused


def _nearest(selfies: Sequence[_Selfie], faces: Sequence[_FaceCompared], cut: float) -> tuple[float, UUID]:
    """Returns the distance of the nearest selfie, and whose it is.

    A distance is the root of the mean squared distance to the person's faces. A person with pinned faces may have
    several looks, as a child and as an adult, and the nearest counts.
    """
    embeddings = np.stack([face.embedding for face in faces])
    looks = [embeddings]
    if any(face.pinned for face in faces):
        clusters = cluster_faces(embeddings, np.arange(len(faces)), cut)
        looks += [embeddings[clusters == cluster] for cluster in range(clusters.max() + 1)]
    given = np.stack([selfie.embedding for selfie in selfies])
    squares = np.min([((given[:, None] - look[None]) ** 2).sum(axis=2).mean(axis=1) for look in looks], axis=0)
    nearest = int(squares.argmin())
    return float(np.sqrt(squares[nearest])), selfies[nearest].user_id
