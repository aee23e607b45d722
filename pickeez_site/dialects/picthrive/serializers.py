"""PicThrive's objects. Lists are read in a constant number of queries, however many things they hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from albums.models import Album
from albums.services import give_tokens
from photos.models import ORIGINAL, Photo, Rendition, Zip
from photos.selectors import contents_of, renditions_of
from photos.services import sort_order_of
from pickeez_site.serving.media import media_path, zip_path

Kind = Rendition.Kind
PUBLIC = {
    "Small": Kind.SMALL,
    "Watermark": Kind.WATERMARK,
    "WatermarkSmall": Kind.WATERMARK_SMALL,
    "WatermarkSquare": Kind.WATERMARK_SQUARE,
}
RENDITIONS = PUBLIC | {"Medium": Kind.MEDIUM, "Square": Kind.SQUARE}
MEGA = 1_000_000


def unix(time: datetime | None) -> int | None:
    """Unix seconds."""
    return int(time.timestamp()) if time else None


class PhotosSeen:
    """Photos as their group's members see them, or (`public`) as everybody does who has the group's token."""

    def __init__(self, photos: Sequence[Photo], *, public: bool = False) -> None:
        self._public = public
        made = renditions_of({photo.original_id for photo in photos})
        self._kinds = {original: {kind for kind, _, _ in renditions} for original, renditions in made.items()}

    def fields(self, photo: Photo) -> dict[str, Any]:
        """The photo. Of a deleted one there is nothing to be seen: its suffixes are null."""
        original = photo.original
        deleted = is_deleted(photo)
        return {
            "OwnerId": str(photo.owner_id),
            "GroupId": str(photo.album_id) if photo.album_id else None,
            "PhotoId": str(photo.pk),
            "Created": unix(photo.created_at),
            **self._suffixes(photo, deleted=deleted),
            "Deleted": deleted,
            "SortOrder": photo.sort_order or sort_order_of(photo.s3_path),
            "Ratio": original.ratio,
            "Width": original.width,
            "Height": original.height,
            "Megapixels": _megapixels(photo),
            "Region": settings.REGION_NAME,
            "Hue": original.hue or None,
            "LastUpdatedUnix": unix(max(photo.updated_at, original.updated_at)),
        }

    def _suffixes(self, photo: Photo, *, deleted: bool) -> dict[str, str | None]:
        kinds = set() if deleted else self._kinds.get(photo.original_id, set())
        names = PUBLIC if self._public else RENDITIONS
        found = {name: media_path(photo, kind) if kind in kinds else None for name, kind in names.items()}
        if not self._public:
            found["Original"] = None if deleted else media_path(photo, ORIGINAL)
        return found


def is_deleted(photo: Photo) -> bool:
    return photo.deleted_at is not None or (photo.album is not None and photo.album.deleted_at is not None)


def _megapixels(photo: Photo) -> float | None:
    width, height = photo.original.width, photo.original.height
    return round(width * height / MEGA, 2) if width and height else None


class GroupsSeen:
    """Groups as their members see them."""

    def __init__(self, albums: Sequence[Album]) -> None:
        self._tokens = give_tokens(albums=albums)
        self._contents = contents_of([album.pk for album in albums])

    def fields(self, album: Album) -> dict[str, Any]:
        contents = self._contents[album.pk]
        thumb = None if album.deleted_at else contents.first
        return {
            "OwnerId": str(album.owner_id),
            "GroupId": str(album.pk),
            "Name": album.name,
            "Token": self._tokens[album.pk],
            "Count": contents.count,
            "Thumb": media_path(thumb, Kind.SMALL) if thumb else None,
            "ThumbRegion": settings.REGION_NAME if thumb else None,
            "WhenUnix": unix(album.event_at),
            "Deleted": album.deleted_at is not None,
            "LastUpdatedUnix": unix(max(album.updated_at, contents.updated_at or album.updated_at)),
            "UploadingUnix": unix(album.uploading_at),
        }


def zip_fields(archive: Zip) -> dict[str, Any]:
    """How far the archive is; an `Error` beside it when it cannot be made."""
    ready = archive.status == Zip.Status.READY
    return {
        "Progress": round(archive.done / archive.total, 3) if archive.total else 1,
        "Url": zip_path(archive) if ready else None,
        "Region": settings.REGION_NAME,
        **({"Error": archive.error} if archive.error else {}),
    }
