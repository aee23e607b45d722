"""Looks of people: the same rule as with all faces, right after whatever happens to faces, and found near a face."""

from collections.abc import Callable
from importlib import import_module
from io import StringIO
from pathlib import Path
from random import Random
from uuid import UUID

import numpy as np
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from numpy.typing import NDArray
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.services import delete_user
from conftest import Person as SignedIn
from conftest import committing
from faces.engine.joining import Joining
from faces.index import Queries, get_index, packed
from faces.library_selectors import faces_in_library
from faces.models import (
    EmbeddingSpace,
    Face,
    FaceAssignment,
    FaceLibrary,
    Look,
    OutdatedLooks,
    Person,
    embedding_array,
    embedding_bytes,
)
from faces.services import (
    merge_people,
    move_faces,
    recluster,
    repair_looks,
    set_hidden,
    split_person,
    undo_merge,
    undo_move,
)
from faces.services.detected_faces import replace_faces
from faces.services.looks import WrongLooks, computed_looks, update_looks
from faces.tests.embeddings import assign_faces_of, synthetic_faces
from faces.tests.test_people import ENGINE, add_faces, person_of, space
from photos.models import Photo
from photos.services import erase_photos, restore_photos, trash_photos
from photos.tests.builders import place_photos

__all__ = ["space"]  # a fixture

RIGHT = WrongLooks(0, 0)
Groups = set[frozenset[UUID]]


def add_photo(user: User, embeddings: NDArray[np.float32]) -> Photo:
    """One photo with all these faces."""
    (photo,) = place_photos(None, user, 1, status="new")
    for number, embedding in enumerate(embeddings):
        stored = embedding_bytes(embedding)
        box = {"x": 20 * number, "y": 0, "width": 9, "height": 9}
        Face.objects.create(original=photo.original, score=1, embedding=stored, engine=ENGINE, **box)
    return photo


def groups(user: User) -> Groups:
    """The faces of each person."""
    assigned = FaceAssignment.objects.filter(owner=user, face__engine=ENGINE)
    found: dict[UUID, set[UUID]] = {}
    for person, face in assigned.values_list("person", "face"):
        found.setdefault(person, set()).add(face)
    return set(map(frozenset, found.values()))


def by_the_full_rule(user: User, space: EmbeddingSpace, new: Photo) -> Groups:
    """What becomes of the photo's faces when they are compared with all people and all faces of the library."""
    faces = faces_in_library(user, space)
    people = list(dict.fromkeys(person for person in faces.people if person))
    looks = [(people.index(person), look) for person in people for look in _looks(user, space, person)]
    joining = Joining(faces.embeddings.shape[1], space.cut)
    nobody = [row for row, person in enumerate(faces.people) if person is None]
    joining.add_faces(faces.embeddings[nobody], faces.photos[nobody].tolist())
    if looks:
        joining.add_looks(
            np.stack([embedding_array(look.mean) for _, look in looks]),
            np.array([look.square for _, look in looks]),
            np.array([look.faces for _, look in looks]),
            np.array([person for person, _ in looks]),
        )
    for row, known in enumerate(faces.people):
        if known:
            joining.add_people_on_photo(int(faces.photos[row]), [people.index(known)])
    joining.place(place for place, row in enumerate(nobody) if faces.originals[row] == new.original_id)
    joining.join_faces_without_person()
    found: dict[object, set[UUID]] = {}
    for row, person in enumerate(faces.people):
        if person:
            found.setdefault(people.index(person), set()).add(faces.ids[row])
    for place, number in joining.joined.items():
        found.setdefault(int(joining.people[number]), set()).add(faces.ids[nobody[place]])
    return set(map(frozenset, found.values()))


def _looks(user: User, space: EmbeddingSpace, person: UUID) -> list[Look]:
    return computed_looks(user, space, [person])[person]


