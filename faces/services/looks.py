"""Keeps the looks of people as their faces are: see `faces.models.Look`.

Whoever changes which faces people have, or a face's embedding, calls `note_people_changed` in that transaction.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from numpy.typing import NDArray

from accounts.models import User
from core.batching import BATCH, batched
from faces.engine.clustering import ALONE, cluster_faces
from faces.index import get_index
from faces.models import (
    EmbeddingSpace,
    Face,
    FaceAssignment,
    FaceLibrary,
    Look,
    OutdatedLooks,
    PendingAssignment,
    Person,
    embedding_array,
    embedding_bytes,
    recognisable,
)
from photos.models import Photo

Floats = NDArray[np.float32]

PEOPLE_AT_ONCE = 200  # whose looks are computed in one transaction
# Sums of thousands of float32 numbers differ by this, in relation to the numbers, in another order.
ROUNDING = 1e-4


def lock_library(owner_id: UUID) -> User:
    """Lets no other process write the library's people until the transaction ends. Raises `User.DoesNotExist`."""
    return User.objects.select_for_update(no_key=True).get(pk=owner_id)


def library_version(owner_id: UUID) -> int:
    """Returns a number that every change of the library's people and looks makes larger."""
    version = FaceLibrary.objects.filter(pk=owner_id).values_list("version", flat=True).first()
    if version is None:
        FaceLibrary.objects.bulk_create([FaceLibrary(owner_id=owner_id)], ignore_conflicts=True)
    return version or 0


def next_version(owner_id: UUID) -> int:
    """Makes the library's version larger, and returns it. Others wait for the transaction to do so, too."""
    library = FaceLibrary.objects.filter(pk=owner_id)
    if not library.update(version=F("version") + 1):
        FaceLibrary.objects.bulk_create([FaceLibrary(owner_id=owner_id)], ignore_conflicts=True)
        library.update(version=F("version") + 1)
    return library.values_list("version", flat=True).get()


def note_people_changed(*, owner_id: UUID, people: Iterable[UUID | None]) -> None:
    """Notes that these people of a library got or lost faces, or other embeddings. Call inside a transaction."""
    # In one order, so that two transactions do not wait for each other.
    existing = set[UUID]()
    for batch in batched({person for person in people if person}):
        existing.update(Person.objects.filter(pk__in=batch, owner=owner_id).values_list("pk", flat=True))
    OutdatedLooks.objects.bulk_create(
        [OutdatedLooks(person_id=person) for person in sorted(existing)],
        batch_size=BATCH,
        # Written in any case, and not only if missing: who is computing these looks from older faces waits.
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["at"],
    )
    next_version(owner_id)


def note_faces_changed(*, original_id: UUID) -> None:
    """The same for all people who have a face on this original, in every library. Call it before and after."""
    people_of: dict[UUID, set[UUID]] = {}
    assigned = FaceAssignment.objects.filter(face__original=original_id)
    for owner_id, person_id in assigned.values_list("owner_id", "person_id"):
        people_of.setdefault(owner_id, set()).add(person_id)
    for owner_id in sorted(people_of):
        note_people_changed(owner_id=owner_id, people=people_of[owner_id])


def update_looks(*, owner: User) -> None:
    """Computes the looks that are outdated. It can be stopped at any moment, and continues later."""
    outdated = OutdatedLooks.objects.filter(person__owner=owner).order_by("pk").values_list("pk", flat=True)
    while people := list(outdated[:PEOPLE_AT_ONCE]):
        _update_looks_of(owner, people)


@transaction.atomic
def _update_looks_of(owner: User, people: Collection[UUID]) -> None:
    lock_library(owner.pk)
    locked = OutdatedLooks.objects.select_for_update().filter(pk__in=people).order_by("pk")
    people = list(locked.values_list("pk", flat=True))
    version = next_version(owner.pk)
    for space in EmbeddingSpace.objects.all():
        _save_looks(owner, space, people, version)
    OutdatedLooks.objects.filter(pk__in=people).delete()


