"""Which cluster is which of the people that were known before. Pure Python."""

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from typing import TypeVar

Person = TypeVar("Person", bound=Hashable)


def keep_identities(
    clusters: Sequence[int],
    people: Sequence[Person | None],
    named: Collection[Person],
    alone: int,
    pinned: Sequence[bool] = (),
) -> list[Person | int | None]:
    """Of each face who it is now: the known person its cluster goes on as, or the cluster's number for a new
    person.

    A cluster goes on as the person of whom it has most faces, and a person as one cluster. Among several whose
    faces mostly are in one cluster, one with a name goes first, for somebody has given it. A face that is
    `alone` is nobody's; but the only face of a person stays theirs, and all do of a named person whose faces
    all are alone.

    A face that is `pinned` stays whose it is, and takes its whole cluster along; in one cluster, pinned faces are
    one person's. A person with pinned faces goes on as all the clusters that have some, and as no other.
    """
    pinned = pinned or [False] * len(people)
    held = {
        cluster: person
        for cluster, person, pin in zip(clusters, people, pinned, strict=True)
        if pin and cluster != alone and person is not None
    }
    decided = {person for person, pin in zip(people, pinned, strict=True) if pin}
    free = [None if person in decided else person for person in people]
    faces_of = Counter(person for person in free if person is not None)
    open_clusters = [alone if cluster in held else cluster for cluster in clusters]
    goes_on = held | _continuations(open_clusters, free, named, alone, faces_of)
    continued = set(goes_on.values())
    stays = {
        person for person, count in faces_of.items() if person not in continued and (count == 1 or person in named)
    }
    return [
        person if pin or (cluster == alone and person in stays) else goes_on.get(cluster, _new(cluster, alone))
        for cluster, person, pin in zip(clusters, people, pinned, strict=True)
    ]


def _new(cluster: int, alone: int) -> int | None:
    return None if cluster == alone else cluster


def _continuations(
    clusters: Sequence[int],
    people: Sequence[Person | None],
    named: Collection[Person],
    alone: int,
    faces_of: Counter[Person],
) -> dict[int, Person]:
    """{cluster: the person it goes on as}."""
    common: Counter[tuple[int, Person]] = Counter()
    for cluster, person in zip(clusters, people, strict=True):
        if cluster != alone and person is not None:
            common[cluster, person] += 1

    def weight(pair: tuple[int, Person]) -> tuple[bool, int]:
        _, person = pair
        return person in named and 2 * common[pair] > faces_of[person], common[pair]

    goes_on: dict[int, Person] = {}
    taken: set[Person] = set()
    for cluster, person in sorted(common, key=weight, reverse=True):
        if cluster not in goes_on and person not in taken:
            goes_on[cluster] = person
            taken.add(person)
    return goes_on