@pytest.mark.parametrize("seed", range(3))
def test_new_faces_join_whom_they_join_by_the_full_rule(owner: SignedIn, space: EmbeddingSpace, seed: int) -> None:
    """People who are hard to tell apart, strangers, groups, and faces that come in any order."""
    random = Random(seed)
    faces, whose = synthetic_faces(5, 6, spread=0.036, seed=seed)
    faces[whose == 1] += 0.75 * (faces[whose == 0].mean(axis=0) - faces[whose == 1].mean(axis=0))  # a relative
    strangers, _ = synthetic_faces(6, 1, seed=seed + 50)
    rows = list(np.concatenate([faces, strangers]))
    random.shuffle(rows)
    joined_at_all = 0
    while rows:
        photo = add_photo(
            owner.user, np.stack([rows.pop() for _ in range(min(len(rows), random.choice((1, 1, 3))))])
        )
        expected = by_the_full_rule(owner.user, space, photo)
        assign_faces_of(photo.original_id)
        assert groups(owner.user) == expected
        joined_at_all += len(expected)
    assert joined_at_all
    assert repair_looks(owner=owner.user, only_check=True) == RIGHT


@pytest.fixture
def library(owner: SignedIn, space: EmbeddingSpace) -> list[list[Photo]]:
    """Photos of three people, four of each, and of two strangers; clustered, and all looks are as they should be."""
    faces, whose = synthetic_faces(3, 4)
    strangers, _ = synthetic_faces(2, 1, seed=9)
    photos = [add_faces(owner.user, faces[whose == number]) for number in range(3)]
    photos.append(add_faces(owner.user, strangers))
    recluster(owner=owner.user)
    assert Look.objects.exclude(person=None).count() == 3
    assert Look.objects.exclude(face=None).count() == 2
    return photos


def person_on(photo: Photo) -> Person:
    person = Person.objects.filter(assignments__face__original=photo.original, owner=photo.owner).first()
    assert person
    return person


def faces_on(photos: list[Photo]) -> list[UUID]:
    return list(Face.objects.filter(original__photos__in=photos).values_list("pk", flat=True))


def merge(user: User, library: list[list[Photo]]) -> None:
    merge_people(people=[person_on(library[0][0])], into=person_on(library[1][0]), by=user)


def merge_and_undo(user: User, library: list[list[Photo]]) -> None:
    (done,) = merge_people(people=[person_on(library[0][0])], into=person_on(library[1][0]), by=user)
    update_looks(owner=user)
    undo_merge(merge=done, by=user)


def split(user: User, library: list[list[Photo]]) -> None:
    split_person(person=person_on(library[0][0]), face_ids=faces_on(library[0][:2]), by=user)


def split_and_undo(user: User, library: list[list[Photo]]) -> None:
    done = split_person(person=person_on(library[0][0]), face_ids=faces_on(library[0][:2]), by=user)
    update_looks(owner=user)
    undo_move(move=done, by=user)


def move(user: User, library: list[list[Photo]]) -> None:
    one, two = person_on(library[0][0]), person_on(library[1][0])
    move_faces(person=one, face_ids=faces_on(library[0][:1]), to=two, by=user)


def move_and_undo(user: User, library: list[list[Photo]]) -> None:
    one, two = person_on(library[0][0]), person_on(library[1][0])
    done = move_faces(person=one, face_ids=faces_on(library[0][:1]), to=two, by=user)
    update_looks(owner=user)
    undo_move(move=done, by=user)


def erase(user: User, library: list[list[Photo]]) -> None:
    erase_photos(photo_ids=[library[0][0].pk, library[3][0].pk])


def erase_a_whole_person(user: User, library: list[list[Photo]]) -> None:
    erase_photos(photo_ids=[photo.pk for photo in library[0]])


def erase_where_another_has_a_copy(user: User, library: list[list[Photo]]) -> None:
    other = User.objects.create_user(name="Other")
    Photo.objects.create(original=library[0][0].original, owner=other, uploader=other, s3_path="copy")
    erase_photos(photo_ids=[library[0][0].pk])


def hide(user: User, library: list[list[Photo]]) -> None:
    set_hidden(people=Person.objects.all(), hidden=True)


def trash_and_restore(user: User, library: list[list[Photo]]) -> None:
    trash_photos(photo_ids=[library[0][0].pk])
    recluster(owner=user)
    restore_photos(photo_ids=[library[0][0].pk])


def recluster_otherwise(user: User, library: list[list[Photo]]) -> None:
    EmbeddingSpace.objects.update(cluster_cut=0.2)  # everybody falls apart
    recluster(owner=user)
    EmbeddingSpace.objects.update(cluster_cut=None)
    recluster(owner=user)


