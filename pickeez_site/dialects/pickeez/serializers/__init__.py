"""Pickeez's objects."""

from pickeez_site.dialects.pickeez.serializers.albums import album_fields, albums_fields
from pickeez_site.dialects.pickeez.serializers.algorithm import album_for_algorithm
from pickeez_site.dialects.pickeez.serializers.photos import photo_alone_fields
from pickeez_site.dialects.pickeez.serializers.users import selfie_fields, user_to_itself

__all__ = [
    "album_fields",
    "album_for_algorithm",
    "albums_fields",
    "photo_alone_fields",
    "selfie_fields",
    "user_to_itself",
]
