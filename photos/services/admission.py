"""What an album's owner has deleted from the album stays out of it until they bring it back."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from albums.models import Album
from core.batching import BATCH, batched
from photos.models import Original, PhotoQuerySet, RemovedPicture


class PictureRemoved(PermissionDenied):
    """Somebody else has deleted the picture from the album, so the user cannot bring it back."""

    def __init__(self) -> None:
        super().__init__("This picture was deleted from the album. Only who deleted it can bring it back.")


def note_removed(*, album: Album, original: Original) -> None:
    """Notes that the album's owner has deleted this picture from the album."""
    if original.sha256:
        RemovedPicture.objects.get_or_create(album=album, sha256=original.sha256)
    else:
        RemovedPicture.objects.get_or_create(album=album, original=original)


@transaction.atomic
def admit_pictures(
    *, album: Album, user: User, originals: Iterable[Original] = (), sha256: str | None = None
) -> None:
    """Checks that the user may put these pictures, or a file of this content, into the album.

    Raises `PictureRemoved` when the album's owner has deleted one of them there. To the owner all are admitted,
    and from then on to everybody. Costs one query, or two.
    """
    known = list(originals)
    contents = {content for content in (sha256, *(original.sha256 for original in known)) if content}
    ids = {original.pk for original in known}
    rows = RemovedPicture.objects.filter(album=album)
    if len(ids) <= BATCH:  # of more, all that were removed are compared
        rows = rows.filter(Q(sha256__in=contents) | Q(original__in=ids))
    removed = [row.pk for row in rows if row.sha256 in contents or row.original_id in ids]
    if removed and user.pk != album.owner_id:
        raise PictureRemoved
    for batch in batched(removed):
        RemovedPicture.objects.filter(pk__in=batch).delete()


def readmit_pictures(*, photos: PhotoQuerySet) -> None:
    """Admits the pictures of these photos to their albums again, for an operator."""
    same = Q(original__sha256=OuterRef("sha256")) | Q(original=OuterRef("original"))
    RemovedPicture.objects.filter(Exists(photos.filter(same, album=OuterRef("album")))).delete()


def record_removed_content(*, original: Original, sha256: str) -> None:
    """Stores the content of an original that was deleted from albums before it was read."""
    for row in RemovedPicture.objects.filter(original=original):
        RemovedPicture.objects.get_or_create(album_id=row.album_id, sha256=sha256)
        row.delete()