def look_again(user: User, library: list[list[Photo]]) -> None:
    """By another engine: of one person, of a stranger, and of a picture on which it finds nobody."""
    engine = EmbeddingSpace.objects.create(engine="new", threshold=0.55)
    for photo in (library[0][0], library[3][0]):
        known = Face.objects.get(original=photo.original)
        box = {"x": known.x, "y": known.y, "width": known.width, "height": known.height}
        face = Face(original=photo.original, score=1, embedding=b"\0\0\x80?" * 5, engine="new", **box)
        replace_faces(original=photo.original, found=[face], gate=engine)
        assign_faces_of(photo.original_id)
    replace_faces(original=library[1][0].original, found=[], gate=engine)


@pytest.mark.parametrize(
    "event",
    [
        *(
            merge,
            merge_and_undo,
            split_and_undo,
            move_and_undo,
            split,
            move,
            erase,
            erase_a_whole_person,
            erase_where_another_has_a_copy,
        ),
        *(hide, trash_and_restore, recluster_otherwise, look_again),
    ],
)
def test_looks_are_right_after(
    event: Callable[[User, list[list[Photo]]], None], owner: SignedIn, library: list[list[Photo]]
) -> None:
    with committing():
        event(owner.user, library)
    update_looks(owner=owner.user)
    assert repair_looks(owner=owner.user, only_check=True) == RIGHT
    more, _ = synthetic_faces(3, 5)
    photo = add_photo(owner.user, more[-2:])
    expected = by_the_full_rule(owner.user, EmbeddingSpace.objects.get(engine=ENGINE), photo)
    assign_faces_of(photo.original_id)
    assert groups(owner.user) == expected


def test_a_merged_person_of_two_looks_is_found_by_either(owner: SignedIn, library: list[list[Photo]]) -> None:
    merge(owner.user, library)
    faces, whose = synthetic_faces(3, 4)
    for number in (0, 1):
        (photo,) = add_faces(owner.user, faces[whose == number][:1] + np.float32(0.001))
        assign_faces_of(photo.original_id)
        assert person_of(photo) == person_on(library[1][0]).pk
    assert sorted(Look.objects.filter(person=person_on(library[1][0])).values_list("faces", flat=True)) == [5, 5]


def test_wrong_looks_are_told_and_computed_anew(owner: SignedIn, library: list[list[Photo]]) -> None:
    look = Look.objects.exclude(person=None).first()
    assert look
    Look.objects.filter(pk=look.pk).update(mean=embedding_bytes(-embedding_array(look.mean)))
    stranger = Look.objects.exclude(face=None).first()
    assert stranger
    stranger.delete()
    for arguments in (["--check"], []):
        out = StringIO()
        call_command("repair_looks", *arguments, "--user", owner.id, stdout=out)
        assert "1 people and 1 faces" in out.getvalue()
    assert repair_looks(owner=owner.user, only_check=True) == RIGHT
    assert Look.objects.exclude(face=None).count() == 2
    with pytest.raises(CommandError, match="no user"):
        call_command("repair_looks", "--user", "nobody")