def _save_looks(owner: User, space: EmbeddingSpace, people: Collection[UUID], version: int) -> None:
    present: dict[UUID, list[Look]] = {person: [] for person in people}
    for look in Look.objects.filter(person__in=people, engine=space.engine):
        if look.person_id:
            present[look.person_id].append(look)
    computed = computed_looks(owner, space, people)
    changed, superfluous = list[Look](), list[int]()
    for person, looks in present.items():
        wanted = computed.get(person, [])
        if len(looks) == len(wanted) and all(map(is_same_look, looks, wanted)):
            continue
        for look, new in zip(looks, wanted, strict=False):
            look.mean, look.square, look.faces = new.mean, new.square, new.faces
        changed += [*looks[: len(wanted)], *wanted[len(looks) :]]
        superfluous += [look.pk for look in looks[len(wanted) :]]
    get_index().remove(superfluous, version=version)
    get_index().add(changed, version=version)


def computed_looks(owner: User, space: EmbeddingSpace, people: Collection[UUID]) -> dict[UUID, list[Look]]:
    """Returns the looks (not saved) of these people, as their faces are now.

    A person has one look: the mean of their faces. Only a person whom an operator has merged may have several,
    because their mean would resemble neither: a child and an adult, for example.
    """
    faces = FaceAssignment.objects.filter(
        recognisable(space, "face__"), owner=owner, person__in=people, face__engine=space.engine
    ).order_by("face")
    rows_of: dict[UUID, list[tuple[UUID, bool, bytes]]] = {}
    columns = ("person_id", "face__original_id", "pinned", "face__embedding")
    for person, *row in faces.values_list(*columns).iterator(chunk_size=BATCH):
        rows_of.setdefault(person, []).append((row[0], row[1], row[2]))
    looks = {}
    for person, rows in rows_of.items():
        embeddings = np.stack([embedding_array(embedding) for _, _, embedding in rows])
        clusters = np.zeros(len(rows), np.int64)
        if any(pinned for _, pinned, _ in rows):
            number_of = {original: number for number, original in enumerate(dict.fromkeys(row[0] for row in rows))}
            photos = np.array([number_of[original] for original, _, _ in rows], np.int64)
            clusters = cluster_faces(embeddings, photos, space.cut)
            alone = np.flatnonzero(clusters == ALONE)
            clusters[alone] = clusters.max() + 1 + np.arange(len(alone))
        looks[person] = [
            _build_look(owner, space, embeddings[clusters == number], person=person)
            for number in range(int(clusters.max()) + 1)
        ]
    return looks


def _build_look(owner: User, space: EmbeddingSpace, faces: Floats, *, person: UUID) -> Look:
    exact = faces.astype(np.float64)
    return Look(
        owner=owner,
        engine=space.engine,
        person_id=person,
        faces=len(faces),
        mean=embedding_bytes(exact.mean(axis=0).astype(np.float32)),
        square=float((exact**2).sum(axis=1).mean()),
    )


def look_of_face(owner: User, engine: str, face_id: UUID, embedding: Floats) -> Look:
    """Returns the look (not saved) of a face that is nobody's."""
    square = float(np.dot(embedding, embedding))
    return Look(owner=owner, engine=engine, face_id=face_id, mean=embedding_bytes(embedding), square=square)


def is_same_look(a: Look, b: Look) -> bool:
    """Returns whether both have the same number of faces and the same mean, but for rounding."""
    means = embedding_array(a.mean), embedding_array(b.mean)
    near = len(means[0]) == len(means[1]) and np.allclose(*means, rtol=0, atol=ROUNDING * max(a.square, 1) ** 0.5)
    return a.faces == b.faces and near and abs(a.square - b.square) <= ROUNDING * max(a.square, 1)


@dataclass(frozen=True)
class WrongLooks:
    """The number of people whose looks are not as their faces are, and of faces that should (not) be nobody's."""

    people: int
    faces: int


