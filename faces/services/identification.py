"""Who the people of a library are: suggestions that its owner or an operator confirms, refuses, or takes back."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from core.batching import BATCH
from faces.merge_selectors import holder_of, merged_ids
from faces.models import FaceAssignment, Identification, Person


def lock_library(owner_id: UUID) -> User:
    """Lets no other process write the library's people until the transaction ends; clustering locks it, too."""
    return User.objects.select_for_update(no_key=True).get(pk=owner_id)


@transaction.atomic
def confirm_user(*, person: Person, user: User, by: User) -> None:
    """Notes that the person is the user: instead of another one, and whatever was said before.

    A person without a name gets the user's. Raises `Person.DoesNotExist` when the person is gone meanwhile.
    """
    owner = lock_library(person.owner_id)
    person.refresh_from_db()
    own = Identification.objects.filter(person_id=person.pk)
    for answer in own.filter(Q(confirmed=True) | Q(user=user)):
        _forget(answer, person.pk)
    person.refresh_from_db()
    name = "" if person.name else user.name
    _save(person, user, by, confirmed=True, name=name)
    if name:
        Person.objects.filter(pk=person.pk).update(name=name, updated_at=timezone.now())
    update_links(owner, [person.pk])
    person.refresh_from_db()


@transaction.atomic
def refuse_user(*, person: Person, user: User, by: User) -> None:
    """Notes that the person is not the user, so that this is never suggested again; a confirmation is taken back.

    Raises `Person.DoesNotExist` when the person is gone meanwhile.
    """
    owner = lock_library(person.owner_id)
    person.refresh_from_db()
    forget_answer(person=person, user=user)
    answer = _save(person, user, by, confirmed=False)
    faces = FaceAssignment.objects.filter(person=person).values_list("face_id", flat=True)
    links = [Identification.faces.through(identification_id=answer.pk, face_id=face) for face in faces]
    Identification.faces.through.objects.bulk_create(links, batch_size=BATCH)
    update_links(owner, [person.pk])
    person.refresh_from_db()


@transaction.atomic
def forget_answer(*, person: Person, user: User) -> bool:
    """Takes back what was said about the person and the user; returns whether something was.

    A name that came with a confirmation, and was not changed since, goes with it. A refusal that holds because
    others had the person's faces goes on for those others only. Raises `Person.DoesNotExist` like `confirm_user`.
    """
    owner = lock_library(person.owner_id)
    person.refresh_from_db()
    answers = list(_answers(person).filter(user=user))
    for answer in answers:
        _forget(answer, person.pk)
    faces = FaceAssignment.objects.filter(person=person).values("face_id")
    of_others = Identification.objects.filter(owner=owner, user=user).values("pk")
    links = Identification.faces.through.objects.filter(identification__in=of_others, face__in=faces)
    unlinked, _ = links.delete()
    update_links(owner, [person.pk])
    person.refresh_from_db()
    return bool(answers or unlinked)


@transaction.atomic
def take_back(*, answer: Identification) -> None:
    """The same for one answer, also when its person is merged into another or gone."""
    owner = lock_library(answer.owner_id)
    holder = holder_of(answer.person_id)
    _forget(answer, holder)
    update_links(owner, [holder])


def _answers(person: Person) -> QuerySet[Identification]:
    """Returns what was said about the person, and about those who are merged into them."""
    ids = merged_ids(person.owner_id, [person.pk])[person.pk]
    return Identification.objects.filter(owner=person.owner_id, person_id__in=ids)


def _forget(answer: Identification, person_id: UUID) -> None:
    if answer.name:
        Person.objects.filter(pk=person_id, name=answer.name).update(name="", updated_at=timezone.now())
    answer.delete()


def _save(person: Person, user: User, by: User, *, confirmed: bool, name: str = "") -> Identification:
    return Identification.objects.create(
        owner_id=person.owner_id, person_id=person.pk, user=user, confirmed=confirmed, name=name, by=by
    )


def update_links(owner: User, person_ids: Collection[UUID]) -> None:
    """Sets `Person.user` to whom the person was confirmed to be, or else somebody who was merged into them."""
    for person in Person.objects.filter(owner=owner, pk__in=person_ids):
        answers = _answers(person).filter(confirmed=True).order_by("-created_at")
        by_person = {answer.person_id: answer.user_id for answer in answers}
        linked = by_person.get(person.pk, next(iter(by_person.values()), None))
        if linked != person.user_id:
            Person.objects.filter(pk=person.pk).update(user=linked, updated_at=timezone.now())
