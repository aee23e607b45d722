"""One face more in a library of 20,000 and of 1,000,000 faces, beside the engine: time and memory.

`python -m bench.joining` creates its own database; `LIBRARY_FACES` and `LARGE_LIBRARY_FACES` set the sizes. One
face in ten is a stranger's, the others are of people with forty faces each.
"""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from uuid_utils.compat import uuid7

from accounts.models import User
from bench.database import fresh_database
from bench.sizes import size
from faces.index import get_index
from faces.models import EmbeddingSpace, Face, FaceAssignment, Look, Person, embedding_array, embedding_bytes
from faces.services import assign_waiting_faces
from faces.services.assignment import require_assignment
from faces.services.looks import look_of_face, next_version
from photos.models import Original, Photo

DIMENSIONS, CUT, ENGINE = 192, 0.97, "bench"
FACES_EACH, STRANGERS = 40, 10
FACES_AT_ONCE = 10_000
NEW_FACES = 21
SMALL_MILLISECONDS, LARGE_MILLISECONDS, MEGABYTES = 20, 150, 200


def run() -> None:
    """Prints milliseconds and megabytes, and what they may be."""
    with fresh_database():
        EmbeddingSpace.objects.create(engine=ENGINE, threshold=0.95, cluster_cut=CUT)
        _measure(size("LIBRARY_FACES", 20_000, 1_000), SMALL_MILLISECONDS)
        _measure(size("LARGE_LIBRARY_FACES", 1_000_000, 4_000), LARGE_MILLISECONDS)


def _measure(number: int, at_most: int) -> None:
    user = User.objects.create_user(name="Bench")
    connection.close()
    # In a process of its own, so that its memory does not hide what an assignment needs.
    builder = multiprocessing.get_context("fork").Process(target=_build_library, args=(user, number))
    builder.start()
    builder.join()
    assert builder.exitcode == 0, "the library was not built"
    before = _resident_megabytes("VmRSS")
    first, *times = (_assign(user, face) for face in _new_faces(user))
    grown = _resident_megabytes("VmHWM") - before
    looks = Look.objects.filter(owner=user).count()
    print(f"a face more in a library of {number} faces, {looks} looks: {1000 * statistics.median(times):.0f} ms")
    print(f"  (at most {at_most} ms; {1000 * first:.0f} ms for the first of the day)")
    queries = statistics.median(times) / _seconds_of_a_query(user)
    print(f"  {grown} MB more (at most {MEGABYTES}); as long as {queries:.0f} queries by key", flush=True)


def _new_faces(user: User) -> Iterator[NDArray[np.float32]]:
    """Faces of people in the library, and in the end one of a stranger."""
    generator = np.random.default_rng(8)
    for look in Look.objects.filter(owner=user).exclude(person=None).order_by("?")[: NEW_FACES - 1]:
        yield _near(embedding_array(look.mean)[None], generator)[0]
    yield _unit(generator.normal(size=(1, DIMENSIONS)))[0]


def _assign(user: User, face: NDArray[np.float32]) -> float:
    (original,) = _add_photos(user, 1)
    Face.objects.create(
        original=original, x=0, y=0, width=9, height=9, score=1, embedding=embedding_bytes(face), engine=ENGINE
    )
    require_assignment(original_ids=[original.pk])
    start = time.process_time()
    assign_waiting_faces(original_id=original.pk)
    return time.process_time() - start


def _seconds_of_a_query(user: User) -> float:
    """What Django needs for the simplest query, on this machine at this moment."""
    start = time.process_time()
    for _ in range(100):
        User.objects.filter(pk=user.pk).first()
    return (time.process_time() - start) / 100


def _build_library(user: User, number: int) -> None:
    generator = np.random.default_rng(7)
    for start in range(0, number, FACES_AT_ONCE):
        with transaction.atomic():
            _add_faces(user, min(FACES_AT_ONCE, number - start), generator)
    connection.close()


def _add_faces(user: User, number: int, generator: np.random.Generator) -> None:
    strangers = number // STRANGERS
    known = number - strangers
    people = [Person(owner=user) for _ in range(max(1, known // FACES_EACH))]
    means = _unit(generator.normal(size=(len(people), DIMENSIONS)))
    embeddings = _near(means[np.arange(known) % len(people)], generator)
    others = _unit(generator.normal(size=(strangers, DIMENSIONS)))
    faces = [
        Face(
            original=original, x=0, y=0, width=9, height=9, score=1, embedding=embedding_bytes(row), engine=ENGINE
        )
        for original, row in zip(_add_photos(user, number), [*embeddings, *others], strict=True)
    ]
    Person.objects.bulk_create(people)
    Face.objects.bulk_create(faces, batch_size=1000)
    assignments = [
        FaceAssignment(owner=user, face=face, person=people[row % len(people)])
        for row, face in enumerate(faces[:known])
    ]
    FaceAssignment.objects.bulk_create(assignments, batch_size=1000)
    looks = [look_of_face(user, ENGINE, face.pk, row) for face, row in zip(faces[known:], others, strict=True)]
    for row, person in enumerate(people):
        mine = embeddings[row :: len(people)]
        mean = embedding_bytes(mine.mean(axis=0))
        looks.append(Look(owner=user, engine=ENGINE, person=person, faces=len(mine), mean=mean, square=1))
    get_index().add(looks, version=next_version(user.pk))


def _add_photos(user: User, number: int) -> list[Original]:
    originals = [Original(owner=user, key=f"bench/{uuid7()}", status="ready") for _ in range(number)]
    Original.objects.bulk_create(originals, batch_size=1000)
    photos = [Photo(original=it, owner=user, uploader=user, s3_path=it.key) for it in originals]
    Photo.objects.bulk_create(photos, batch_size=1000)
    return originals


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _near(rows: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
    """Faces of the people of these rows: 0.8 apart from each other, as photographs of one person are."""
    return _unit(rows + generator.normal(size=rows.shape) * 0.045)


def _resident_megabytes(name: str) -> int:
    (line,) = (row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(name))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    run()
