import json
from collections import defaultdict
from typing import Any
from uuid import UUID

import orjson
from rest_framework.request import Request

from accounts.phones import national_format
from albums.states import AlbumState
from faces.member_view import AlbumPage, AlbumSeen
from pickeez_site.dialects.pickeez.serializers.photos import media_urls, photo_in_album
from pickeez_site.dialects.pickeez.serializers.users import member_fields
from pickeez_site.dialects.wire.values import timestamp

PhotosByUploader = dict[tuple[UUID | None, UUID], bytearray]  # of each album, as JSON


def id_or_none(value: UUID | None) -> str | None:
    return str(value) if value else None


def as_json(fields: dict[str, Any]) -> bytes:
    """By the standard library: it writes every number that it has read, orjson none beyond 64 bits."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def as_list(items: bytearray) -> orjson.Fragment:
    """JSON texts with a comma before each; changed in place, for a copy may be of several megabytes."""
    items[:1] = b"["
    items += b"]"
    return orjson.Fragment(bytes(items))


def albums_fields(page: AlbumPage, request: Request) -> dict[str, Any]:
    photos = _photos_as_json(page, request)
    next_photos = id_or_none(page.photos.next_after)
    return {
        "albums": [_fields(album, photos, next_photos) for album in page.albums],
        "next_before": id_or_none(page.next_before),
    }


def album_fields(page: AlbumPage, request: Request) -> dict[str, Any]:
    """A page of one album."""
    (album,) = page.albums
    return _fields(album, _photos_as_json(page, request), id_or_none(page.photos.next_after))


def plain_album_fields(album: AlbumSeen) -> dict[str, Any]:
    owner = album.owner
    return {
        "_id": str(album.id),
        "name": album.name,
        "owner_id": str(owner.id),
        "owner_name": owner.name or None,
        "owner": {"_id": str(owner.id), "name": owner.name or None, "pic_url": owner.pic_url or None},
        "created_at": timestamp(album.created_at),
        "updated_at": timestamp(album.updated_at),
        "deleted": album.deleted,
        "invited_phones": album.invited_phones,
        "users_viewed": [str(user_id) for user_id in album.viewed_by],
        "times_filtered": [timestamp(time) for time in album.filtered_at],
        "ever_filtered": bool(album.filtered_at),
        "album_local_id": album.local_id,
        "processing": {
            # Clients need not know who decides.
            "state": (AlbumState.RUNNING if album.state == AlbumState.TAKEN_OUTSIDE else album.state).value,
            "photos_total": album.progress.total,
            "photos_done": album.progress.done,
            "photos_failed": album.progress.failed,
        },
    }


def _fields(album: AlbumSeen, photos: PhotosByUploader, photos_next: str | None) -> dict[str, Any]:
    """The album with its people and photos."""
    return {
        **plain_album_fields(album),
        "pending_phones": [national_format(phone) for phone in album.waiting_phones],
        "total_filtered": album.filtered,
        "users": [
            {**member_fields(member), "photos": as_list(photos.pop((album.id, member.id), bytearray()))}
            for member in album.members
        ],
        "photos_next": photos_next,
    }


def _photos_as_json(page: AlbumPage, request: Request) -> PhotosByUploader:
    """As objects, thousands would take ten times the memory."""
    media = media_urls(request)
    photos: PhotosByUploader = defaultdict(bytearray)
    for photo in page.photos:
        photos[photo.album_id, photo.uploader_id] += b"," + as_json(photo_in_album(photo, media))
    return photos
