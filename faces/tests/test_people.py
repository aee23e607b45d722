"""People of a library: kept up to date as pictures come and go, and regrouped by the full clustering."""

from collections import Counter
from collections.abc import Callable
from io import StringIO
from time import process_time
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.services import delete_user
from conftest import Person as SignedIn
from conftest import committing
from core.tests.presence import present
from faces import tasks
from faces.library_selectors import originals_by_person
from faces.models import EmbeddingSpace, Face, FaceAssignment, PendingAssignment, Person, embedding_bytes
from faces.services import joining, people, recluster
from faces.tests.embeddings import assign_faces_of, bcubed, synthetic_faces
from photos.models import Photo
from photos.services import erase_photos
from photos.tests.builders import place_photos

ENGINE = "cloud"


@pytest.fixture
def space(db: None) -> EmbeddingSpace:
    return EmbeddingSpace.objects.create(engine=ENGINE, threshold=0.55)


def add_faces(user: User, embeddings: list[np.ndarray] | np.ndarray, *, album: None = None) -> list[Photo]:
    """A photo of the user for each embedding."""
    photos = place_photos(album, user, len(embeddings), status="new")
    Face.objects.bulk_create(
        [
            Face(
                original=photo.original,
                x=0,
                y=0,
                width=9,
                height=9,
                score=1,
                embedding=embedding_bytes(embedding),
                engine=ENGINE,
            )
            for photo, embedding in zip(photos, embeddings, strict=True)
        ],
        batch_size=1000,
    )
    return photos


def person_of(photo: Photo) -> UUID | None:
    row = FaceAssignment.objects.filter(face__original=photo.original, owner=photo.owner).first()
    return row.person_id if row else None


def test_a_face_of_a_known_person_joins_them_and_nothing_else_changes(
    owner: SignedIn, space: EmbeddingSpace
) -> None:
    faces, whose = synthetic_faces(5, 4)
    photos = add_faces(owner.user, faces[:-1])
    recluster(owner=owner.user)
    before = dict(FaceAssignment.objects.values_list("pk", "person"))
    (new,) = add_faces(owner.user, faces[-1:])
    assign_faces_of(new.original_id)
    known = next(photo for photo, person in zip(photos, whose, strict=False) if person == whose[-1])
    assert person_of(new) == person_of(known)
    assert before.items() <= dict(FaceAssignment.objects.values_list("pk", "person")).items()


def test_a_face_has_no_person_until_a_similar_one_is_found(owner: SignedIn, space: EmbeddingSpace) -> None:
    (first, second), _ = synthetic_faces(1, 2)
    (one,) = add_faces(owner.user, [first])
    assign_faces_of(one.original_id)
    assert person_of(one) is None
    assert not Person.objects.exists()
    (two,) = add_faces(owner.user, [second])
    assign_faces_of(two.original_id)
    assert person_of(one) == person_of(two) is not None


def test_assigning_twice_changes_nothing(owner: SignedIn, space: EmbeddingSpace) -> None:
    faces, _ = synthetic_faces(1, 3)
    for photo in add_faces(owner.user, faces) * 2:
        assign_faces_of(photo.original_id)
    assert Counter(FaceAssignment.objects.values_list("person", flat=True)).most_common(1)[0][1] == 3


def test_ids_and_names_survive_a_full_clustering(owner: SignedIn, space: EmbeddingSpace) -> None:
    faces, whose = synthetic_faces(4, 6)
    photos = add_faces(owner.user, faces)
    recluster(owner=owner.user)
    named = present(person_of(photos[0]))
    Person.objects.filter(pk=named).update(name="Ada")
    before = dict(FaceAssignment.objects.values_list("face", "person"))
    more, _ = synthetic_faces(4, 9)
    add_faces(owner.user, more[-5:])
    # Somebody's face was taken for another's, and two of one person for a third.
    wrong = [photo for photo, person in zip(photos, whose, strict=True) if person != whose[0]][:2]
    FaceAssignment.objects.filter(face__original__in=[photo.original_id for photo in wrong]).update(person=named)
    recluster(owner=owner.user)
    after = dict(FaceAssignment.objects.filter(face__in=before).values_list("face", "person"))
    assert after == before
    assert Person.objects.get(name="Ada").pk == named


def test_clustering_again_writes_nothing(owner: SignedIn, space: EmbeddingSpace) -> None:
    faces, _ = synthetic_faces(3, 4)
    add_faces(owner.user, faces)
    recluster(owner=owner.user)
    before = set(FaceAssignment.objects.values_list("pk", flat=True))
    recluster(owner=owner.user)
    assert set(FaceAssignment.objects.values_list("pk", flat=True)) == before
    assert len(before) == 12


def test_people_of_two_libraries_never_mix(owner: SignedIn, member: SignedIn, space: EmbeddingSpace) -> None:
    faces, _ = synthetic_faces(1, 4)
    mine, theirs = add_faces(owner.user, faces[:2]), add_faces(member.user, faces[2:])
    for photo in mine + theirs:
        assign_faces_of(photo.original_id)
    for user in (owner.user, member.user):
        recluster(owner=user)
    assert person_of(mine[0]) == person_of(mine[1]) != person_of(theirs[0]) == person_of(theirs[1])
    assert {person.owner_id for person in Person.objects.all()} == {owner.user.pk, member.user.pk}


