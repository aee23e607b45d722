"""Replaces the faces of an original when it is processed again; people keep the faces that are found again."""

from collections.abc import Sequence

from django.db import transaction

from faces.models import Face, FaceAssignment, Gate, Look, recognisable
from faces.services.looks import note_faces_changed
from faces.services.people import delete_empty_people
from photos.models import Original

# Intersection over union of two boxes at the same place. Engines differ in what of a head is in the box: on 20
# photographs, the boxes of one face overlap by 0.53 to 0.8.
MIN_OVERLAP, MIN_OVERLAP_OF_ENGINES = 0.5, 0.3
UPDATED_FIELDS = ("x", "y", "width", "height", "score", "quality", "landmarks", "embedding", "engine")


@transaction.atomic
def replace_faces(*, original: Original, found: Sequence[Face], gate: Gate) -> None:
    """Replaces the original's faces by those that were `found` (not saved yet).

    A face found at the place of an existing one updates that row, so that its assignments (by an operator,
    perhaps) stay. If it no longer passes the gate, only an operator's stay.
    """
    note_faces_changed(original_id=original.pk)
    Look.objects.filter(face__original=original).delete()  # until the faces are assigned anew
    existing = list(original.faces.all())
    same = _pair_by_place(existing, found)
    lost = [face.pk for face in existing if face.pk not in {old.pk for old, _ in same}]
    owners = set(FaceAssignment.objects.filter(face__original=original).values_list("owner_id", flat=True))
    original.faces.filter(pk__in=lost).delete()
    for old, new in same:
        for name in UPDATED_FIELDS:
            setattr(old, name, getattr(new, name))
    Face.objects.bulk_update([old for old, _ in same], UPDATED_FIELDS)
    paired = {id(new) for _, new in same}
    Face.objects.bulk_create([new for new in found if id(new) not in paired])
    unpinned = FaceAssignment.objects.filter(face__original=original, pinned=False)
    unpinned.exclude(face__in=original.faces.filter(recognisable(gate))).delete()
    delete_empty_people(owners)


def _pair_by_place(existing: Sequence[Face], found: Sequence[Face]) -> list[tuple[Face, Face]]:
    """Returns pairs of an existing and a found face at one place, largest overlap first; each face once."""
    pairs = [(_overlap(old, new), old, new) for old in existing for new in found]
    pairs = [pair for pair in pairs if pair[0] >= _least_overlap(*pair[1:])]
    taken: set[int] = set()
    chosen = []
    for _, old, new in sorted(pairs, key=lambda pair: -pair[0]):
        if taken.isdisjoint({id(old), id(new)}):
            taken.update({id(old), id(new)})
            chosen.append((old, new))
    return chosen


def _least_overlap(a: Face, b: Face) -> float:
    return MIN_OVERLAP if a.engine == b.engine else MIN_OVERLAP_OF_ENGINES


def _overlap(a: Face, b: Face) -> float:
    """Returns the intersection over union of the boxes, 0 to 1."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)
