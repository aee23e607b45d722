"""A small library of people, as the rows that clustering would make."""

from typing import NamedTuple
from uuid import UUID

import numpy as np

from accounts.models import User
from faces.models import EmbeddingSpace, Face, FaceAssignment, Person, Selfie, embedding_bytes
from photos.tests.builders import place_photo

ENGINE = "small"
SPACE = {"threshold": 0.5, "cluster_cut": 0.5}


class Known(NamedTuple):
    """A person and their faces, in the order of their photos."""

    person: Person
    faces: list[UUID]


def embedding_of(who: int) -> bytes:
    """Of one who resembles nobody else: all pairs of people are √2 apart."""
    return embedding_bytes(np.eye(8, dtype=np.float32)[who])


def add_person(user: User, who: int, *, faces: int = 3, name: str = "") -> Known:
    """Adds photos of somebody to the user's library, outside of any album, and the person whom they show."""
    EmbeddingSpace.objects.get_or_create(engine=ENGINE, defaults=SPACE)
    person, found = Person.objects.create(owner=user, name=name), []
    for number in range(faces):
        original = place_photo(None, user, width=320, height=240).original
        face = Face.objects.create(
            original=original,
            x=1,
            y=2,
            width=30,
            height=40,
            score=0.9,
            quality=60 + number,
            embedding=embedding_of(who),
            engine=ENGINE,
        )
        FaceAssignment.objects.create(owner=user, face=face, person=person)
        found.append(face.pk)
    return Known(person, found)


def add_selfie_of(user: User, who: int) -> Selfie:
    """Adds an accepted selfie of that face."""
    key = f"selfies/{user.pk}/{who}"
    stored = embedding_of(who)
    return Selfie.objects.create(user=user, key=key, sha256=key, status="taken", embedding=stored, engine=ENGINE)
