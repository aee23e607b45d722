"""Albums and photos as a member sees them: plain values, read by as many queries for thousands as for one.

What shows them to people or programs (a dialect, a page) renders these values, and decides nothing.
"""

from faces.member_view.albums import MAX_ALBUMS, AlbumPage, AlbumSeen, Member, album_seen, albums_seen
from faces.member_view.heads import AlbumHead, HeadsPage, album_head, heads_page
from faces.member_view.photos import (
    MAX_PHOTOS,
    Opinions,
    PhotoPage,
    PhotoSeen,
    RenditionSize,
    photo_alone,
    photo_page,
)
from faces.member_view.timeline import Entry, Moment, Place, TimelinePage, place_in, timeline_page

__all__ = [
    "MAX_ALBUMS",
    "MAX_PHOTOS",
    "AlbumHead",
    "AlbumPage",
    "AlbumSeen",
    "Entry",
    "HeadsPage",
    "Member",
    "Moment",
    "Opinions",
    "PhotoPage",
    "PhotoSeen",
    "Place",
    "RenditionSize",
    "TimelinePage",
    "album_head",
    "album_seen",
    "albums_seen",
    "heads_page",
    "photo_alone",
    "photo_page",
    "place_in",
    "timeline_page",
]
