"""Matches new clusters with the people that were known before. Pure Python."""

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
    """Returns the person of each face after clustering: a known person, or the cluster's number for a new one.

    A cluster becomes the known person of whom it has most faces, and a person keeps one cluster. Among several
    people whose faces are mostly in one cluster, a named one comes first, because somebody has named them. A face
    that is `alone` has no person (None); but a person keeps their only face, and a named person keeps all faces
    when all of them are alone.

    A `pinned` face keeps its person, and its whole cluster becomes that person; the pinned faces of a cluster
    belong to one person. A person with pinned faces keeps all clusters that have some, and no other.
    """
    pinned = pinned or [False] * len(people)
    pinned_clusters = {
        cluster: person
        for cluster, person, pin in zip(clusters, people, pinned, strict=True)
        if pin and cluster != alone and person is not None
    }
    pinned_people = {person for person, pin in zip(people, pinned, strict=True) if pin}
    free_people = [None if person in pinned_people else person for person in people]
    faces_of = Counter(person for person in free_people if person is not None)
    free_clusters = [alone if cluster in pinned_clusters else cluster for cluster in clusters]
    person_of = pinned_clusters | _people_of_clusters(free_clusters, free_people, named, alone, faces_of)
    with_cluster = set(person_of.values())
    keep_lone_faces = {
        person
        for person, count in faces_of.items()
        if person not in with_cluster and (count == 1 or person in named)
    }
    return [
        person
        if pin or (cluster == alone and person in keep_lone_faces)
        else person_of.get(cluster, None if cluster == alone else cluster)
        for cluster, person, pin in zip(clusters, people, pinned, strict=True)
    ]


def _people_of_clusters(
    clusters: Sequence[int],
    people: Sequence[Person | None],
    named: Collection[Person],
    alone: int,
    faces_of: Counter[Person],
) -> dict[int, Person]:
    """Returns {cluster: the known person that it becomes}."""
    common: Counter[tuple[int, Person]] = Counter()
    for cluster, person in zip(clusters, people, strict=True):
        if cluster != alone and person is not None:
            common[cluster, person] += 1

    def weight(pair: tuple[int, Person]) -> tuple[bool, int]:
        _, person = pair
        return person in named and 2 * common[pair] > faces_of[person], common[pair]

    person_of: dict[int, Person] = {}
    taken: set[Person] = set()
    for cluster, person in sorted(common, key=weight, reverse=True):
        if cluster not in person_of and person not in taken:
            person_of[cluster] = person
            taken.add(person)
    return person_of
