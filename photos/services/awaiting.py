"""Keys that were registered before their files came: whoever guesses a name first has no right to the file.

A file belongs to who registers its key once it is there. Who has registered earlier gets it when nobody else has
asked for it within `ALBUM_QUIET_SECONDS` of its coming; until then, and otherwise, their photo has no file. After
`PATIENCE` an early registration counts no longer.
"""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.services import queue_quietly
from photos import storage
from photos.models import Original, Photo
from photos.models.originals import OriginalQuerySet
from photos.services.processing import send_to_stage

PATIENCE = timedelta(days=1)
MAX_LOOKED_FOR = 100  # files in one round of the sweep: each costs a request to the bucket


def await_file(*, user: User, key: str) -> Original:
    """Creates an original for a file that has not come. It owns nothing under the key."""
    new_id = uuid7()
    return Original.objects.create(id=new_id, owner=user, key=storage.no_key(new_id), awaited_key=key)


def take_file(*, original: Original, stored: storage.StoredFile) -> bool:
    """Gives the awaited file to the original, to be processed anew; returns False when it is somebody else's."""
    key = original.awaited_key
    if key is None:
        return False
    try:
        with transaction.atomic():
            waiting = Original.objects.filter(pk=original.pk, awaited_key=key)
            waiting.update(key=key, awaited_key=None, size=stored.size, etag=stored.etag)
            waiting_no_more = Original.objects.filter(pk=original.pk, key=key)
            taken = bool(waiting_no_more.start_over())
    except IntegrityError:
        return False
    original.refresh_from_db()
    return taken


def hand_over(*, photo: Photo, original: Original, user: User) -> None:
    """Makes a photo whose file had not come the user's, who has registered the same key with its file.

    An album has one photo of a key.
    """
    photo.original, photo.owner, photo.uploader = original, user, user
    photo.deleted_at = photo.deleted_by = None
    photo.save(update_fields=["original", "owner", "uploader", "deleted_at", "deleted_by", "updated_at"])


def look_for_files() -> int:
    """Looks for awaited files, the longest unlooked for first; returns the number of originals that got theirs.

    Raises `photos.storage.StorageUnavailable`.
    """
    Original.objects.awaiting_file().filter(waiting_since__lt=timezone.now() - PATIENCE, photos=None).delete()
    longest_ago = F("file_checked_at").asc(nulls_first=True)
    found = 0
    for original in _looked_for().order_by(longest_ago)[:MAX_LOOKED_FOR]:
        stored = storage.stat(str(original.awaited_key))
        now = timezone.now()
        seen_at = (original.file_seen_at or now) if stored else None
        Original.objects.filter(pk=original.pk).update(file_checked_at=now, file_seen_at=seen_at)
        if stored and seen_at and seen_at <= now - timedelta(seconds=settings.ALBUM_QUIET_SECONDS):
            found += _give_to_only_one(original, stored)
    return found


def _looked_for() -> OriginalQuerySet:
    """Returns the originals whose file may still come to them."""
    of_others = Original.objects.filter(key=OuterRef("awaited_key"))
    waiting = Original.objects.awaiting_file().filter(waiting_since__gte=timezone.now() - PATIENCE)
    return waiting.filter(~Exists(of_others))


def _give_to_only_one(original: Original, stored: storage.StoredFile) -> bool:
    """Gives the file to the original; one that others wait for, too, is for who asks now that it is there."""
    others = _looked_for().filter(awaited_key=original.awaited_key).exclude(owner=original.owner_id)
    if others.exists() or not take_file(original=original, stored=stored):
        return False
    albums = Photo.objects.alive().filter(original=original).exclude(album=None)
    queue_quietly(album_ids=albums.values_list("album_id", flat=True))
    send_to_stage(original_ids=[original.pk])
    return True
