"""Erases photos for good: rows in the caller's transaction, files after it has committed."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from core.batching import batched
from photos.models import Original, Photo
from photos.models.originals import OriginalQuerySet
from photos.services.zips import delete_zips_with
from photos.signals import photos_erased


@transaction.atomic
def erase_photos_of(*, user: User) -> None:
    """Erases the user's photos and uploads with all copies, and everybody's photos in the user's albums.

    An original is deleted with its last photo.
    """
    erased = Photo.objects.filter(Q(owner=user) | Q(uploader=user) | Q(album__owner=user))
    original_ids = set(erased.values_list("original_id", flat=True))
    delete_zips_with(photo_ids=erased.values_list("pk", flat=True))
    delete_zips_with(photo_ids=Photo.objects.filter(original__owner=user).values_list("pk", flat=True))
    Original.objects.filter(owner=user).delete()
    erased.delete()
    delete_unplaced_originals(original_ids)


@dataclass
class ErasedPhotos:
    """The number of erased images, and of the rows deleted with them by model (`photos.Photo`)."""

    images: int = 0
    rows: Counter[str] = field(default_factory=Counter)


@transaction.atomic
def erase_photos(*, photo_ids: Collection[UUID], spared_ids: Collection[UUID] = ()) -> ErasedPhotos:
    """Erases the photos and all their copies, except those in `spared_ids`.

    An original is deleted with its last photo.
    """
    erased, owners = ErasedPhotos(), set[UUID]()
    for batch in batched(set(photo_ids) - set(spared_ids)):
        family = Photo.objects.filter(Q(pk__in=batch) | Q(copied_from__in=batch)).exclude(pk__in=spared_ids)
        originals = set(family.values_list("original_id", flat=True))
        owners.update(family.values_list("owner_id", flat=True))
        erased.images += len(originals)
        delete_zips_with(photo_ids=list(family.values_list("pk", flat=True)))
        erased.rows.update(family.delete()[1])
        erased.rows.update(lock_unplaced_originals(originals).delete()[1])
    photos_erased.send(Photo, owner_ids=owners)
    return erased


def delete_unplaced_originals(original_ids: Collection[UUID]) -> None:
    """Deletes those of the originals that have no photo any more."""
    for batch in batched(original_ids):
        lock_unplaced_originals(batch).delete()


def lock_unplaced_originals(original_ids: Collection[UUID]) -> OriginalQuerySet:
    """Locks the originals and returns those without photos; call it in the transaction that deletes them.

    The lock makes a transaction that adds a photo of such an original wait, so that this photo is not deleted.
    """
    originals = Original.objects.filter(pk__in=original_ids)
    list(originals.select_for_update().order_by("pk").values_list("pk"))
    return originals.filter(photos=None)
