"""The trash: hidden at once, purged after a month."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from albums.models import Album
from albums.services import touch
from core.batching import batched
from photos.models import Original, Photo, PhotoQuerySet
from photos.services.erasing import lock_unplaced_originals
from photos.services.zips import delete_zips_with
from photos.signals import photos_arrived, photos_erased

PURGED_AT_ONCE = 200  # photos of one transaction: each takes rows of a dozen tables with it


@dataclass(frozen=True)
class Purged:
    """What a purge took, or would take."""

    photos: int = 0
    originals: int = 0
    albums: int = 0


@transaction.atomic
def trash_photo(*, photo: Photo) -> None:
    """Hides the photo from everybody. Its files go when the last photo that uses them is purged."""
    if photo.deleted_at is None:
        photo.deleted_at = timezone.now()
        photo.save(update_fields=["deleted_at", "updated_at"])
    delete_zips_with(photo_ids=[photo.pk])


@transaction.atomic
def trash_photos(*, photo_ids: Collection[UUID]) -> int:
    """Hides the photos, like `trash_photo`; says how many were not hidden before."""
    hidden, now = 0, timezone.now()
    for batch in batched(photo_ids):
        hidden += Photo.objects.filter(pk__in=batch, deleted_at=None).update(deleted_at=now, updated_at=now)
        delete_zips_with(photo_ids=batch)
    return hidden


@transaction.atomic
def restore_photos(*, photo_ids: Collection[UUID]) -> int:
    """Takes the photos out of the trash and says how many were there; their albums are looked through again."""
    restored, albums = 0, set[UUID]()
    for batch in batched(photo_ids):
        hidden = Photo.objects.filter(pk__in=batch).exclude(deleted_at=None)
        albums.update(hidden.exclude(album=None).values_list("album_id", flat=True).distinct())
        restored += untrash_photos(photos=hidden)
    touch(album_ids=albums)
    return restored


def untrash_photos(*, photos: PhotoQuerySet) -> int:
    """Shows those of the photos again that are hidden, and says how many are. Call inside a transaction.

    Their faces may have been found while nobody saw them.
    """
    ids = list(photos.exclude(deleted_at=None).values_list("pk", flat=True))
    back = Photo.objects.filter(pk__in=ids).update(deleted_at=None, updated_at=timezone.now())
    photos_arrived.send(Photo, photo_ids=ids)
    return back


def purge_cutoff() -> datetime:
    """What was deleted before this has been in the trash long enough."""
    return timezone.now() - timedelta(days=settings.TRASH_DAYS)


def purgeable_photos(before: datetime) -> PhotoQuerySet:
    """Photos that were deleted before that time, or whose album was."""
    return Photo.objects.filter(Q(deleted_at__lte=before) | Q(album__deleted_at__lte=before))


def purge_photos(*, before: datetime) -> Iterator[Purged]:
    """Removes the photos for good, in batches of their own transactions, with originals that were their last.

    It can be stopped after any batch. Files go when a batch has committed.
    """
    while batch := list(purgeable_photos(before).values_list("pk", "original_id")[:PURGED_AT_ONCE]):
        yield _purge_batch({pk for pk, _ in batch}, {original for _, original in batch}, before)


@transaction.atomic
def _purge_batch(photo_ids: set[UUID], original_ids: set[UUID], before: datetime) -> Purged:
    going = purgeable_photos(before).filter(pk__in=photo_ids)  # what was brought back meanwhile stays
    owners = set(going.values_list("owner_id", flat=True))
    photos = going.delete()[1].get("photos.Photo", 0)
    originals = lock_unplaced_originals(original_ids).delete()[1].get("photos.Original", 0)
    photos_erased.send(Photo, owner_ids=owners)
    return Purged(photos=photos, originals=originals)


@transaction.atomic
def purge_albums(*, before: datetime) -> int:
    """Removes albums that were deleted before that time and hold no photo any more; says how many."""
    going = Album.objects.filter(deleted_at__lte=before, photos=None)
    return going.delete()[1].get("albums.Album", 0)


def purge_trash(*, before: datetime | None = None) -> Purged:
    """Removes for good what has been in the trash long enough, and says how much."""
    before = before or purge_cutoff()
    batches = list(purge_photos(before=before))
    return Purged(
        photos=sum(batch.photos for batch in batches),
        originals=sum(batch.originals for batch in batches),
        albums=purge_albums(before=before),
    )


def count_purgeable(*, before: datetime) -> Purged:
    """What a purge would take."""
    photos = purgeable_photos(before)
    staying = Photo.objects.exclude(pk__in=photos.values("pk"))
    originals = Original.objects.filter(photos__in=photos).exclude(photos__in=staying).distinct()
    return Purged(
        photos=photos.count(),
        originals=originals.count(),
        albums=Album.objects.filter(deleted_at__lte=before).count(),
    )
