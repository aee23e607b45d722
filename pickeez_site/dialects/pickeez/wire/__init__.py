"""Pickeez's objects, made of the domain's values. All members are always there; null is unknown."""

from pickeez_site.dialects.pickeez.wire.albums import Album, Albums, PlainAlbum
from pickeez_site.dialects.pickeez.wire.algorithm import PendingAlbum
from pickeez_site.dialects.pickeez.wire.photos import Photo, PhotoInAlbum
from pickeez_site.dialects.pickeez.wire.users import Me, Selfie, User

__all__ = [
    "Album",
    "Albums",
    "Me",
    "PendingAlbum",
    "Photo",
    "PhotoInAlbum",
    "PlainAlbum",
    "Selfie",
    "User",
]
