"""What operators decide about people, and that the clustering respects it."""

from typing import Any

import numpy as np
import pytest

from accounts.models import User
from conftest import Person as SignedIn
from core.tests.presence import present
from faces.engine import Limits
from faces.models import EmbeddingSpace, Face, FaceAssignment, FaceMove, Person, PersonMerge
from faces.services import (
    DecisionRefused,
    joining,
    merge_people,
    move_faces,
    recluster,
    rename_person,
    set_hidden,
    split_person,
    undo_merge,
    undo_move,
)
from faces.services.detected_faces import replace_faces
from faces.tests.embeddings import assign_faces_of, synthetic_faces
from faces.tests.test_people import add_faces, person_of, space
from photos.models import Photo
from photos.services import erase_photos

__all__ = ["space"]  # a fixture
NO_GATE = Limits(threshold=0.55, sure=0.5, cluster_cut=0.55)


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator", "secret")


@pytest.fixture
def library(owner: SignedIn, space: EmbeddingSpace) -> tuple[list[list[Photo]], list[np.ndarray]]:
    """Photos of three people, four of each, clustered; and a fifth face of each for later."""
    faces, whose = synthetic_faces(3, 5)
    rows = [np.flatnonzero(whose == person) for person in range(3)]
    photos = [add_faces(owner.user, faces[mine[:4]]) for mine in rows]
    recluster(owner=owner.user)
    return photos, [faces[mine[4:]] for mine in rows]


def person_on(photos: list[Photo]) -> Person:
    """The one person on all these photos."""
    (pk,) = {person_of(photo) for photo in photos}
    return Person.objects.get(pk=present(pk))


def faces_on(photos: list[Photo]) -> list:
    return list(
        Face.objects.filter(original__in=[photo.original_id for photo in photos]).values_list("pk", flat=True)
    )


def split(person: Person, faces: list) -> Person:
    move = split_person(person=person, face_ids=faces, by=person.owner)
    return Person.objects.get(pk=move.to_id)


def move(person: Person, faces: list, to: Person) -> int:
    return move_faces(person=person, face_ids=faces, to=to, by=person.owner).faces.count()


def test_merged_people_stay_one_when_faces_are_clustered_anew(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, c), _ = library
    other, into, third = person_on(a), person_on(b), person_on(c)
    (merge,) = merge_people(people=[other], into=into, by=operator)
    assert set(merge.faces.values_list("pk", flat=True)) == set(faces_on(a))
    assert (merge.name, merge.hidden, merge.by, merge.undone_at) == ("", False, operator, None)
    for _ in range(2):
        recluster(owner=owner.user)
        assert person_on(a + b) == into
        assert person_on(c) == third
    assert Person.objects.count() == 2


def test_a_new_face_joins_a_merged_person_by_either_appearance(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), later = library
    merge_people(people=[person_on(a)], into=person_on(b), by=operator)
    for look in later[:2]:
        (new,) = add_faces(owner.user, look)
        assign_faces_of(new.original_id)
        assert person_of(new) == person_on(b).pk
        recluster(owner=owner.user)
        assert person_of(new) == person_on(b).pk
    assert FaceAssignment.objects.filter(pinned=False, person=person_on(b)).count() == 2


def test_an_undone_merge_brings_back_id_name_and_faces_and_stays_undone(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), _ = library
    other, into = person_on(a), person_on(b)
    Person.objects.filter(pk=other.pk).update(name="Ada", hidden=True)
    other.refresh_from_db()
    (merge,) = merge_people(people=[other], into=into, by=operator)
    recluster(owner=owner.user)
    back = undo_merge(merge=merge, by=operator)
    assert (back.pk, back.name, back.hidden) == (other.pk, "Ada", True)
    recluster(owner=owner.user)
    assert (person_on(a), person_on(b)) == (other, into)
    with pytest.raises(DecisionRefused, match="already"):
        undo_merge(merge=merge, by=operator)
    merge.refresh_from_db()
    assert merge.undone_by == operator
    assert merge.undone_at


