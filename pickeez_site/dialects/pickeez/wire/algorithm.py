"""What the algorithm gets."""

from typing import Annotated, Literal, Self

from msgspec import Meta

from faces.member_view import AlbumPage
from pickeez_site.dialects.pickeez.wire.albums import PhotosNext, PlainAlbum
from pickeez_site.dialects.pickeez.wire.base import PickeezWire
from pickeez_site.dialects.pickeez.wire.photos import PhotoForAlgorithm
from pickeez_site.dialects.pickeez.wire.users import User
from pickeez_site.dialects.wire import Id, ListInBytes
from pickeez_site.serving.media import MediaPaths


class PendingAlbum(PickeezWire):
    status: Literal["ok"]
    album_id: Id
    album: PlainAlbum
    users: Annotated[list[User], Meta(description="The members, the owner last.")]
    photos: Annotated[list[PhotoForAlgorithm], Meta(description="Oldest first.")]
    photos_next: PhotosNext

    @classmethod
    def of(cls, page: AlbumPage, media: MediaPaths) -> Self:
        """A page of one album."""
        (album,) = page.albums
        photos: ListInBytes[PhotoForAlgorithm] = ListInBytes()
        for photo, opinions in page.photos.with_opinions():
            photos.append(PhotoForAlgorithm.of(photo, opinions, media))
        members = sorted(album.members, key=lambda member: (member.is_owner, member.id))
        return cls(
            status="ok",
            album_id=album.id,
            album=PlainAlbum.of(album),
            users=[User.of(member) for member in members],
            photos=photos.close(),
            photos_next=page.photos.next_after,
        )
