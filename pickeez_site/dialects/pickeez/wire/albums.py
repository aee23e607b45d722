"""Albums with their people, and their photos by who uploaded them, or in a row for the algorithm."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from accounts.phones import national_format
from albums.states import AlbumState
from faces.member_view import MAX_PHOTOS, AlbumPage, AlbumSeen
from photos.models import Original
from pickeez_site.dialects.pickeez.wire.base import CallersOwn, Digits, Person, PickeezWire
from pickeez_site.dialects.pickeez.wire.photos import PhotoForAlgorithm, PhotoInAlbum, opinion_members
from pickeez_site.dialects.wire import Count, Id, ListInBytes, Time, from_attributes
from pickeez_site.dialects.wire.types import rules
from pickeez_site.serving.media import MediaPaths

STATES = [state.value for state in AlbumState if state.for_clients == state]
PhotosNext = Annotated[
    Id | None, rules(f"Of an album with more than {MAX_PHOTOS} photos: go on with this as `photos_after`.")
]
# By album and uploader.
Photos = dict[tuple[UUID | None, UUID], ListInBytes[PhotoInAlbum]]


class User(Person):
    """A member, to the others."""

    is_owner: bool


class UserWithPhotos(User):
    photos: Annotated[list[PhotoInAlbum], rules("Oldest first.")]


class Owner(PickeezWire):
    id: Id
    name: str | None
    pic_url: str | None


class Processing(PickeezWire):
    """How far the album's photos are; finished when total is done and failed together."""

    state: Annotated[str, rules(schema={"enum": STATES}, source="state.for_clients.value")]
    photos_total: Annotated[Count, rules(source="progress.total")]
    photos_done: Annotated[Count, rules(source="progress.done")]
    photos_failed: Annotated[Count, rules(source="progress.failed")]


class PlainAlbum(PickeezWire):
    """An album without its people and photos."""

    id: Id
    name: str
    owner_id: Annotated[Id, rules(source="owner.id")]
    owner_name: Annotated[str | None, rules(source="owner.name")]
    owner: Owner
    created_at: Time
    updated_at: Time
    deleted: bool
    invited_phones: list[Digits]
    users_viewed: Annotated[list[Id], rules(source="viewed_by")]
    times_filtered: Annotated[
        list[Time], rules("When it was decided who is on which photo.", source="filtered_at")
    ]
    ever_filtered: bool
    album_local_id: CallersOwn
    processing: Processing

    @classmethod
    def made(cls, album: AlbumSeen, **others: Any) -> Self:
        """The album with its `others`: the members of a subclass."""
        owner, processing = from_attributes(Owner, album.owner), from_attributes(Processing, album)
        others |= {"owner": owner, "processing": processing, "ever_filtered": bool(album.filtered_at)}
        return from_attributes(cls, album, **others)


class Album(PlainAlbum):
    pending_phones: Annotated[list[str], rules("Invited numbers that nobody has verified, as dialled.")]
    total_filtered: Annotated[
        Count,
        rules("Photos that the caller likes or that show them, without those they dislike.", source="filtered"),
    ]
    users: Annotated[list[UserWithPhotos], rules("The members, the owner last.")]
    photos_next: PhotosNext

    @classmethod
    def of(cls, page: AlbumPage, media: MediaPaths) -> Self:
        """A page of one album."""
        (album,) = cls.all_of(page, media)
        return album

    @classmethod
    def all_of(cls, page: AlbumPage, media: MediaPaths) -> list[Self]:
        photos: Photos = defaultdict(ListInBytes)
        for photo in page.photos:
            photos[photo.album_id, photo.uploader_id].append(PhotoInAlbum.of(photo, media))
        return [cls._of(album, photos, page.photos.next_after) for album in page.albums]

    @classmethod
    def _of(cls, album: AlbumSeen, photos: Photos, photos_next: UUID | None) -> Self:
        """The album; its photos are taken out of `photos`, so that they are not in memory twice."""
        theirs = [photos.pop((album.id, member.id), ListInBytes()).close() for member in album.members]
        people = zip(album.members, theirs, strict=True)
        return cls.made(
            album,
            pending_phones=[national_format(phone) for phone in album.waiting_phones],
            users=[from_attributes(UserWithPhotos, member, photos=own) for member, own in people],
            photos_next=photos_next,
        )


class Albums(PickeezWire):
    albums: list[Album]
    next_before: Id | None


class PendingAlbum(PickeezWire):
    status: Literal["ok"]
    album_id: Id
    album: PlainAlbum
    users: Annotated[list[User], rules("The members, the owner last.")]
    photos: Annotated[list[PhotoForAlgorithm], rules("Oldest first; after them those that failed.")]
    photos_next: PhotosNext
    taken_until: Annotated[
        Time | None,
        rules("It is handed out again when nothing is heard of it until then; null when nobody has it."),
    ]

    @classmethod
    def of(cls, page: AlbumPage, media: MediaPaths, taken_until: datetime | None) -> Self:
        """A page of one album, which an algorithm has taken or not."""
        (album,) = page.albums
        photos: ListInBytes[PhotoForAlgorithm] = ListInBytes()
        failed: ListInBytes[PhotoForAlgorithm] = ListInBytes()
        for photo, opinions in page.photos.with_opinions():
            part = failed if photo.status == Original.Status.FAILED else photos
            part.append(PhotoForAlgorithm.of(photo, media, **opinion_members(opinions)))
        photos.extend(failed)
        members = sorted(album.members, key=lambda member: (member.is_owner, member.id))
        return cls(
            status="ok",
            album_id=album.id,
            album=PlainAlbum.made(album),
            users=[from_attributes(User, member) for member in members],
            photos=photos.close(),
            photos_next=page.photos.next_after,
            taken_until=taken_until,
        )
