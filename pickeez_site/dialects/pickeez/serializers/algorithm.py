from typing import Any
from uuid import UUID

from rest_framework.request import Request

from albums.models import Album
from faces.member_view import album_seen
from pickeez_site.dialects.pickeez.serializers.albums import id_or_none, plain_album_fields
from pickeez_site.dialects.pickeez.serializers.photos import media_urls, opinion_fields, photo_fields
from pickeez_site.dialects.pickeez.serializers.users import member_fields

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


def album_for_algorithm(album: Album, request: Request, photos_after: UUID | None = None) -> dict[str, Any]:
    """The album as the algorithm gets it: its photos with all that was said about them, and its members."""
    page, media = album_seen(album, None, photos_after=photos_after), media_urls(request)
    (seen,) = page.albums
    members = sorted(seen.members, key=lambda member: (member.is_owner, member.id))
    photos = []
    for photo, opinions in page.photos.with_opinions():
        fields = photo_fields(photo, media)
        photos.append({**{name: fields[name] for name in PHOTO_FIELDS}, **opinion_fields(opinions)})
    return {
        "album_id": str(seen.id),
        "album": plain_album_fields(seen),
        "users": [member_fields(member) for member in members],
        "photos": photos,
        "photos_next": id_or_none(page.photos.next_after),
    }
