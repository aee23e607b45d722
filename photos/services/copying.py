"""Copies and moves photos. Copies share the stored file and its analysis."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import User
from albums.models import Album
from albums.selectors import members_of
from albums.services import hold_album, touch_albums
from core.batching import BATCH
from photos.models import Like, Photo
from photos.services.admission import admit_pictures
from photos.services.keeping import keep_in_libraries
from photos.services.placing import next_positions, unsaved_copy
from photos.signals import photo_moved, photos_arrived, photos_copied


class AlreadyThere(Exception):
    """Another photo with the same path is in that album already."""


@transaction.atomic
def copy_photos(*, photos: Sequence[Photo], album: Album, user: User) -> list[Photo]:
    """Copies the photos into the album, for the user; returns the copies in the order of `photos`.

    A copy inherits what clients have said about the picture, and (through `photos_copied`) its sightings; likes
    and names on devices are not copied. A copy of an unfinished photo becomes ready with it.
    The photos must be loaded with their originals.
    Raises `photos.services.PictureRemoved` and copies nothing when the album's owner has deleted one of them, and
    `albums.services.LookOnly` and `Album.DoesNotExist` when the user may not add to the album any more.
    """
    hold_album(album=album, user=user)
    admit_pictures(album=album, user=user, originals=[photo.original for photo in photos])
    copies = [unsaved_copy(photo, album, user) for photo in photos]
    Photo.objects.bulk_create(copies, batch_size=BATCH)
    touch_albums(album_ids=[album.pk])
    pairs = {photo.pk: copy.pk for photo, copy in zip(photos, copies, strict=True)}
    photos_copied.send(Photo, copies=pairs, album=album)
    photos_arrived.send(Photo, photo_ids=list(pairs.values()))
    return copies


def may_change(*, photo: Photo, user: User) -> bool:
    """Whether the user may move and sort the photo: its owner and the owner of its album may."""
    return user.pk == photo.owner_id or (photo.album is not None and user.pk == photo.album.owner_id)


def move_photo(*, photo: Photo, album: Album, user: User) -> None:
    """Moves the photo to another album; does nothing when it is there already.

    If the uploader is no member of that album, the user becomes the uploader; else nobody would see the photo.
    If the photo's owner is no member there, they keep the picture in their library. Likes and sightings of people
    who are no members there are deleted.
    Raises `PermissionDenied`, `photos.services.PictureRemoved`, `AlreadyThere`, and `Album.DoesNotExist` when the
    user does not see the album any more.
    """
    if not may_change(photo=photo, user=user):
        raise PermissionDenied("Only the photo's or the album's owner may move it.")
    if photo.album_id == album.pk:
        return
    members = members_of(album)
    try:
        with transaction.atomic():
            hold_album(album=album, user=user)
            concerned = members.filter(pk__in=[photo.owner_id, photo.uploader_id])
            participants = set(concerned.values_list("pk", flat=True))
            admit_pictures(album=album, user=user, originals=[photo.original])
            if photo.owner_id not in participants:
                keep_in_libraries(photos=Photo.objects.filter(pk=photo.pk))
            photo.album, photo.position = album, next(next_positions(album))
            if photo.uploader_id not in participants:
                photo.uploader = user
            photo.save(update_fields=["album", "position", "uploader", "updated_at"])
            Like.objects.filter(photo=photo).exclude(user__in=members).delete()
            photo_moved.send(Photo, photo=photo)
            touch_albums(album_ids=[album.pk])
    except IntegrityError as error:
        raise AlreadyThere("There is a photo of the same file already.") from error


def set_sort_order(*, photo: Photo, user: User, sort_order: str) -> None:
    """Sets the key by which clients sort the photo. Raises `PermissionDenied`."""
    if not may_change(photo=photo, user=user):
        raise PermissionDenied("Only the photo's or the album's owner may sort it.")
    photo.sort_order = sort_order
    photo.save(update_fields=["sort_order", "updated_at"])
