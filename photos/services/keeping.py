"""Pictures that leave an album without having been deleted by their owners stay in the owners' libraries."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from core.batching import BATCH, batched
from photos.models import ImportedFile, Photo, PhotoQuerySet
from photos.services.placing import unsaved_copy
from photos.services.restoring import untrash_photos
from photos.signals import photos_arrived, photos_kept

Place = tuple[UUID, UUID]  # an owner and an original


@transaction.atomic
def keep_in_libraries(*, photos: PhotoQuerySet) -> None:
    """Puts copies of the photos into their owners' libraries, except where the same original is there already.

    A library photo in the trash is restored. Photos that are in a library anyway are left alone.
    """
    for ids in batched(list(photos.exclude(album=None).values_list("pk", flat=True))):
        leaving = list(Photo.objects.filter(pk__in=ids).select_related("original", "owner").order_by("pk"))
        library = _library_of(leaving)
        new = {
            (photo.owner_id, photo.original_id): unsaved_copy(photo, None, photo.owner)
            for photo in leaving
            if (photo.owner_id, photo.original_id) not in library
        }
        Photo.objects.bulk_create(new.values(), batch_size=BATCH)
        untrash_photos(photos=Photo.objects.filter(pk__in=[photo.pk for photo in library.values()]))
        photos_arrived.send(Photo, photo_ids=[photo.pk for photo in new.values()])
        kept = library | new
        copies = {photo.pk: kept[photo.owner_id, photo.original_id].pk for photo in leaving}
        _hand_over_files(copies)
        photos_kept.send(Photo, copies=copies)


def _library_of(leaving: Iterable[Photo]) -> dict[Place, Photo]:
    """Returns the library photos of the same owners and originals."""
    places = {(photo.owner_id, photo.original_id) for photo in leaving}
    same = Photo.objects.filter(album=None, original__in={original for _, original in places})
    found = {(photo.owner_id, photo.original_id): photo for photo in same.order_by("-pk")}
    return {place: photo for place, photo in found.items() if place in places}


def _hand_over_files(copies: dict[UUID, UUID]) -> None:
    """Has the imported files of these photos belong to the library photos, so that another import finds them."""
    for photo_id in ImportedFile.objects.filter(photo__in=copies).values_list("photo", flat=True):
        if not ImportedFile.objects.filter(photo=copies[photo_id]).exists():
            ImportedFile.objects.filter(photo=photo_id).update(photo=copies[photo_id])
