"""Copies and moves photos. Copies share the stored file and its analysis."""

from collections.abc import Iterator, Sequence
from itertools import count
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.models import Album
from albums.selectors import members_of
from albums.services import touch_albums
from core.batching import BATCH
from photos.models import UNFINISHED, Like, Photo
from photos.signals import photo_moved, photos_arrived, photos_copied

INHERITED_FIELDS = (
    *("s3_path", "s3_server_id", "sort_order", "photo_creation_date", "local_creation_date"),
    *("num_faces", "rectangles", "detected_data"),
)


class NotProcessedYet(Exception):
    """The photo is still being processed; it can be copied later."""


class AlreadyThere(Exception):
    """The photo, or another one with the same path, is in that album already."""


@transaction.atomic
def copy_photos(*, photos: Sequence[Photo], album: Album, user: User) -> list[Photo]:
    """Copies the photos into the album, for the user; returns the copies in the order of `photos`.

    A copy inherits what clients have said about the picture, and (through `photos_copied`) its sightings; likes
    and names on devices are not copied. The photos must be loaded with their originals.
    Raises `NotProcessedYet` and copies nothing when one of the photos is unfinished.
    """
    if any(photo.original.status in UNFINISHED for photo in photos):
        raise NotProcessedYet("The photo is still being processed.")
    copies = [unsaved_copy(photo, album, user) for photo in photos]
    Photo.objects.bulk_create(copies, batch_size=BATCH)
    touch_albums(album_ids=[album.pk])
    pairs = {photo.pk: copy.pk for photo, copy in zip(photos, copies, strict=True)}
    photos_copied.send(Photo, copies=pairs, album=album)
    photos_arrived.send(Photo, photo_ids=list(pairs.values()))
    return copies


def unsaved_copy(photo: Photo, album: Album, user: User) -> Photo:
    """Returns a copy of the photo that is not saved yet."""
    return Photo(
        id=uuid7(),
        original=photo.original,
        album=album,
        owner=user,
        uploader=user,
        copied_from=photo.copied_from or photo.pk,
        **{name: getattr(photo, name) for name in INHERITED_FIELDS},
    )


def next_positions(album: Album) -> Iterator[UUID]:
    """Yields positions after those of all photos that are in the album, each after the one before."""
    last = Photo.objects.filter(album=album).order_by("-position").values_list("position", flat=True).first()
    return (UUID(int=number) for number in count(max(uuid7().int, last.int + 1 if last else 0)))


def may_change(*, photo: Photo, user: User) -> bool:
    """Whether the user may move, sort and delete the photo: its owner and the owner of its album may."""
    return user.pk == photo.owner_id or (photo.album is not None and user.pk == photo.album.owner_id)


def move_photo(*, photo: Photo, album: Album, user: User) -> None:
    """Moves the photo to another album.

    If the uploader is no member of that album, the user becomes the uploader; else nobody would see the photo.
    Likes and sightings of people who are no members there are deleted.
    Raises `PermissionDenied`, and `AlreadyThere`.
    """
    if not may_change(photo=photo, user=user):
        raise PermissionDenied("Only the photo's or the album's owner may move it.")
    if photo.album_id == album.pk:
        raise AlreadyThere("The photo is there already.")
    photo.album, photo.position = album, next(next_positions(album))
    members = members_of(album)
    if not members.filter(pk=photo.uploader_id).exists():
        photo.uploader = user
    try:
        with transaction.atomic():
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
