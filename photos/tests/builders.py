"""Builds rows of photos in bulk and without files, for tests that are not about uploads."""

import itertools

from accounts.models import User
from albums.models import Album
from photos import storage
from photos.models import Original, Photo, Rendition

_numbers = itertools.count(1)


def place_photos(
    album: Album | None, uploader: User, number: int = 1, *, status: str = "ready", **facts: object
) -> list[Photo]:
    """Creates photos of the uploader in the album, in order; `facts` are fields of their originals."""
    keys = [f"camera/{next(_numbers)}.jpg" for _ in range(number)]
    originals = Original.objects.bulk_create(
        [
            Original(
                owner=uploader, key=key, sha256=f"{key:a>64}", status=status, content_type="image/jpeg", **facts
            )
            for key in keys
        ]
    )
    Rendition.objects.bulk_create(
        [
            Rendition(original=original, kind=kind, key=f"{original.key}/{kind}", width=3, height=2)
            for original in originals
            if status == Original.Status.READY
            for kind in Rendition.Kind.values
        ]
    )
    return Photo.objects.bulk_create(
        [
            Photo(original=original, album=album, owner=uploader, uploader=uploader, s3_path=original.key)
            for original in originals
        ]
    )


def place_photo(album: Album | None, uploader: User, *, status: str = "ready", **facts: object) -> Photo:
    return place_photos(album, uploader, 1, status=status, **facts)[0]


def store_file(original: Original, content: bytes, content_type: str = "") -> None:
    """Stores the content as that of the original, whatever its hash says."""
    storage.save(original.key, content, content_type)
    stored = storage.stat(original.key)
    Original.objects.filter(pk=original.pk).update(etag=stored.etag if stored else "")
