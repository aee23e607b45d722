"""Several workers add faces to one library, while others erase and merge: nobody is lost, and looks stay right."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection

from accounts.models import User
from core.tests.presence import present
from faces.models import EmbeddingSpace, FaceAssignment, PendingAssignment, Person
from faces.services import merge_people, recluster, repair_looks
from faces.services.looks import WrongLooks
from faces.tests.embeddings import assign_faces_of, synthetic_faces
from faces.tests.test_people import ENGINE, add_faces, person_of
from photos.models import Photo
from photos.services import erase_photos

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 3


def all_at_once(*works: Callable[[], object]) -> None:
    """Calls each in a thread with its own connection; raises what one of them raises."""
    start = threading.Barrier(len(works))

    def call(work: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        for future in [threads.submit(call, work) for work in works]:
            future.result()


def assign(photos: list[Photo]) -> Callable[[], None]:
    def assign_one_by_one() -> None:
        for photo in photos:
            assign_faces_of(photo.original_id)

    return assign_one_by_one


def test_workers_that_add_to_one_library_agree() -> None:
    EmbeddingSpace.objects.create(engine=ENGINE, threshold=0.55)
    user = User.objects.create_user(name="Owner")
    faces, whose = synthetic_faces(4, 2 + 2 * WORKERS)
    rows = [np.flatnonzero(whose == person) for person in range(4)]
    known = [add_faces(user, faces[mine[:2]]) for mine in rows[:3]]
    recluster(owner=user)
    new = add_faces(user, faces[np.concatenate([mine[2:] for mine in rows])])
    one, other = (Person.objects.get(pk=present(person_of(photos[0]))) for photos in known[:2])
    all_at_once(
        *(assign(new[number::WORKERS]) for number in range(WORKERS)),
        lambda: merge_people(people=[one], into=other, by=user),
        lambda: erase_photos(photo_ids=[known[2][0].pk]),
    )
    for pending in PendingAssignment.objects.all():  # those that had to wait
        assign([Photo.objects.get(original=pending.pk)])()
    assert FaceAssignment.objects.count() == len(new) + 2 * 3 - 1
    people = [
        {person_of(photo) for photo in new[2 * WORKERS * number : 2 * WORKERS * (number + 1)]}
        for number in range(4)
    ]
    assert people[0] == people[1] == {other.pk}
    assert people[2] == {person_of(known[2][1])}
    assert [len(found) for found in people] == [1, 1, 1, 1]
    assert len(set.union(*people)) == 3
    assert repair_looks(owner=user, only_check=True) == WrongLooks(0, 0)
