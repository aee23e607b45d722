"""Who is merged into whom, by the merges that stand."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from faces.models import Person, PersonMerge


def holder_of(person_id: UUID) -> UUID:
    """Returns the person who has this one's faces: itself, unless it is merged into another, who may be, too."""
    while merge := PersonMerge.objects.filter(person_id=person_id, undone_at=None).first():
        person_id = merge.into_id
    return person_id


def merges_into(person: Person) -> list[PersonMerge]:
    """Returns the merges into the person, directly or through others, latest first, by one query."""
    standing = PersonMerge.objects.filter(owner=person.owner_id, undone_at=None).select_related("by")
    included, merges = {person.pk}, []
    for merge in standing.order_by("-created_at"):  # a merge through others comes before the merges it includes
        if merge.into_id in included:
            included.add(merge.person_id)
            merges.append(merge)
    return merges


def merged_ids(owner_id: UUID, person_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Returns the ids of each person and of all who are merged into them, by one query."""
    standing = PersonMerge.objects.filter(owner=owner_id, undone_at=None).values_list("person_id", "into_id")
    into: dict[UUID, list[UUID]] = defaultdict(list)
    for person_id, into_id in standing:
        into[into_id].append(person_id)
    merged = {}
    for person_id in person_ids:
        found = [person_id]
        for included in found:  # it grows meanwhile
            found += into[included]
        merged[person_id] = set(found)
    return merged
