"""The faces of an original when it is looked at again: who was known stays known."""

from collections.abc import Sequence

from django.db import transaction

from faces.models import Face, FaceAssignment
from faces.services.people import forget_empty_people
from photos.models import Original

SAME_PLACE = 0.5  # of the area that two boxes cover together, they share this much
FOUND = ("x", "y", "width", "height", "score", "landmarks", "embedding", "engine")


@transaction.atomic
def replace_faces(*, original: Original, found: Sequence[Face]) -> None:
    """Makes the original's faces be those that were `found` (not saved yet).

    One at the place of a face that was known before goes on as that face, so that what was decided about it
    (by an operator, perhaps) is kept.
    """
    known = list(original.faces.all())
    same = _same_places(known, found)
    lost = [face.pk for face in known if face.pk not in {old.pk for old, _ in same}]
    owners = set(FaceAssignment.objects.filter(face__in=lost).values_list("owner_id", flat=True))
    original.faces.filter(pk__in=lost).delete()
    forget_empty_people(owners)
    for old, new in same:
        for name in FOUND:
            setattr(old, name, getattr(new, name))
    Face.objects.bulk_update([old for old, _ in same], FOUND)
    kept = {id(new) for _, new in same}
    Face.objects.bulk_create([new for new in found if id(new) not in kept])


def _same_places(known: Sequence[Face], found: Sequence[Face]) -> list[tuple[Face, Face]]:
    """Pairs of a known and a found face at one place, the best fitting first; each face once."""
    pairs = [(_overlap(old, new), old, new) for old in known for new in found]
    pairs = [pair for pair in pairs if pair[0] >= SAME_PLACE]
    taken: set[int] = set()
    chosen = []
    for _, old, new in sorted(pairs, key=lambda pair: -pair[0]):
        if taken.isdisjoint({id(old), id(new)}):
            taken.update({id(old), id(new)})
            chosen.append((old, new))
    return chosen


def _overlap(a: Face, b: Face) -> float:
    """Intersection over union of the boxes, 0 to 1."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)
