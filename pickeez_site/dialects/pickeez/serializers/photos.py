from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from accounts.models import User
from faces.models import Sighting
from faces.selectors import boxes_of, photos_showing, sightings_on
from photos.models import Like, Photo
from photos.selectors import likes_by, likes_on, local_ids_of, renditions_of
from pickeez_site.dialects.wire.values import timestamp
from pickeez_site.serving.media import ORIGINAL, media_path

MAX_PHOTOS = 5000


class PhotosSeenBy:
    """Photos as one user sees them."""

    def __init__(self, caller: User | None, keys: Sequence[tuple[UUID, UUID]], request: Request) -> None:
        """`keys` are the ids of the photos and of their originals."""
        ids = [pk for pk, _ in keys]
        originals = {original_id for _, original_id in keys}
        self._base = request.build_absolute_uri("/").rstrip("/")
        self._renditions = renditions_of(originals)
        self._boxes = boxes_of(originals)
        self._local_ids = local_ids_of(caller, ids) if caller else {}
        self._likes = likes_by(caller, ids) if caller else {}
        self._showing_caller = photos_showing(caller, ids) if caller else set()

    @classmethod
    def of(cls, caller: User | None, photos: Sequence[Photo], request: Request) -> "PhotosSeenBy":
        """These photos, which are loaded already."""
        return cls(caller, [(photo.pk, photo.original_id) for photo in photos], request)

    def fields(self, photo: Photo) -> dict[str, Any]:
        original = photo.original
        boxes = self._boxes.get(original.pk, [])
        return {
            "_id": str(photo.pk),
            "album_id": str(photo.album_id) if photo.album_id else None,
            "owner_id": str(photo.owner_id),
            "s3_path": photo.s3_path,
            "s3_server_id": photo.s3_server_id or None,
            "url": self._url(photo, ORIGINAL),
            "renditions": {
                kind: {"url": self._url(photo, kind), "width": width, "height": height}
                for kind, width, height in self._renditions.get(original.pk, [])
            },
            "photo_creation_date": photo.photo_creation_date or timestamp(original.taken_at),
            "local_creation_date": photo.local_creation_date or None,
            "photo_local_id": self._local_ids.get(photo.pk),
            "num_faces": self._num_faces(photo, len(boxes)),
            "rectangles": boxes if photo.rectangles is None else photo.rectangles,
            "detected_data": photo.detected_data,
            "created_at": timestamp(photo.created_at),
            "updated_at": timestamp(max(photo.updated_at, original.updated_at)),
            "status": original.status,
            "error": original.error or None,
        }

    def _url(self, photo: Photo, kind: str) -> str:
        return self._base + media_path(photo, kind)

    def _num_faces(self, photo: Photo, found: int) -> int | None:
        """What the client said, or else what was found; null while nobody has looked."""
        if photo.rectangles is not None:
            return len(photo.rectangles)
        if photo.num_faces is not None:
            return photo.num_faces
        return found if photo.original.status == photo.original.Status.READY else None

    def in_album(self, photo: Photo) -> dict[str, Any]:
        """The photo inside an album, with what it is to the caller."""
        like = self._likes.get(photo.pk)
        return {
            **self.fields(photo),
            "manually_filtered": like == Like.Kind.LIKE,
            "manually_unfiltered": like == Like.Kind.DISLIKE,
            "computed": photo.pk in self._showing_caller,
        }

    def alone(self, photo: Photo) -> dict[str, Any]:
        """The photo by itself, with what everybody thinks of it and whom it shows."""
        likes, sightings = likes_on([photo.pk])[photo.pk], sightings_on([photo.pk])[photo.pk]
        return {**self.fields(photo), **opinions(likes, sightings)}


def opinions(likes: Sequence[Like], sightings: Sequence[Sighting]) -> dict[str, Any]:
    """What members think of a photo, and whom it shows."""
    return {
        "filters": {str(like.user_id): like.kind for like in likes},
        "computed_filters": [str(sighting.user_id) for sighting in sightings if sighting.shows],
        "algo_decision": {
            str(sighting.user_id): sighting.shows for sighting in sightings if sighting.in_last_call
        },
    }