def test_existing_people_get_looks_and_a_stopped_upgrade_continues(
    owner: SignedIn, library: list[list[Photo]], monkeypatch: pytest.MonkeyPatch
) -> None:
    merge(owner.user, library)
    update_looks(owner=owner.user)
    before = sorted(Look.objects.exclude(mean=b"").values_list("person", "face", "faces", "square"), key=str)
    for model in (Look, FaceLibrary, OutdatedLooks):
        model.objects.all().delete()
    migration = import_module("faces.migrations.0008_looks_of_existing_people")
    monkeypatch.setattr(migration, "PEOPLE_AT_ONCE", 1)
    stopped, save = iter([False, True]), migration._save

    def stop_at_the_second(*arguments: object) -> None:
        if next(stopped, False):
            raise KeyboardInterrupt
        save(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(migration, "_save", stop_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            migration.compute_looks(apps, connection.schema_editor())
    assert FaceLibrary.objects.get().version == 1
    migration.compute_looks(apps, connection.schema_editor())
    update_looks(owner=owner.user)  # of people whom an operator has merged
    after = sorted(Look.objects.values_list("person", "face", "faces", "square"), key=str)
    assert [row[:3] for row in after] == [row[:3] for row in before if row[0] or row[1]]
    assert repair_looks(owner=owner.user, only_check=True) == RIGHT


def near(user: User, face: NDArray[np.float32], within: float = 0.55) -> list[Look]:
    found = get_index().near(user.pk, ENGINE, Queries.of_faces(face[None]), within)
    return sorted(found, key=lambda look: look.slot)


@pytest.fixture
def copies(settings: Settings) -> Path:
    return Path(settings.LOOKS_DIR)


def test_the_index_finds_exactly_what_is_near(
    owner: SignedIn, library: list[list[Photo]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "ROWS", 2)
    monkeypatch.setattr(packed, "COLUMNS", 1)
    looks = list(Look.objects.exclude(person=None, face=None))
    faces = Face.objects.order_by("pk")
    for face in faces:
        embedding = embedding_array(face.embedding)
        apart = {
            look.pk: embedding @ embedding + look.square - 2 * embedding @ embedding_array(look.mean)
            for look in looks
        }
        for within in (0.3, 0.55, 1.2):
            assert {look.pk for look in near(owner.user, embedding, within)} == {
                pk for pk, squared in apart.items() if squared < within**2
            }
    together = get_index().near(
        owner.user.pk,
        ENGINE,
        Queries.of_faces(np.stack([embedding_array(face.embedding) for face in faces])),
        0.55,
    )
    assert {look.pk for look in together} == {look.pk for look in looks}


def test_the_index_knows_one_library_and_one_engine(
    owner: SignedIn, member: SignedIn, library: list[list[Photo]]
) -> None:
    face = embedding_array(Face.objects.all()[0].embedding)
    assert near(owner.user, face)
    assert near(member.user, face) == []
    assert get_index().near(owner.user.pk, "other", Queries.of_faces(face[None]), 0.55) == []


def damaged(path: Path) -> None:
    path.write_bytes(b"looks")


def of_another_kind(path: Path) -> None:
    path.write_bytes(b"older 1\n" + path.read_bytes()[8:])


def gone(path: Path) -> None:
    path.unlink()


def newer_than_the_database(path: Path) -> None:
    """As after the restore of a backup."""
    FaceLibrary.objects.update(version=1)
    Look.objects.update(version=1)


@pytest.mark.parametrize("harm", [damaged, of_another_kind, gone, newer_than_the_database])
def test_a_copy_that_is_no_copy_is_made_anew(
    harm: Callable[[Path], None], owner: SignedIn, library: list[list[Photo]], copies: Path
) -> None:
    face = embedding_array(Face.objects.all()[0].embedding)
    found = near(owner.user, face)
    (path,) = (path for path in copies.iterdir() if path.suffix != ".lock")
    harm(path)
    Look.objects.update(mean=embedding_bytes(-face), square=1)
    assert near(owner.user, face) == []
    assert near(owner.user, -face, 2.1)
    assert found


def test_copies_are_private_and_go_with_their_user(
    owner: SignedIn, library: list[list[Photo]], copies: Path
) -> None:
    near(owner.user, embedding_array(Face.objects.all()[0].embedding))
    assert [path.stat().st_mode & 0o077 for path in copies.iterdir() if path.suffix != ".lock"] == [0]
    assert copies.stat().st_mode & 0o077 == 0
    with committing():
        delete_user(user=owner.user)
    assert list(copies.iterdir()) == []


def test_places_of_looks_that_are_no_more_are_used_again(owner: SignedIn, library: list[list[Photo]]) -> None:
    last = max(Look.objects.values_list("slot", flat=True))
    strangers, _ = synthetic_faces(2, 3, seed=9)
    for number in range(3):
        for photo in add_faces(owner.user, strangers[2 * number : 2 * number + 2]):
            assign_faces_of(photo.original_id)
    assert max(Look.objects.values_list("slot", flat=True)) <= last + 1


def test_a_face_more_costs_the_same_queries_in_any_library(
    owner: SignedIn, space: EmbeddingSpace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    faces, whose = synthetic_faces(30, 4)
    add_faces(owner.user, faces[whose > 1])
    recluster(owner=owner.user)
    counts = []
    for number in (0, 1):
        first, second, third = (add_photo(owner.user, faces[whose == number][[row]]) for row in range(3))
        assign_faces_of(first.original_id)
        assign_faces_of(second.original_id)
        with django_assert_max_num_queries(45) as queries:
            assign_faces_of(third.original_id)
        counts.append(len(queries))
    assert counts[0] == counts[1]