def repair_looks(*, owner: User, only_check: bool = False) -> WrongLooks:
    """Compares all looks of a library with its faces, and computes the wrong ones anew. It reads every face.

    Outdated looks, and faces that wait to be assigned, are not counted: they are as they should be by themselves.
    """
    wrong_people = wrong_faces = 0
    for space in EmbeddingSpace.objects.all():
        people = Person.objects.filter(owner=owner, outdated_looks=None).order_by("pk")
        for batch in batched(people.values_list("pk", flat=True).iterator(), PEOPLE_AT_ONCE):
            wrong = _people_with_wrong_looks(owner, space, batch)
            wrong_people += len(wrong)
            if wrong and not only_check:
                with transaction.atomic():
                    note_people_changed(owner_id=owner.pk, people=wrong)
        for faces, looks in _wrong_looks_of_faces(owner, space):
            wrong_faces += len(faces) + len(looks)
            if not only_check:
                _replace_looks_of_faces(owner, space, faces, looks)
    if not only_check:
        update_looks(owner=owner)
    return WrongLooks(wrong_people, wrong_faces)


def _people_with_wrong_looks(owner: User, space: EmbeddingSpace, people: Sequence[UUID]) -> list[UUID]:
    present: dict[UUID, list[Look]] = {}
    for look in Look.objects.filter(person__in=people, engine=space.engine):
        if look.person_id:
            present.setdefault(look.person_id, []).append(look)
    wanted = computed_looks(owner, space, people)
    return [person for person in people if not _are_same(present.get(person, []), wanted.get(person, []))]


def _are_same(looks: Sequence[Look], wanted: Sequence[Look]) -> bool:
    """Returns whether the looks are of the same faces. Those of merged people grow, until these are clustered."""
    if len(looks) < 2 and len(wanted) < 2:
        return len(looks) == len(wanted) and all(map(is_same_look, looks, wanted))
    return bool(looks and wanted) and is_same_look(_mean_look(looks), _mean_look(wanted))


def _mean_look(looks: Sequence[Look]) -> Look:
    counts = np.array([look.faces for look in looks], np.float64)
    means = np.stack([embedding_array(look.mean) for look in looks])
    return Look(
        faces=int(counts.sum()),
        mean=embedding_bytes((counts @ means / counts.sum()).astype(np.float32)),
        square=float(counts @ [look.square for look in looks] / counts.sum()),
    )


def _wrong_looks_of_faces(owner: User, space: EmbeddingSpace) -> Iterator[tuple[list[UUID], list[int]]]:
    """Yields faces that are nobody's and have no look, and looks of faces that are somebody's, gone or changed."""
    assigned = FaceAssignment.objects.filter(owner=owner, face=OuterRef("pk"))
    mine = Look.objects.filter(owner=owner, face=OuterRef("pk"))
    waiting = PendingAssignment.objects.filter(original=OuterRef("original"))
    nobody = Face.objects.filter(
        recognisable(space),
        ~Exists(assigned),
        engine=space.engine,
        original__in=Photo.objects.alive().filter(owner=owner).values("original"),
    )
    missing = nobody.filter(~Exists(mine), ~Exists(waiting)).order_by("pk").values_list("pk", flat=True)
    for faces in batched(list(missing)):
        yield faces, []
    rows = Look.objects.filter(owner=owner, engine=space.engine).exclude(face=None).order_by("pk")
    for batch in batched(rows.values_list("pk", "face", "mean").iterator(chunk_size=BATCH)):
        right = Face.objects.filter(~Exists(assigned), recognisable(space), engine=space.engine)
        embeddings = dict(right.filter(pk__in=[face for _, face, _ in batch]).values_list("pk", "embedding"))
        looks = [pk for pk, face, mean in batch if bytes(embeddings.get(face, b"")) != bytes(mean)]
        if looks:
            yield [], looks


@transaction.atomic
def _replace_looks_of_faces(
    owner: User, space: EmbeddingSpace, face_ids: Collection[UUID], look_ids: Collection[int]
) -> None:
    lock_library(owner.pk)
    version = next_version(owner.pk)
    get_index().remove(look_ids, version=version)
    assigned = FaceAssignment.objects.filter(owner=owner, face=OuterRef("pk"))
    mine = Look.objects.filter(owner=owner, face=OuterRef("pk"))
    faces = Face.objects.filter(~Exists(assigned), ~Exists(mine), pk__in=face_ids, engine=space.engine)
    looks = [
        look_of_face(owner, space.engine, pk, embedding_array(embedding))
        for pk, embedding in faces.values_list("pk", "embedding")
    ]
    get_index().add(looks, version=version)
