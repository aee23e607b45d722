"""What operators decide about people, and that the clustering goes by it."""

import numpy as np
import pytest

from accounts.models import User
from conftest import Person as SignedIn
from core.tests.presence import present
from faces.library_selectors import LibraryFaces
from faces.models import EmbeddingSpace, Face, FaceAssignment, Person, PersonMerge
from faces.services import (
    DecisionRefused,
    merge_people,
    move_faces,
    people,
    recluster,
    rename_person,
    set_hidden,
    split_person,
    undo_merge,
)
from faces.services.detected_faces import replace_faces
from faces.tests.embeddings import cloud, give
from faces.tests.test_people import add_faces, person_of, space
from photos.models import Photo
from photos.services import erase_photos

__all__ = ["space"]  # a fixture


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator", "secret")


@pytest.fixture
def library(owner: SignedIn, space: EmbeddingSpace) -> tuple[list[list[Photo]], list[np.ndarray]]:
    """Photos of three people, four of each, clustered; and a fifth face of each for later."""
    faces, whose = cloud(3, 5)
    rows = [np.flatnonzero(whose == person) for person in range(3)]
    photos = [add_faces(owner.user, faces[mine[:4]]) for mine in rows]
    recluster(owner=owner.user)
    return photos, [faces[mine[4:]] for mine in rows]


def who(photos: list[Photo]) -> Person:
    """The one person on all these photos."""
    (pk,) = {person_of(photo) for photo in photos}
    return Person.objects.get(pk=present(pk))


def faces_on(photos: list[Photo]) -> list:
    return list(
        Face.objects.filter(original__in=[photo.original_id for photo in photos]).values_list("pk", flat=True)
    )


def test_merged_people_stay_one_when_faces_are_clustered_anew(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, c), _ = library
    other, into, third = who(a), who(b), who(c)
    (merge,) = merge_people(people=[other], into=into, by=operator)
    assert set(merge.faces.values_list("pk", flat=True)) == set(faces_on(a))
    assert (merge.name, merge.hidden, merge.by, merge.undone_at) == ("", False, operator, None)
    for _ in range(2):
        recluster(owner=owner.user)
        assert who(a + b) == into
        assert who(c) == third
    assert Person.objects.count() == 2


def test_a_new_face_joins_a_merged_person_by_either_of_their_looks(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), later = library
    merge_people(people=[who(a)], into=who(b), by=operator)
    for look in later[:2]:
        (new,) = add_faces(owner.user, look)
        give(new.original_id)
        assert person_of(new) == who(b).pk
        recluster(owner=owner.user)
        assert person_of(new) == who(b).pk
    assert FaceAssignment.objects.filter(pinned=False, person=who(b)).count() == 2


def test_an_undone_merge_brings_back_id_name_and_faces_and_stays_undone(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), _ = library
    other, into = who(a), who(b)
    Person.objects.filter(pk=other.pk).update(name="Ada", hidden=True)
    other.refresh_from_db()
    (merge,) = merge_people(people=[other], into=into, by=operator)
    recluster(owner=owner.user)
    back = undo_merge(merge=merge, by=operator)
    assert (back.pk, back.name, back.hidden) == (other.pk, "Ada", True)
    recluster(owner=owner.user)
    assert (who(a), who(b)) == (other, into)
    with pytest.raises(DecisionRefused, match="already"):
        undo_merge(merge=merge, by=operator)
    merge.refresh_from_db()
    assert merge.undone_by == operator
    assert merge.undone_at


