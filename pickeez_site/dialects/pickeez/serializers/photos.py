from typing import Any

from rest_framework.request import Request

from accounts.models import User
from faces.member_view import Opinions, PhotoSeen, photo_alone
from photos.models import Photo
from pickeez_site.dialects.wire.values import timestamp
from pickeez_site.serving.media import MediaPaths


def media_urls(request: Request) -> MediaPaths:
    return MediaPaths(request.build_absolute_uri("/").rstrip("/"))


def photo_fields(photo: PhotoSeen, media: MediaPaths) -> dict[str, Any]:
    photo_id, created = str(photo.id), photo.photo_creation_date
    return {
        "_id": photo_id,
        "album_id": str(photo.album_id) if photo.album_id else None,
        "owner_id": str(photo.owner_id),
        "s3_path": photo.s3_path,
        "s3_server_id": photo.s3_server_id or None,
        "url": media.original(photo_id, photo.content_type),
        "renditions": {
            kind: {"url": media.rendition(photo_id, kind), "width": width, "height": height}
            for kind, width, height in photo.renditions
        },
        "photo_creation_date": created if isinstance(created, str) else timestamp(created),
        "local_creation_date": photo.local_creation_date or None,
        "photo_local_id": photo.local_id,
        "num_faces": photo.num_faces,
        "rectangles": photo.rectangles,
        "detected_data": photo.detected_data,
        "created_at": timestamp(photo.created_at),
        "updated_at": timestamp(photo.updated_at),
        "status": photo.status,
        "error": photo.error or None,
    }


def photo_in_album(photo: PhotoSeen, media: MediaPaths) -> dict[str, Any]:
    """The photo inside an album, with what it is to the caller."""
    return {
        **photo_fields(photo, media),
        "manually_filtered": photo.liked,
        "manually_unfiltered": photo.disliked,
        "computed": photo.shows_viewer,
    }


def photo_alone_fields(photo: Photo, caller: User, request: Request) -> dict[str, Any]:
    """The photo by itself, with what everybody thinks of it and whom it shows."""
    seen, opinions = photo_alone(photo, caller)
    return {**photo_fields(seen, media_urls(request)), **opinion_fields(opinions)}


def opinion_fields(opinions: Opinions) -> dict[str, Any]:
    return {
        "filters": {str(user_id): kind for user_id, kind in opinions.likes.items()},
        "computed_filters": [str(user_id) for user_id in opinions.shown],
        "algo_decision": {str(user_id): shows for user_id, shows in opinions.decided.items()},
    }
