"""Services for the images of a user's library: adding them to albums, removing them from there, erasing them."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from albums.models import Album, Invitation
from albums.services import delete_album, hold_album, touch_albums
from core.batching import BATCH, batched
from photos.image_paths import photos_by_path
from photos.models import Photo, PhotoQuerySet
from photos.services.admission import PictureRemoved, admit_pictures, note_removed
from photos.services.erasing import delete_unplaced_originals, erase_photos
from photos.services.keeping import keep_in_libraries
from photos.services.placing import next_positions, unsaved_copy
from photos.services.restoring import untrash_photos
from photos.services.trash import trash_photo
from photos.services.zips import delete_zips_with


@transaction.atomic
def add_images(*, album: Album, user: User, paths: Collection[str]) -> None:
    """Adds the user's images with these paths to the album, in this order, after what is there.

    An image that is there already stays in its place.
    Raises `photos.image_paths.UnknownImage` when one of the paths is unknown, and `PictureRemoved` when somebody
    else has deleted one of the images from the album; then it adds nothing.
    """
    hold_album(album=album, user=user)  # also because two requests may add the same image
    found = photos_by_path(user, paths)
    images = {found[path][0].s3_path: found[path][0] for path in paths}
    admit_pictures(album=album, user=user, originals=[image.original for image in images.values()])
    there, positions = _photos_there(album, user, images), next_positions(album)
    new, restored = [], []
    for s3_path, image in images.items():
        photo = there.get(s3_path)
        if photo is None:
            new.append(unsaved_copy(image, album, user))
            new[-1].position = next(positions)
        elif photo.deleted_at is not None:
            if photo.deleted_by_id != user.pk:
                raise PictureRemoved
            restored.append(photo)
            photo.position = next(positions)
    Photo.objects.bulk_create(new, batch_size=BATCH)
    Photo.objects.bulk_update(restored, ["position"], batch_size=BATCH)
    for batch in batched(restored):
        untrash_photos(photos=Photo.objects.filter(pk__in=[photo.pk for photo in batch]))
    touch_albums(album_ids=[album.pk])


def _photos_there(album: Album, user: User, s3_paths: Iterable[str]) -> dict[str, Photo]:
    """Returns the user's photos in the album with these paths, those in the trash only where there is no other."""
    there: dict[str, Photo] = {}
    for batch in batched(s3_paths):
        for photo in Photo.objects.filter(album=album, owner=user, s3_path__in=batch):
            if photo.s3_path not in there or photo.deleted_at is None:
                there[photo.s3_path] = photo
    return there


@transaction.atomic
def remove_from_album(*, photos: PhotoQuerySet) -> None:
    """Removes photos from their album for its owner; all owners of photos keep the pictures in their libraries.

    As with `trash_photo`, nobody but the album's owner brings them back.
    """
    own: list[UUID] = []
    for photo in photos.exclude(album=None).select_related("original", "album__owner"):
        assert photo.album  # noqa: S101 - the others were left out
        if photo.owner_id == photo.album.owner_id:
            note_removed(album=photo.album, original=photo.original)
            own.append(photo.pk)
        else:
            trash_photo(photo=photo, by=photo.album.owner)
    for batch in batched(own):
        move_to_library(photos=Photo.objects.filter(pk__in=batch))


@transaction.atomic
def move_to_library(*, photos: PhotoQuerySet) -> None:
    """Moves photos from their albums to the libraries of their owners."""
    ids = list(photos.values_list("pk", flat=True))
    for batch in batched(ids):
        removed = Photo.objects.filter(pk__in=batch)
        # A photo whose owner has the same path in the library is deleted, and the one in the library is restored.
        same_path = Photo.objects.filter(owner=OuterRef("owner"), s3_path=OuterRef("s3_path"))
        library = Photo.objects.filter(album=None, owner__in=removed.values("owner"))
        candidates = library.filter(s3_path__in=removed.values("s3_path"))
        untrash_photos(photos=candidates.filter(Exists(same_path.filter(pk__in=removed.values("pk")))))
        removed.filter(Exists(same_path.filter(album=None))).delete()
        removed.update(album=None, updated_at=timezone.now())
    delete_zips_with(photo_ids=ids)


@transaction.atomic
def delete_shared_or_erase(*, album: Album) -> None:
    """Moves the album to the trash if others take part in it; erases it if nobody does.

    In both cases, everybody keeps their pictures in their libraries.
    """
    album = Album.objects.select_for_update().get(pk=album.pk)
    photos = Photo.objects.filter(album=album)
    if Invitation.objects.live().filter(album=album).exclude(claimed_by=None).exists() or (
        photos.exclude(owner=album.owner_id, uploader=album.owner_id).exists()
    ):
        keep_in_libraries(photos=photos.filter(owner=album.owner_id, deleted_at=None))
        delete_album(album=album)  # which keeps those of the others
    else:
        erase_album(album=album)


@transaction.atomic
def erase_album(*, album: Album) -> None:
    """Deletes the album for good; the owners of its photos keep the pictures in their libraries."""
    move_to_library(photos=Photo.objects.filter(album=album, deleted_at=None))
    trashed = set(Photo.objects.filter(album=album).values_list("original_id", flat=True))
    album.delete()
    delete_unplaced_originals(trashed)


@transaction.atomic
def erase_images(*, user: User, paths: Collection[str]) -> None:
    """Erases the user's images with these paths, in the library and in all albums, with all their copies.

    Raises `photos.image_paths.UnknownImage` and erases nothing when one of the paths is unknown.
    """
    found = [photo for photos in photos_by_path(user, paths).values() for photo in photos]
    ids = {photo.pk for photo in found}
    for batch in batched({photo.s3_path for photo in found}):
        same = Photo.objects.filter(owner=user, s3_path__in=batch)
        ids.update(same.values_list("pk", flat=True))
    erase_photos(photo_ids=ids)
