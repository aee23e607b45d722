"""Takes photos out of the trash."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from albums.models import Album
from albums.selectors import members_of
from albums.services import hold_album, touch_albums
from photos.models import Original, Photo, PhotoQuerySet
from photos.services.admission import PictureRemoved, admit_pictures
from photos.signals import photos_arrived


def untrash_photos(*, photos: PhotoQuerySet) -> int:
    """Restores those of the photos that are in the trash; returns their number. Call it inside a transaction."""
    ids = list(photos.exclude(deleted_at=None).values_list("pk", flat=True))
    restored = Photo.objects.filter(pk__in=ids).update(deleted_at=None, deleted_by=None, updated_at=timezone.now())
    photos_arrived.send(Photo, photo_ids=ids)  # their faces may have been found while they were in the trash
    return restored


def find_or_restore(
    *, album: Album, user: User, sha256: str | None = None, original: Original | None = None
) -> Photo | None:
    """Returns the user's photo of this content or original in the album; restores one that they have deleted.

    Returns None when the picture is new to the album. Raises `PictureRemoved` when somebody else has deleted it.
    Call it inside a transaction.
    """
    same = Q(original=original) if original else Q()
    if content := sha256 or (original and original.sha256):
        same |= Q(original__sha256=content)
    in_album = Photo.objects.filter(same, album=album).select_related("original").order_by("pk")
    mine, trashed = in_album.filter(uploader=user), in_album.exclude(deleted_at=None)
    if photo := mine.filter(deleted_at=None).first():
        return photo
    own = Q(uploader=user, deleted_by__in=[user.pk, album.owner_id])
    if photo := trashed.filter(own | Q(pk__in=restorable_by(user).values("pk"))).first():
        restore_own(photo=photo, album=album, user=user)
        return photo
    if trashed.filter(uploader=user).exists():
        raise PictureRemoved
    admit_pictures(album=album, user=user, originals=[original] if original else [], sha256=sha256)
    return None


def restorable_by(user: User) -> PhotoQuerySet:
    """Returns the photos that the user has deleted; of others' only those that these have not deleted as well."""
    library = Photo.objects.filter(album=None, deleted_at=None)
    is_kept = Exists(library.filter(owner=OuterRef("owner"), original=OuterRef("original")))
    return Photo.objects.filter(Q(owner=user) | Q(is_kept), deleted_by=user)


def trashed_photos(user: User) -> PhotoQuerySet:
    """Returns the photos that the user has deleted and may still bring back, of albums that they are in."""
    cutoff = timezone.now() - timedelta(days=settings.TRASH_DAYS)
    places = Q(album=None, owner=user) | Q(album__in=Album.objects.visible_to(user).values("pk"))
    return restorable_by(user).filter(places, deleted_at__gt=cutoff)


@transaction.atomic
def restore_deleted_photo(*, user: User, photo_id: UUID) -> Photo:
    """Brings back a photo that the user has deleted, to where it was; its album is processed again.

    Raises `Photo.DoesNotExist`, `albums.services.LookOnly`, and `PictureRemoved` when others have deleted it, too.
    """
    photo = trashed_photos(user).select_related("original", "album__owner").get(pk=photo_id)
    if photo.album is None:
        untrash_photos(photos=Photo.objects.filter(pk=photo.pk))
        return photo
    hold_album(album=photo.album, user=user)
    restore_own(photo=photo, album=photo.album, user=user)
    touch_albums(album_ids=[photo.album.pk])
    return photo


def restore_own(*, photo: Photo, album: Album, user: User) -> None:
    """Restores a photo that the user has deleted from the album. Raises `PictureRemoved` when others have.

    What the album's owner has deleted, others may restore when the owner has brought the picture back. If the
    uploader has left the album, the user becomes the uploader; else nobody would see the photo.
    """
    if photo.deleted_by_id not in (user.pk, album.owner_id):
        raise PictureRemoved
    admit_pictures(album=album, user=user, originals=[photo.original])
    photo.deleted_at = photo.deleted_by = None
    if not members_of(album).filter(pk=photo.uploader_id).exists():
        photo.uploader = user
    photo.save(update_fields=["deleted_at", "deleted_by", "uploader", "updated_at"])
    photos_arrived.send(Photo, photo_ids=[photo.pk])
