"""Albums with their people, and their photos by who uploaded them."""

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

from msgspec import Meta

from accounts.phones import national_format
from albums.states import AlbumState
from faces.member_view import MAX_PHOTOS, AlbumPage, AlbumSeen, Member
from pickeez_site.dialects.pickeez.wire.base import CallersOwn, Digits, PickeezWire
from pickeez_site.dialects.pickeez.wire.photos import PhotoInAlbum
from pickeez_site.dialects.pickeez.wire.users import UserMembers
from pickeez_site.dialects.wire import Count, Id, ListInBytes, Time
from pickeez_site.dialects.wire.types import one_of
from pickeez_site.serving.media import MediaPaths

# Clients need not know who decides.
STATES = [state.value for state in AlbumState if state != AlbumState.TAKEN_OUTSIDE]
PhotosNext = Annotated[
    Id | None,
    Meta(description=f"Of an album with more than {MAX_PHOTOS} photos: go on with this as `photos_after`."),
]
# By album and uploader.
Photos = dict[tuple[UUID | None, UUID], ListInBytes[PhotoInAlbum]]

if TYPE_CHECKING:
    State = str
else:
    State = one_of(STATES)


class Processing(PickeezWire):
    """How far the album's photos are; finished when total is done and failed together."""

    state: State
    photos_total: Count
    photos_done: Count
    photos_failed: Count

    @classmethod
    def of(cls, album: AlbumSeen) -> Self:
        taken_outside = album.state == AlbumState.TAKEN_OUTSIDE
        return cls(
            state=(AlbumState.RUNNING if taken_outside else album.state).value,
            photos_total=album.progress.total,
            photos_done=album.progress.done,
            photos_failed=album.progress.failed,
        )


class Owner(PickeezWire):
    id: Id
    name: str | None
    pic_url: str | None

    @classmethod
    def of(cls, member: Member) -> Self:
        return cls(id=member.id, name=member.name or None, pic_url=member.pic_url or None)


class UserWithPhotos(UserMembers):
    photos: Annotated[list[PhotoInAlbum], Meta(description="Oldest first.")]

    @classmethod
    def of(cls, member: Member, photos: list[PhotoInAlbum]) -> Self:
        return cls._made(member, photos=photos)


class AlbumMembers(PickeezWire):
    id: Id
    name: str
    owner_id: Id
    owner_name: str | None
    owner: Owner
    created_at: Time
    updated_at: Time
    deleted: bool
    invited_phones: list[Digits]
    users_viewed: list[Id]
    times_filtered: Annotated[list[Time], Meta(description="When it was decided who is on which photo.")]
    ever_filtered: bool
    album_local_id: CallersOwn
    processing: Processing

    @classmethod
    def _made(cls, album: AlbumSeen, **others: object) -> Self:
        """The album with its `others`: the members of a subclass."""
        owner = Owner.of(album.owner)
        return cls(
            id=album.id,
            name=album.name,
            owner_id=owner.id,
            owner_name=owner.name,
            owner=owner,
            created_at=album.created_at,
            updated_at=album.updated_at,
            deleted=album.deleted,
            invited_phones=album.invited_phones,
            users_viewed=album.viewed_by,
            times_filtered=album.filtered_at,
            ever_filtered=bool(album.filtered_at),
            album_local_id=album.local_id,
            processing=Processing.of(album),
            **others,
        )


class PlainAlbum(AlbumMembers):
    """An album without its people and photos."""

    @classmethod
    def of(cls, album: AlbumSeen) -> Self:
        return cls._made(album)


class Album(AlbumMembers):
    pending_phones: Annotated[list[str], Meta(description="Invited numbers that nobody has verified, as dialled.")]
    total_filtered: Annotated[
        Count, Meta(description="Photos that the caller likes or that show them, without those they dislike.")
    ]
    users: Annotated[list[UserWithPhotos], Meta(description="The members, the owner last.")]
    photos_next: PhotosNext

    @classmethod
    def of(cls, page: AlbumPage, media: MediaPaths) -> Self:
        """A page of one album."""
        (album,) = page.albums
        return cls._of(album, _photos_of(page, media), page.photos.next_after)

    @classmethod
    def _of(cls, album: AlbumSeen, photos: Photos, photos_next: UUID | None) -> Self:
        """The album; its photos are taken out of `photos`, so that they are not in memory twice."""
        return cls._made(
            album,
            pending_phones=[national_format(phone) for phone in album.waiting_phones],
            total_filtered=album.filtered,
            users=[
                UserWithPhotos.of(member, photos.pop((album.id, member.id), ListInBytes()).close())
                for member in album.members
            ],
            photos_next=photos_next,
        )


class Albums(PickeezWire):
    albums: list[Album]
    next_before: Id | None

    @classmethod
    def of(cls, page: AlbumPage, media: MediaPaths) -> Self:
        photos = _photos_of(page, media)
        return cls(
            albums=[Album._of(album, photos, page.photos.next_after) for album in page.albums],
            next_before=page.next_before,
        )


def _photos_of(page: AlbumPage, media: MediaPaths) -> Photos:
    photos: Photos = defaultdict(ListInBytes)
    for photo in page.photos:
        photos[photo.album_id, photo.uploader_id].append(PhotoInAlbum.of(photo, media))
    return photos