def test_people_who_look_alike_stay_apart_once_a_merge_was_undone(
    owner: SignedIn, space: EmbeddingSpace, operator: User
) -> None:
    """Without the operator's word the clustering would make them one."""
    faces, _ = cloud(1, 9)
    photos = add_faces(owner.user, faces[:8])
    recluster(owner=owner.user)
    one = who(photos)
    two = split_person(person=one, face_ids=faces_on(photos[:4]))
    (merge,) = merge_people(people=[two], into=one, by=operator)
    recluster(owner=owner.user)
    assert who(photos) == one
    undo_merge(merge=merge, by=operator)
    for _ in range(2):
        recluster(owner=owner.user)
        assert (who(photos[:4]), who(photos[4:])) == (two, one)
    (new,) = add_faces(owner.user, faces[8:])
    give(new.original_id)
    recluster(owner=owner.user)
    assert person_of(new) in (one.pk, two.pk)
    assert Person.objects.count() == 2


def test_a_split_stays(owner: SignedIn, space: EmbeddingSpace) -> None:
    faces, _ = cloud(1, 6)
    photos = add_faces(owner.user, faces)
    recluster(owner=owner.user)
    one = who(photos)
    rename_person(person=one, name=" Ada ")
    new = split_person(person=one, face_ids=faces_on(photos[:2]))
    recluster(owner=owner.user)
    assert (who(photos[:2]), who(photos[2:])) == (new, one)
    assert (new.name, Person.objects.get(pk=one.pk).name) == ("", "Ada")


def test_a_single_face_split_off_stays_alone_among_its_likes(owner: SignedIn, space: EmbeddingSpace) -> None:
    faces, _ = cloud(1, 4)
    photos = add_faces(owner.user, faces)
    recluster(owner=owner.user)
    new = split_person(person=who(photos), face_ids=faces_on(photos[:1]))
    recluster(owner=owner.user)
    assert who(photos[:1]) == new
    assert FaceAssignment.objects.filter(person=new).count() == 1


def test_moved_faces_stay_where_they_were_moved(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]]
) -> None:
    (a, b, _), _ = library
    one, two = who(a), who(b)
    assert move_faces(person=one, face_ids=faces_on(a[:2]), to=two) == 2
    recluster(owner=owner.user)
    assert (who(a[2:]), who(a[:2] + b)) == (one, two)


@pytest.mark.parametrize("chosen", [slice(0, 0), slice(0, 4)])
def test_a_split_takes_some_faces_and_leaves_some(
    library: tuple[list[list[Photo]], list[np.ndarray]], chosen: slice
) -> None:
    (a, _, _), _ = library
    with pytest.raises(DecisionRefused):
        split_person(person=who(a), face_ids=faces_on(a[chosen]))
    with pytest.raises(DecisionRefused):
        split_person(person=who(a), face_ids=faces_on(library[0][1]))
    assert Person.objects.count() == 3


def test_people_of_different_libraries_are_never_mixed(
    owner: SignedIn, member: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, _, _), _ = library
    faces, _ = cloud(1, 2)
    theirs = who(_clustered(member.user, faces))
    with pytest.raises(DecisionRefused, match="libraries"):
        merge_people(people=[who(a)], into=theirs, by=operator)
    with pytest.raises(DecisionRefused, match="library"):
        move_faces(person=who(a), face_ids=faces_on(a[:1]), to=theirs)
    assert not PersonMerge.objects.exists()


def _clustered(user: User, faces: np.ndarray) -> list[Photo]:
    photos = add_faces(user, faces)
    recluster(owner=user)
    return photos


def test_merging_with_nobody_or_with_somebody_who_has_gone_is_refused(
    library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), _ = library
    one, two = who(a), who(b)
    with pytest.raises(DecisionRefused):
        merge_people(people=[one], into=one, by=operator)
    merge_people(people=[one], into=two, by=operator)
    with pytest.raises(DecisionRefused, match="not exist"):
        merge_people(people=[two], into=one, by=operator)
    assert PersonMerge.objects.count() == 1


def test_a_merge_of_a_merge_comes_apart_in_either_order(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, c), _ = library
    one, two, three = who(a), who(b), who(c)
    (first,) = merge_people(people=[one], into=two, by=operator)
    (second,) = merge_people(people=[two], into=three, by=operator)
    assert who(a + b + c) == three
    undo_merge(merge=first, by=operator)
    assert (who(a), who(b + c)) == (one, three)
    undo_merge(merge=second, by=operator)
    recluster(owner=owner.user)
    assert (who(a), who(b), who(c)) == (one, two, three)