def test_similar_people_stay_apart_after_a_merge_was_undone(
    owner: SignedIn, space: EmbeddingSpace, operator: User
) -> None:
    """Without the operator's word the clustering would make them one."""
    faces, _ = synthetic_faces(1, 9)
    photos = add_faces(owner.user, faces[:8])
    recluster(owner=owner.user)
    one = person_on(photos)
    two = split(one, faces_on(photos[:4]))
    (merge,) = merge_people(people=[two], into=one, by=operator)
    recluster(owner=owner.user)
    assert person_on(photos) == one
    undo_merge(merge=merge, by=operator)
    for _ in range(2):
        recluster(owner=owner.user)
        assert (person_on(photos[:4]), person_on(photos[4:])) == (two, one)
    (new,) = add_faces(owner.user, faces[8:])
    assign_faces_of(new.original_id)
    recluster(owner=owner.user)
    assert person_of(new) in (one.pk, two.pk)
    assert Person.objects.count() == 2


def test_a_split_survives_clustering(owner: SignedIn, space: EmbeddingSpace) -> None:
    faces, _ = synthetic_faces(1, 6)
    photos = add_faces(owner.user, faces)
    recluster(owner=owner.user)
    one = person_on(photos)
    rename_person(person=one, name=" Ada ")
    new = split(one, faces_on(photos[:2]))
    recluster(owner=owner.user)
    assert (person_on(photos[:2]), person_on(photos[2:])) == (new, one)
    assert (new.name, Person.objects.get(pk=one.pk).name) == ("", "Ada")


def test_a_single_face_that_was_split_off_stays_alone_among_similar_faces(
    owner: SignedIn, space: EmbeddingSpace
) -> None:
    faces, _ = synthetic_faces(1, 4)
    photos = add_faces(owner.user, faces)
    recluster(owner=owner.user)
    new = split(person_on(photos), faces_on(photos[:1]))
    recluster(owner=owner.user)
    assert person_on(photos[:1]) == new
    assert FaceAssignment.objects.filter(person=new).count() == 1


def test_moved_faces_stay_with_their_new_person(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]]
) -> None:
    (a, b, _), _ = library
    one, two = person_on(a), person_on(b)
    assert move(one, faces_on(a[:2]), two) == 2
    recluster(owner=owner.user)
    assert (person_on(a[2:]), person_on(a[:2] + b)) == (one, two)


@pytest.mark.parametrize("chosen", [slice(0, 0), slice(0, 4)])
def test_a_split_of_no_face_or_all_faces_is_refused(
    library: tuple[list[list[Photo]], list[np.ndarray]], chosen: slice
) -> None:
    (a, _, _), _ = library
    with pytest.raises(DecisionRefused):
        split(person_on(a), faces_on(a[chosen]))
    with pytest.raises(DecisionRefused):
        split(person_on(a), faces_on(library[0][1]))
    assert Person.objects.count() == 3


def test_people_of_different_libraries_are_never_mixed(
    owner: SignedIn, member: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, _, _), _ = library
    faces, _ = synthetic_faces(1, 2)
    theirs = person_on(add_clustered_faces(member.user, faces))
    with pytest.raises(DecisionRefused, match="libraries"):
        merge_people(people=[person_on(a)], into=theirs, by=operator)
    with pytest.raises(DecisionRefused, match="library"):
        move(person_on(a), faces_on(a[:1]), theirs)
    assert not PersonMerge.objects.exists()


def add_clustered_faces(user: User, faces: np.ndarray) -> list[Photo]:
    photos = add_faces(user, faces)
    recluster(owner=user)
    return photos