def test_a_face_on_a_shared_original_has_a_person_in_each_library(
    owner: SignedIn, member: SignedIn, space: EmbeddingSpace
) -> None:
    faces, _ = synthetic_faces(1, 2)
    photos = add_faces(owner.user, faces)
    for photo in photos:
        Photo.objects.create(
            original=photo.original, owner=member.user, uploader=member.user, s3_path=photo.s3_path
        )
        assign_faces_of(photo.original_id)
    assert len(originals_by_person(owner.user)) == len(originals_by_person(member.user)) == 1
    assert originals_by_person(owner.user).keys() != originals_by_person(member.user).keys()


def test_erased_photos_lose_their_people_and_a_person_without_a_photo_is_deleted(
    owner: SignedIn, member: SignedIn, space: EmbeddingSpace
) -> None:
    faces, _ = synthetic_faces(1, 3)
    photos = add_faces(owner.user, faces)
    Photo.objects.create(original=photos[0].original, owner=member.user, uploader=member.user, s3_path="copy")
    recluster(owner=owner.user)
    erase_photos(photo_ids=[photos[0].pk])
    assert person_of(photos[0]) is None
    assert Face.objects.count() == 3
    assert FaceAssignment.objects.count() == 2
    erase_photos(photo_ids=[photo.pk for photo in photos[1:]])
    assert not Person.objects.exists()


def test_the_people_of_a_deleted_user_are_deleted(owner: SignedIn, space: EmbeddingSpace) -> None:
    faces, _ = synthetic_faces(1, 3)
    add_faces(owner.user, faces)
    recluster(owner=owner.user)
    with committing():
        delete_user(user=owner.user)
    assert not Person.objects.exists()


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets something happen, once, between the decision about new faces and its being saved."""

    def happen(event: Callable[[], object]) -> None:
        save, first = joining._save, iter([True])

        def happens_first(*arguments: Any) -> bool:
            if next(first, False):
                event()
            return save(*arguments)

        monkeypatch.setattr(joining, "_save", happens_first)

    return happen


def test_an_assignment_that_others_write_meanwhile_is_respected(
    owner: SignedIn, space: EmbeddingSpace, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    faces, _ = synthetic_faces(1, 3)
    photos = add_faces(owner.user, faces)
    meanwhile(lambda: assign_faces_of(photos[0].original_id))
    assign_faces_of(photos[2].original_id)
    assert FaceAssignment.objects.values("person").distinct().count() == 1
    assign_faces_of(photos[1].original_id)
    assert FaceAssignment.objects.values("person").distinct().count() == 1
    assert FaceAssignment.objects.count() == 3


def test_the_face_waits_while_others_keep_writing(
    owner: SignedIn, space: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faces, _ = synthetic_faces(1, 2)
    photos = add_faces(owner.user, faces)
    versions = iter(range(100))
    monkeypatch.setattr(joining, "library_version", lambda _owner: next(versions))
    assign_faces_of(photos[0].original_id)
    assert not FaceAssignment.objects.exists()
    assert PendingAssignment.objects.exists()
    assert "wait" in caplog.text


def test_the_command_and_the_nightly_task_cluster_all_libraries(
    owner: SignedIn, member: SignedIn, space: EmbeddingSpace
) -> None:
    faces, _ = synthetic_faces(2, 2)
    add_faces(owner.user, faces)
    add_faces(member.user, faces)
    out = StringIO()
    call_command("recluster_faces", "--dry-run", stdout=out)
    assert out.getvalue() == "2 libraries with 8 faces would be clustered.\n"
    assert not Person.objects.exists()
    out = StringIO()
    call_command("recluster_faces", user=owner.id, stdout=out)
    assert out.getvalue() == "1 libraries clustered.\n"
    assert {person.owner_id for person in Person.objects.all()} == {owner.user.pk}
    tasks.recluster_faces()
    assert Person.objects.count() == 4
    call_command("recluster_faces", stdout=out)
    assert Person.objects.count() == 4
    with pytest.raises(CommandError, match="no user"):
        call_command("recluster_faces", user="nobody")


def test_a_new_face_in_a_library_of_thousands_is_assigned_within_seconds(
    owner: SignedIn, space: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces, whose = synthetic_faces(100, 50)
    add_faces(owner.user, faces)
    recluster(owner=owner.user)
    (new,) = add_faces(owner.user, faces[:1] + np.float32(0.001))
    monkeypatch.setattr(people, "faces_in_library", pytest.fail)
    started = process_time()
    assign_faces_of(new.original_id)
    assert process_time() - started < 3  # seconds of this process, on a slow machine
    numbers = {pk: number for number, pk in enumerate(Person.objects.values_list("pk", flat=True))}
    rows = FaceAssignment.objects.exclude(face__original=new.original).order_by("face")
    labels = np.array([numbers[person] for person in rows.values_list("person", flat=True)])
    assert len(labels) == 5000
    sample = slice(0, 3000)
    assert bcubed(labels[sample], whose[sample]) == (1.0, 1.0)
    assert person_of(new) == present(rows.first()).person_id
