"""What users do with the images of their libraries: put them into albums, take them out, erase them."""

from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from albums.models import Album
from albums.services import touch
from core.batching import BATCH, batched
from photos.image_paths import photos_by_path
from photos.models import Original, Photo, PhotoQuerySet, Rendition
from photos.services.copying import unsaved_copy
from photos.services.erasing import delete_unplaced_originals, erase_photos
from photos.services.processing import send_to_stage
from photos.services.reprocessing import MAX_ANNOUNCED
from photos.services.trash import untrash_photos
from photos.services.zips import delete_zips_with


@transaction.atomic
def add_images(*, album: Album, user: User, paths: Collection[str]) -> None:
    """Places the user's images of these paths in the album; those that are in it already stay there once.

    Raises `photos.image_paths.UnknownImage`, and then adds none.
    """
    Album.objects.select_for_update().get(pk=album.pk)  # two requests may add the same image
    images = {photos[0].s3_path: photos[0] for photos in photos_by_path(user, paths).values()}
    here: set[str] = set()
    for batch in batched(images):
        same = Photo.objects.filter(album=album, s3_path__in=batch)
        untrash_photos(photos=same)
        here.update(same.values_list("s3_path", flat=True))
    new = [unsaved_copy(photo, album, user) for path, photo in images.items() if path not in here]
    Photo.objects.bulk_create(new, batch_size=BATCH)
    touch(album_ids=[album.pk])


@transaction.atomic
def remove_from_album(*, photos: PhotoQuerySet) -> None:
    """Takes photos out of the album they are in; their owners keep the pictures in their libraries."""
    ids = list(photos.values_list("pk", flat=True))
    for batch in batched(ids):
        leaving = Photo.objects.filter(pk__in=batch)
        twin = Photo.objects.filter(owner=OuterRef("owner"), s3_path=OuterRef("s3_path"))
        library = Photo.objects.filter(album=None, owner__in=leaving.values("owner"))
        same = library.filter(s3_path__in=leaving.values("s3_path"))
        untrash_photos(photos=same.filter(Exists(twin.filter(pk__in=leaving.values("pk")))))
        leaving.filter(Exists(twin.filter(album=None))).delete()
        leaving.update(album=None, updated_at=timezone.now())
    delete_zips_with(photo_ids=ids)


@transaction.atomic
def erase_album(*, album: Album) -> None:
    """Removes the album for good; whoever has a photo in it keeps the picture in their library."""
    remove_from_album(photos=Photo.objects.filter(album=album, deleted_at=None))
    trashed = set(Photo.objects.filter(album=album).values_list("original_id", flat=True))
    album.delete()
    delete_unplaced_originals(trashed)


@transaction.atomic
def erase_images(*, user: User, paths: Collection[str]) -> None:
    """Erases the user's images of these paths, wherever they were placed and copied.

    Raises `photos.image_paths.UnknownImage`, and then erases none.
    """
    found = [photo for photos in photos_by_path(user, paths).values() for photo in photos]
    ids = {photo.pk for photo in found}
    for batch in batched({photo.s3_path for photo in found}):
        same = Photo.objects.filter(owner=user, s3_path__in=batch)
        ids.update(same.values_list("pk", flat=True))
    erase_photos(photo_ids=ids)


@transaction.atomic
def make_small_renditions(*, user: User, folder_name: str) -> int:
    """Has the user's images of a folder looked at again that lack the small rendition; says how many."""
    inside = Photo.objects.alive().filter(owner=user, s3_path__startswith=folder_name.rstrip("/") + "/")
    small = Rendition.objects.filter(original=OuterRef("pk"), kind=Rendition.Kind.SMALL)
    done = Q(status__in=[Original.Status.READY, Original.Status.FAILED])
    lacking = Original.objects.filter(done, ~Exists(small), pk__in=inside.values("original"))
    ids = list(lacking.values_list("pk", flat=True))
    for batch in batched(ids):
        Original.objects.filter(done, pk__in=batch).start_over()
    transaction.on_commit(partial(send_to_stage, original_ids=ids[:MAX_ANNOUNCED]))
    return len(ids)
