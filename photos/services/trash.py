"""The trash: deleted photos are hidden at once and purged after some days (`settings.TRASH_DAYS`)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Q
from django.utils import timezone

from accounts.models import User
from albums.models import Album
from albums.services import touch_albums
from core.batching import batched
from photos.models import Original, Photo, PhotoQuerySet, RemovedPicture
from photos.services.admission import (
    admit_pictures,
    note_removed,
    readmit_pictures,
    record_removed_content,
)
from photos.services.erasing import lock_unplaced_originals
from photos.services.keeping import keep_in_libraries
from photos.services.restoring import untrash_photos
from photos.services.zips import delete_zips_with
from photos.signals import photos_erased

PURGED_AT_ONCE = 200  # photos of one transaction: each deletes rows of a dozen tables


@dataclass(frozen=True)
class Purged:
    """The numbers of rows that a purge deleted, or would delete."""

    photos: int = 0
    originals: int = 0
    albums: int = 0


def photo_to_delete(*, user: User, photo_id: UUID) -> Photo:
    """Returns a photo that the user may delete, or has deleted, alone or with its album: deleting may be repeated.

    Raises `Photo.DoesNotExist` when the user may not see it, and `PermissionDenied`.
    """
    photos = Photo.objects.select_related("original", "album")
    photo = photos.visible_to(user).filter(pk=photo_id).first()
    if photo is None:
        alone = Q(Q(deleted_by=user) | Q(owner=user), deleted_at__isnull=False)
        with_album = Q(Q(owner=user) | Q(album__owner=user), album__deleted_at__isnull=False)
        return photos.filter(alone | with_album).get(pk=photo_id)
    if not may_delete(user=user, photo=photo):
        raise PermissionDenied("Only the photo's or the album's owner may delete it.")
    return photo


def may_delete(*, user: User, photo: Photo) -> bool:
    """Returns whether the user, who sees the photo, may delete it: it is theirs, or the album is."""
    return user.pk in (photo.owner_id, photo.uploader_id, photo.album and photo.album.owner_id)


@transaction.atomic
def trash_photo(*, photo: Photo, by: User | None = None) -> None:
    """Hides the photo from everybody. Its files are removed when the last photo that uses them is purged.

    `by` is who deletes it, its owner by default. When somebody else does, it stays in its owner's library; when
    the album's owner does, it stays out of the album. May be called again: the first call counts.
    """
    now, by = timezone.now(), by or photo.owner
    shown = Photo.objects.filter(pk=photo.pk, deleted_at=None)
    if shown.update(deleted_at=now, deleted_by=by, updated_at=now):
        photo.deleted_at, photo.deleted_by, photo.updated_at = now, by, now
        if by.pk != photo.owner_id:
            keep_in_libraries(photos=Photo.objects.filter(pk=photo.pk))
        elif photo.album:
            _kept_copies(photo).update(deleted_at=now, deleted_by=by, updated_at=now)
        if photo.album and by.pk == photo.album.owner_id:
            note_removed(album=photo.album, original=photo.original)
    delete_zips_with(photo_ids=[photo.pk])


def _kept_copies(photo: Photo) -> PhotoQuerySet:
    """Returns the library copies that exist only because the photo had once left its album.

    Where somebody else has deleted the same picture elsewhere, its owner keeps the copy.
    """
    library = Photo.objects.filter(album=None, owner=photo.owner_id, original=photo.original_id, deleted_at=None)
    taken = Photo.objects.filter(owner=photo.owner_id, original=photo.original_id, deleted_at__isnull=False)
    is_needed = Exists(taken.exclude(deleted_by=photo.owner_id))
    return library.filter(~is_needed, copied_from__in=[photo.pk, photo.copied_from or photo.pk])


def trash_removed_content(*, original: Original, sha256: str, photo_ids: Collection[UUID]) -> None:
    """Applies what albums' owners have deleted, when the content of these photos has become known.

    Photos of a removed picture leave the album again, unless the album's owner has added them.
    Call it in the transaction that stores the content of the original.
    """
    record_removed_content(original=original, sha256=sha256)
    albums = RemovedPicture.objects.filter(sha256=sha256).values("album")
    shown = Photo.objects.filter(pk__in=photo_ids, album__in=albums, deleted_at=None)
    for photo in shown.select_related("album__owner", "original"):
        assert photo.album  # noqa: S101 - selected by its album
        owner = photo.album.owner
        if photo.uploader_id == owner.pk:
            admit_pictures(album=photo.album, user=owner, sha256=sha256)
        else:
            trash_photo(photo=photo, by=owner)


@transaction.atomic
def trash_photos(*, photo_ids: Collection[UUID]) -> int:
    """Hides the photos for an operator, everywhere: only an operator restores them.

    Returns the number of those that were visible before.
    """
    hidden, now = 0, timezone.now()
    for batch in batched(photo_ids):
        shown = Photo.objects.filter(pk__in=batch, deleted_at=None)
        hidden += shown.update(deleted_at=now, deleted_by=None, updated_at=now)
        delete_zips_with(photo_ids=batch)
    return hidden


@transaction.atomic
def restore_photos(*, photo_ids: Collection[UUID]) -> int:
    """Restores photos from the trash; returns their number. Their albums are processed again."""
    restored, albums = 0, set[UUID]()
    for batch in batched(photo_ids):
        hidden = Photo.objects.filter(pk__in=batch).exclude(deleted_at=None)
        albums.update(hidden.exclude(album=None).values_list("album_id", flat=True).distinct())
        readmit_pictures(photos=hidden)
        restored += untrash_photos(photos=hidden)
    touch_albums(album_ids=albums)
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
