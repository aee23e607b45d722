"""Photos that are about to be placed in an album or a library."""

from collections.abc import Iterator
from itertools import count
from uuid import UUID

from uuid_utils.compat import uuid7

from accounts.models import User
from albums.models import Album
from photos.models import Photo

INHERITED_FIELDS = (
    *("s3_path", "s3_server_id", "sort_order", "photo_creation_date", "local_creation_date"),
    *("num_faces", "rectangles", "detected_data"),
)


def unsaved_copy(photo: Photo, album: Album | None, user: User) -> Photo:
    """Returns a copy of the photo, in the album or in the user's library, that is not saved yet."""
    inherited = {name: getattr(photo, name) for name in INHERITED_FIELDS}
    if photo.is_imported and user.pk != photo.original.owner_id:
        inherited["s3_path"] = photo.original.key  # paths of the server's disk are the importer's
    return Photo(
        id=uuid7(),
        original=photo.original,
        album=album,
        owner=user,
        uploader=user,
        copied_from=photo.copied_from or photo.pk,
        **inherited,
    )


def next_positions(album: Album) -> Iterator[UUID]:
    """Yields positions after those of all photos that are in the album, each after the one before."""
    last = Photo.objects.filter(album=album).order_by("-position").values_list("position", flat=True).first()
    return (UUID(int=number) for number in count(max(uuid7().int, last.int + 1 if last else 0)))