def test_undoing_takes_only_faces_that_are_still_there(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, c), _ = library
    one, two, three = who(a), who(b), who(c)
    (merge,) = merge_people(people=[one], into=two, by=operator)
    move_faces(person=two, face_ids=faces_on(a[:1]), to=three)
    erase_photos(photo_ids=[a[1].pk])
    undo_merge(merge=merge, by=operator)
    assert set(FaceAssignment.objects.filter(person=one).values_list("face", flat=True)) == set(faces_on(a[2:]))
    assert person_of(a[0]) == three.pk


def test_a_merge_of_which_no_face_is_left_cannot_be_undone(
    library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), _ = library
    (merge,) = merge_people(people=[who(a)], into=who(b), by=operator)
    erase_photos(photo_ids=[photo.pk for photo in a])
    with pytest.raises(DecisionRefused, match="None of the faces"):
        undo_merge(merge=merge, by=operator)
    merge.refresh_from_db()
    assert merge.undone_at is None


def test_a_face_that_is_joining_notices_a_merge_meanwhile(
    owner: SignedIn,
    library: tuple[list[list[Photo]], list[np.ndarray]],
    operator: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (a, b, _), later = library
    one, into, first = who(a), who(b), iter([True])
    faces_in_library = people.faces_in_library
    (new,) = add_faces(owner.user, later[0])

    def read_and_merge(user: User, engine: str) -> LibraryFaces:
        found = faces_in_library(user, engine)
        if next(first, False):
            merge_people(people=[one], into=into, by=operator)
        return found

    monkeypatch.setattr(people, "faces_in_library", read_and_merge)
    give(new.original_id)
    assert who([new, *a, *b]) == into


def test_people_are_hidden_and_shown(library: tuple[list[list[Photo]], list[np.ndarray]]) -> None:
    assert set_hidden(people=Person.objects.all(), hidden=True) == 3
    assert set_hidden(people=Person.objects.all(), hidden=True) == 0
    assert set_hidden(people=Person.objects.filter(pk=who(library[0][0]).pk), hidden=False) == 1


def found_again(photo: Photo, *, moved: int = 0, **facts: object) -> Face:
    known = Face.objects.get(original=photo.original_id)
    box = {"x": known.x + moved, "y": known.y, "width": known.width, "height": known.height}
    seen = {"score": 0.5, "embedding": known.embedding, "engine": known.engine}
    return Face(original=photo.original, **box, **seen | facts)


def test_a_face_that_is_found_again_stays_whose_it_was(
    owner: SignedIn, library: tuple[list[list[Photo]], list[np.ndarray]], operator: User
) -> None:
    (a, b, _), _ = library
    merge_people(people=[who(a)], into=who(b), by=operator)
    (before,) = faces_on(a[:1])
    replace_faces(original=a[0].original, found=[found_again(a[0], moved=1), found_again(a[0], moved=200)])
    found = Face.objects.filter(original=a[0].original_id).order_by("x")
    assert [face.pk == before for face in found] == [True, False]
    assert (found[0].x, found[0].score) == (1, 0.5)
    assert FaceAssignment.objects.get(face=before).pinned
    assert who(a + b) == who(b)


def test_a_face_that_is_not_found_again_takes_a_person_of_no_other_face_along(
    owner: SignedIn, space: EmbeddingSpace
) -> None:
    (photo,) = add_faces(owner.user, cloud(1, 1)[0])
    person = Person.objects.create(owner=owner.user, name="Ada")
    FaceAssignment.objects.create(owner=owner.user, face_id=faces_on([photo])[0], person=person)
    replace_faces(original=photo.original, found=[])
    assert not Face.objects.exists()
    assert not Person.objects.exists()
