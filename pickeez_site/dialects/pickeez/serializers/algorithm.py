from typing import Any
from uuid import UUID

from rest_framework.request import Request

from albums.models import Album
from albums.selectors import members_of
from faces.selectors import sightings_on
from photos.models import Photo
from photos.selectors import likes_on
from pickeez_site.dialects.pickeez.serializers.albums import AlbumsSeenBy
from pickeez_site.dialects.pickeez.serializers.photos import MAX_PHOTOS, PhotosSeenBy, opinions
from pickeez_site.dialects.pickeez.serializers.users import user_to_others


class AlbumForAlgorithm:
    """An album as the algorithm gets it: its photos with all that was said about them, and its members."""

    PHOTO_FIELDS = (
        "_id",
        "s3_path",
        "url",
        "owner_id",
        "num_faces",
        "rectangles",
        "detected_data",
        "photo_creation_date",
        "local_creation_date",
    )

    def __init__(self, album: Album, request: Request, photos_after: UUID | None = None) -> None:
        self._album = album
        self._request = request
        photos = Photo.objects.alive().filter(album=album).select_related("original").order_by("pk")
        photos = photos.filter(pk__gt=photos_after) if photos_after else photos
        found = list(photos[: MAX_PHOTOS + 1])
        self._photos = found[:MAX_PHOTOS]
        self._next = str(found[MAX_PHOTOS - 1].pk) if len(found) > MAX_PHOTOS else None

    def fields(self) -> dict[str, Any]:
        album = self._album
        plain = AlbumsSeenBy(None, [album], self._request, with_photos=False).plain_fields(album)
        members = sorted(members_of(album), key=lambda member: (member == album.owner, member.pk))
        return {
            "album_id": str(album.pk),
            "album": plain,
            "users": [user_to_others(member, is_owner=member == album.owner) for member in members],
            "photos": self._photo_fields(),
            "photos_next": self._next,
        }

    def _photo_fields(self) -> list[dict[str, Any]]:
        ids = [photo.pk for photo in self._photos]
        likes, sightings = likes_on(ids), sightings_on(ids)
        seen = PhotosSeenBy.of(None, self._photos, self._request)
        return [
            {
                **{name: value for name, value in seen.fields(photo).items() if name in self.PHOTO_FIELDS},
                **opinions(likes[photo.pk], sightings[photo.pk]),
            }
            for photo in self._photos
        ]