def test_merging_with_nobody_or_with_a_deleted_person_is_refused(
    library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), _ = library
    one, two = person_on(a), person_on(b)
    with pytest.raises(DecisionRefused):
        merge_people(people=[one], into=one, by=operator)
    merge_people(people=[one], into=two, by=operator)
    with pytest.raises(DecisionRefused, match="not exist"):
        merge_people(people=[two], into=one, by=operator)
    assert PersonMerge.objects.count() == 1


def test_a_merge_of_a_merge_is_undone_in_either_order(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, c), _ = library
    one, two, three = person_on(a), person_on(b), person_on(c)
    (first,) = merge_people(people=[one], into=two, by=operator)
    (second,) = merge_people(people=[two], into=three, by=operator)
    assert person_on(a + b + c) == three
    undo_merge(merge=first, by=operator)
    assert (person_on(a), person_on(b + c)) == (one, three)
    undo_merge(merge=second, by=operator)
    recluster(owner=owner.user)
    assert (person_on(a), person_on(b), person_on(c)) == (one, two, three)


def test_undoing_restores_only_faces_that_still_exist(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, c), _ = library
    one, two, three = person_on(a), person_on(b), person_on(c)
    (merge,) = merge_people(people=[one], into=two, by=operator)
    move(two, faces_on(a[:1]), three)
    erase_photos(photo_ids=[a[1].pk])
    undo_merge(merge=merge, by=operator)
    assert set(FaceAssignment.objects.filter(person=one).values_list("face", flat=True)) == set(faces_on(a[2:]))
    assert person_of(a[0]) == three.pk


def test_a_merge_without_any_face_left_cannot_be_undone(
    library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), _ = library
    (merge,) = merge_people(people=[person_on(a)], into=person_on(b), by=operator)
    erase_photos(photo_ids=[photo.pk for photo in a])
    with pytest.raises(DecisionRefused, match="None of the faces"):
        undo_merge(merge=merge, by=operator)
    merge.refresh_from_db()
    assert merge.undone_at is None


def test_an_assignment_notices_a_merge_meanwhile(
    owner: SignedIn,
    library: tuple[list[list[Photo]], list[np.ndarray]],
    operator: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (a, b, _), later = library
    one, into, first = person_on(a), person_on(b), iter([True])
    save = joining._save
    (new,) = add_faces(owner.user, later[0])

    def merge_and_save(*arguments: Any) -> bool:
        if next(first, False):
            merge_people(people=[one], into=into, by=operator)
        return save(*arguments)

    monkeypatch.setattr(joining, "_save", merge_and_save)
    assign_faces_of(new.original_id)
    assert person_on([new, *a, *b]) == into


def test_people_are_hidden_and_shown(library: tuple[list[list[Photo]], list[np.ndarray]]) -> None:
    assert set_hidden(people=Person.objects.all(), hidden=True) == 3
    assert set_hidden(people=Person.objects.all(), hidden=True) == 0
    assert set_hidden(people=Person.objects.filter(pk=person_on(library[0][0]).pk), hidden=False) == 1


def detected_again(photo: Photo, *, moved: int = 0, **facts: object) -> Face:
    known = Face.objects.get(original=photo.original_id)
    box = {"x": known.x + moved, "y": known.y, "width": known.width, "height": known.height}
    seen = {"score": 0.5, "embedding": known.embedding, "engine": known.engine}
    return Face(original=photo.original, **box, **seen | facts)


def test_a_face_that_is_found_again_keeps_its_person(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), _ = library
    merge_people(people=[person_on(a)], into=person_on(b), by=operator)
    (before,) = faces_on(a[:1])
    twice = [detected_again(a[0], moved=1), detected_again(a[0], moved=200)]
    replace_faces(original=a[0].original, found=twice, gate=NO_GATE)
    found = Face.objects.filter(original=a[0].original_id).order_by("x")
    assert [face.pk == before for face in found] == [True, False]
    assert (found[0].x, found[0].score) == (1, 0.5)
    assert FaceAssignment.objects.get(face=before).pinned
    assert person_on(a + b) == person_on(b)


def test_a_person_whose_only_face_is_not_found_again_is_deleted(owner: SignedIn, space: EmbeddingSpace) -> None:
    (photo,) = add_faces(owner.user, synthetic_faces(1, 1)[0])
    person = Person.objects.create(owner=owner.user, name="Ada")
    FaceAssignment.objects.create(owner=owner.user, face_id=faces_on([photo])[0], person=person)
    replace_faces(original=photo.original, found=[], gate=NO_GATE)
    assert not Face.objects.exists()
    assert not Person.objects.exists()


def test_an_undone_split_gives_the_faces_back_and_stays_undone(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]]
) -> None:
    (a, _, _), _ = library
    one = person_on(a)
    move = split_person(person=one, face_ids=faces_on(a[:2]), by=owner.user)
    assert (move.kind, move.by, move.faces.count()) == (FaceMove.Kind.SPLIT, owner.user, 2)
    assert person_on(a[:2]) != one
    assert undo_move(move=move, by=owner.user) == one
    assert not Person.objects.filter(pk=move.to_id).exists()
    recluster(owner=owner.user)
    assert person_on(a) == one
    with pytest.raises(DecisionRefused, match="already"):
        undo_move(move=move, by=owner.user)
    move.refresh_from_db()
    assert move.undone_by == owner.user


