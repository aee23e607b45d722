"""Erasing for good: rows in the caller's transaction, files when it has committed."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from photos.models import Original, Photo


@transaction.atomic
def erase_photos_of(*, user: User) -> None:
    """Erases all that the user stored, wherever it was placed and copied, and the photos in the user's albums.

    Photos of others in those albums go with them; an original goes with its last photo.
    """
    going = Photo.objects.filter(Q(owner=user) | Q(uploader=user) | Q(album__owner=user))
    touched = set(going.values_list("original_id", flat=True))
    Original.objects.filter(owner=user).delete()
    going.delete()
    _delete_unplaced(touched)


def _delete_unplaced(original_ids: set[UUID]) -> None:
    ids = list(original_ids)
    for start in range(0, len(ids), 1000):
        Original.objects.filter(pk__in=ids[start : start + 1000], photos=None).delete()
