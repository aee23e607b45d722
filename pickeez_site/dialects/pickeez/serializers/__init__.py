"""Pickeez's objects. Lists are read in a constant number of queries, however many albums and photos they hold."""

from pickeez_site.dialects.pickeez.serializers.albums import AlbumsSeenBy
from pickeez_site.dialects.pickeez.serializers.algorithm import AlbumForAlgorithm
from pickeez_site.dialects.pickeez.serializers.photos import PhotosSeenBy
from pickeez_site.dialects.pickeez.serializers.users import selfie_fields, user_to_itself, user_to_others

__all__ = [
    "AlbumForAlgorithm",
    "AlbumsSeenBy",
    "PhotosSeenBy",
    "selfie_fields",
    "user_to_itself",
    "user_to_others",
]