def test_an_undone_move_gives_back_only_what_was_moved(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]]
) -> None:
    (a, b, c), _ = library
    one, two, three = person_on(a), person_on(b), person_on(c)
    first = move_faces(person=one, face_ids=faces_on(a[:2]), to=two, by=owner.user)
    move_faces(person=two, face_ids=faces_on(a[:1]), to=three, by=owner.user)
    undo_move(move=first, by=owner.user)
    assert (person_of(a[0]), person_on(a[1:]), person_on(b)) == (three.pk, one, two)


def test_a_move_is_undone_from_whomever_the_people_were_merged_into(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]]
) -> None:
    (a, b, c), _ = library
    one, two, three = person_on(a), person_on(b), person_on(c)
    move = move_faces(person=one, face_ids=faces_on(a[:2]), to=two, by=owner.user)
    merge_people(people=[two], into=three, by=owner.user)
    undo_move(move=move, by=owner.user)
    assert (person_on(a), person_on(b + c)) == (one, three)


def test_a_move_between_people_who_are_one_now_is_not_undone_before_the_merge(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]]
) -> None:
    (a, b, _), _ = library
    one, two = person_on(a), person_on(b)
    move = move_faces(person=one, face_ids=faces_on(a[:2]), to=two, by=owner.user)
    (merge,) = merge_people(people=[two], into=one, by=owner.user)
    with pytest.raises(DecisionRefused, match="merged"):
        undo_move(move=move, by=owner.user)
    undo_merge(merge=merge, by=owner.user)
    undo_move(move=move, by=owner.user)
    assert (person_on(a), person_on(b)) == (one, two)


def test_a_split_of_somebody_elses_face_is_refused(library: tuple[list[list[Photo]], list[np.ndarray]]) -> None:
    (a, b, _), _ = library
    with pytest.raises(DecisionRefused, match="Some of these"):
        split(person_on(a), faces_on(a[:1] + b[:1]))
    assert not FaceMove.objects.exists()


def test_a_person_without_a_name_gets_that_of_the_merged_one_until_this_is_undone(
    library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, c), _ = library
    nameless, ada, bob = person_on(a), person_on(b), person_on(c)
    rename_person(person=ada, name="Ada")
    rename_person(person=bob, name="Bob")
    merges = merge_people(people=[ada, bob], into=nameless, by=operator)
    assert nameless.name == "Ada"
    for merge in merges:
        undo_merge(merge=merge, by=operator)
    names = [Person.objects.get(pk=person.pk).name for person in (nameless, ada, bob)]
    assert names == ["", "Ada", "Bob"]
