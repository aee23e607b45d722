"""The trash: deleted photos are hidden at once and purged after some days (`settings.TRASH_DAYS`)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from albums.models import Album
from albums.services import touch_albums
from core.batching import batched
from photos.models import Original, Photo, PhotoQuerySet
from photos.services.erasing import lock_unplaced_originals
from photos.services.zips import delete_zips_with
from photos.signals import photos_arrived, photos_erased

PURGED_AT_ONCE = 200  # photos of one transaction: each deletes rows of a dozen tables


@dataclass(frozen=True)
class Purged:
    """The numbers of rows that a purge deleted, or would delete."""

    photos: int = 0
    originals: int = 0
    albums: int = 0


@transaction.atomic
def trash_photo(*, photo: Photo) -> None:
    """Hides the photo from everybody. Its files are removed when the last photo that uses them is purged."""
    if photo.deleted_at is None:
        photo.deleted_at = timezone.now()
        photo.save(update_fields=["deleted_at", "updated_at"])
    delete_zips_with(photo_ids=[photo.pk])


@transaction.atomic
def trash_photos(*, photo_ids: Collection[UUID]) -> int:
    """Hides the photos, like `trash_photo`; returns the number of those that were visible before."""
    hidden, now = 0, timezone.now()
    for batch in batched(photo_ids):
        hidden += Photo.objects.filter(pk__in=batch, deleted_at=None).update(deleted_at=now, updated_at=now)
        delete_zips_with(photo_ids=batch)
    return hidden


@transaction.atomic
def restore_photos(*, photo_ids: Collection[UUID]) -> int:
    """Restores photos from the trash; returns their number. Their albums are processed again."""
    restored, albums = 0, set[UUID]()
    for batch in batched(photo_ids):
        hidden = Photo.objects.filter(pk__in=batch).exclude(deleted_at=None)
        albums.update(hidden.exclude(album=None).values_list("album_id", flat=True).distinct())
        restored += untrash_photos(photos=hidden)
    touch_albums(album_ids=albums)
    return restored


def untrash_photos(*, photos: PhotoQuerySet) -> int:
    """Restores those of the photos that are in the trash; returns their number. Call it inside a transaction."""
    ids = list(photos.exclude(deleted_at=None).values_list("pk", flat=True))
    restored = Photo.objects.filter(pk__in=ids).update(deleted_at=None, updated_at=timezone.now())
    photos_arrived.send(Photo, photo_ids=ids)  # their faces may have been found while they were in the trash
    return restored


def purge_cutoff() -> datetime:
    """Returns the time before which a photo must have been deleted to be purged now."""
    return timezone.now() - timedelta(days=settings.TRASH_DAYS)


def purgeable_photos(before: datetime) -> PhotoQuerySet:
    """Returns the photos that were deleted before that time, or whose album was."""
    return Photo.objects.filter(Q(deleted_at__lte=before) | Q(album__deleted_at__lte=before))


def purge_photos(*, before: datetime) -> Iterator[Purged]:
    """Deletes the photos for good, and originals that have no photo left; yields the numbers of each batch.

    Each batch is one transaction, and its files are removed after the commit: it can be stopped after any batch.
    """
    while batch := list(purgeable_photos(before).values_list("pk", "original_id")[:PURGED_AT_ONCE]):
        with transaction.atomic():
            # Filtered again: photos that were restored meanwhile stay.
            purged = purgeable_photos(before).filter(pk__in={pk for pk, _ in batch})
            owners = set(purged.values_list("owner_id", flat=True))
            photos = purged.delete()[1].get("photos.Photo", 0)
            unplaced = lock_unplaced_originals({original_id for _, original_id in batch})
            originals = unplaced.delete()[1].get("photos.Original", 0)
            photos_erased.send(Photo, owner_ids=owners)
        yield Purged(photos=photos, originals=originals)


@transaction.atomic
def purge_albums(*, before: datetime) -> int:
    """Deletes for good the empty albums that were deleted before that time; returns their number."""
    purged = Album.objects.filter(deleted_at__lte=before, photos=None)
    return purged.delete()[1].get("albums.Album", 0)


def purge_trash(*, before: datetime | None = None) -> Purged:
    """Deletes photos and albums for good that have been in the trash long enough; returns their numbers."""
    before = before or purge_cutoff()
    batches = list(purge_photos(before=before))
    return Purged(
        photos=sum(batch.photos for batch in batches),
        originals=sum(batch.originals for batch in batches),
        albums=purge_albums(before=before),
    )


def count_purgeable(*, before: datetime) -> Purged:
    """Returns the numbers of rows that a purge would delete."""
    photos = purgeable_photos(before)
    staying = Photo.objects.exclude(pk__in=photos.values("pk"))
    originals = Original.objects.filter(photos__in=photos).exclude(photos__in=staying).distinct()
    return Purged(
        photos=photos.count(),
        originals=originals.count(),
        albums=Album.objects.filter(deleted_at__lte=before).count(),
    )
