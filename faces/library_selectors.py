"""Reads the faces and people of one user's library. Each function costs a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from accounts.models import User
from faces.engine.similarity import matching_images
from faces.models import EMBEDDING_TYPE, EmbeddingSpace, Face, FaceAssignment, Person, recognisable
from photos.image_paths import images_of
from photos.models import Photo


def owners_with_faces() -> QuerySet[User]:
    """Returns the users whose library has faces."""
    return User.objects.filter(Exists(Face.objects.filter(original__photos__owner=OuterRef("pk")))).order_by("pk")


@dataclass(frozen=True)
class LibraryFaces:
    """Faces of one engine: the original of each, its embedding (n, d), and its person, if it has one.

    An operator has decided the person of each `pinned` face.
    """

    ids: list[UUID]
    originals: list[UUID]
    embeddings: NDArray[np.float32]
    people: list[UUID | None]
    pinned: list[bool]

    @property
    def photos(self) -> NDArray[np.int64]:
        """Returns the original of each face as a number from 0 on."""
        numbers = {original: number for number, original in enumerate(dict.fromkeys(self.originals))}
        return np.array([numbers[original] for original in self.originals], np.int64)


def faces_in_library(owner: User, space: EmbeddingSpace) -> LibraryFaces:
    """Returns the recognisable faces in the owner's library that this engine has found, oldest first."""
    engine = space.engine
    found = Face.objects.filter(recognisable(space), original__in=_originals_of(owner), engine=engine).order_by(
        "pk"
    )
    rows = list(found.values_list("pk", "original_id", "embedding"))
    assignments = FaceAssignment.objects.filter(owner=owner, face__engine=engine)
    person_of, pinned = dict[UUID, UUID](), set[UUID]()
    for face_id, person_id, is_pinned in assignments.values_list("face_id", "person_id", "pinned"):
        person_of[face_id] = person_id
        if is_pinned:
            pinned.add(face_id)
    joined = b"".join(bytes(embedding) for _, _, embedding in rows)
    embeddings = np.frombuffer(joined, EMBEDDING_TYPE).reshape(len(rows), -1) if rows else np.empty((0, 0))
    ids = [pk for pk, _, _ in rows]
    return LibraryFaces(
        ids,
        [original for _, original, _ in rows],
        embeddings.astype(np.float32),
        [person_of.get(pk) for pk in ids],
        [pk in pinned for pk in ids],
    )


def _originals_of(owner: User) -> QuerySet[Photo, UUID]:
    return Photo.objects.alive().filter(owner=owner).values_list("original_id", flat=True)


@dataclass(frozen=True)
class Match:
    """Two images (paths) that share a face, and the cosine similarity of their most similar faces."""

    path1: str
    path2: str
    similarity: float


def find_matches(owner: User, *, offset: int, limit: int) -> list[Match]:
    """Returns pairs of the owner's images that share a face, the most similar first."""
    images_with: dict[UUID, list[int]] = defaultdict(list)
    paths = []
    for number, image in enumerate(images_of(owner)):
        paths.append(image.path)
        images_with[image.original_id].append(number)
    matches: list[Match] = []
    for space in EmbeddingSpace.objects.all():
        faces = faces_in_library(owner, space)
        shown = [(face, image) for face, pk in enumerate(faces.originals) for image in images_with[pk]]
        if shown:
            rows, images = np.array(shown, np.int64).T
            pairs = matching_images(faces.embeddings[rows], images, space.threshold, offset + limit)
            found = zip(pairs.first.tolist(), pairs.second.tolist(), pairs.similarity.tolist(), strict=True)
            matches += [Match(paths[first], paths[second], similarity) for first, second, similarity in found]
    matches.sort(key=lambda match: -match.similarity)
    return matches[offset : offset + limit]


def originals_by_person(owner: User) -> dict[UUID, set[UUID]]:
    """Returns the originals that show each person of the library, without hidden people."""
    assignments = FaceAssignment.objects.filter(owner=owner, face__original__in=_originals_of(owner))
    rows = assignments.filter(person__hidden=False)
    originals_of: dict[UUID, set[UUID]] = defaultdict(set)
    for person_id, original_id in rows.order_by("person_id").values_list("person_id", "face__original_id"):
        originals_of[person_id].add(original_id)
    return originals_of


def originals_sharing_people(owner: User, original_ids: Collection[UUID]) -> QuerySet[FaceAssignment, UUID]:
    """Returns the ids of originals that show a person who is on one of these, as a subquery."""
    here = FaceAssignment.objects.filter(owner=owner, face__original__in=original_ids)
    people = Person.objects.filter(owner=owner, hidden=False, assignments__in=here)
    return FaceAssignment.objects.filter(owner=owner, person__in=people).values_list("face__original", flat=True)
