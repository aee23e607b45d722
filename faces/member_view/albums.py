"""Albums as one of their members sees them, with their people, and their photos beside them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from albums.models import Album, AlbumLocalId, AlbumView, Filtering, Invitation, PendingAlbum
from albums.states import AlbumState, album_state
from faces.member_view.photos import MAX_PHOTOS, PhotoPage, photo_page
from faces.selectors import count_filtered
from photos.models import Photo
from photos.selectors import Progress, progress_of

MAX_ALBUMS = 100


class Member(NamedTuple):
    """What members of an album may know of each other."""

    id: UUID
    name: str
    pic_url: str
    phone: str
    verified_phone: str | None
    fb_id: str | None
    is_owner: bool


@dataclass(frozen=True, slots=True)
class AlbumSeen:
    """An album and what it is to its viewer.

    `members` come in the order of their invitations, the owner last. `filtered_at` are the times, oldest first, at
    which it was decided who is on its photos; `filtered` is how many show the viewer or are liked by them.
    """

    id: UUID
    name: str
    created_at: datetime
    updated_at: datetime
    deleted: bool
    members: list[Member]
    invited_phones: list[str]
    waiting_phones: list[str]
    viewed_by: list[UUID]
    filtered_at: list[datetime]
    filtered: int
    local_id: str | None
    progress: Progress
    state: AlbumState

    @property
    def owner(self) -> Member:
        return self.members[-1]


@dataclass(frozen=True, slots=True)
class AlbumPage:
    """Albums, newest first, and the photos of all of them, by their ids; `next_before` begins the next page."""

    albums: list[AlbumSeen]
    photos: PhotoPage
    next_before: UUID | None = None


def albums_seen(
    viewer: User, *, before: UUID | None = None, limit: int = MAX_ALBUMS, with_photos: bool = True
) -> AlbumPage:
    """The viewer's albums, as many as the limits on albums and photos allow; at least one, if there is one."""
    albums = Album.objects.visible_to(viewer).select_related("owner").order_by("-pk")
    found = list((albums.filter(pk__lt=before) if before else albums)[: limit + 1])
    progress = progress_of([album.pk for album in found])
    page = _first_page(found[:limit], progress, MAX_PHOTOS if with_photos else None)
    return AlbumPage(
        albums=list(_seen(page, viewer, progress)),
        photos=_photos_of(page if with_photos else [], viewer, after=None),
        next_before=page[-1].pk if len(page) < len(found) else None,
    )


def album_seen(album: Album, viewer: User | None, *, photos_after: UUID | None = None) -> AlbumPage:
    """One album, which may be deleted, with its photos or those that follow `photos_after`.

    Without a viewer it is nobody's own: no local ids, and nothing shows or pleases anybody.
    """
    albums = list(_seen([album], viewer, progress_of([album.pk])))
    return AlbumPage(albums=albums, photos=_photos_of([album], viewer, after=photos_after))


def _first_page(
    albums: Sequence[Album], progress: dict[UUID, Progress], most_photos: int | None
) -> Sequence[Album]:
    """The first albums, whose photos together fit; a larger one stands alone."""
    photos = 0
    for number, album in enumerate(albums):
        photos += progress.get(album.pk, Progress()).total
        if number and most_photos is not None and photos > most_photos:
            return albums[:number]
    return albums


def _photos_of(albums: Sequence[Album], viewer: User | None, *, after: UUID | None) -> PhotoPage:
    photos = Photo.objects.alive().filter(album__in=[album.pk for album in albums])
    return photo_page(photos, viewer, after=after, limit=MAX_PHOTOS)


def _seen(albums: Sequence[Album], viewer: User | None, progress: dict[UUID, Progress]) -> Iterator[AlbumSeen]:
    ids = [album.pk for album in albums]
    invitations = _invitations_to(ids)
    viewed_by, filtered_at = _viewers_of(ids), _times_filtered(ids)
    local_ids = dict(AlbumLocalId.objects.filter(album__in=ids, user=viewer).values_list("album_id", "value"))
    filtered = count_filtered(viewer, ids) if viewer else {}
    in_queue = PendingAlbum.objects.in_bulk(ids)
    for album in albums:
        invited = invitations[album.pk]
        photos = progress.get(album.pk, Progress())
        yield AlbumSeen(
            id=album.pk,
            name=album.name,
            created_at=album.created_at,
            updated_at=album.updated_at,
            deleted=album.deleted_at is not None,
            members=_members(album, invited),
            invited_phones=list(dict.fromkeys(row.phone for row in invited if row.phone)),
            waiting_phones=[row.phone for row in invited if row.phone and row.claimed_by is None],
            viewed_by=viewed_by[album.pk],
            filtered_at=filtered_at[album.pk],
            filtered=filtered.get(album.pk, 0),
            local_id=local_ids.get(album.pk),
            progress=photos,
            state=state_seen(in_queue.get(album.pk), photos, decided=bool(filtered_at[album.pk])),
        )


def state_seen(row: PendingAlbum | None, photos: Progress, *, decided: bool) -> AlbumState:
    """Returns where an album stands, by its row in the queue and its photos; `decided` is who is on them, once."""
    return album_state(
        row.state if row else None,
        unfinished=photos.unfinished,
        processing=photos.processing,
        decided=decided,
    )


def _invitations_to(album_ids: Collection[UUID]) -> dict[UUID, list[Invitation]]:
    found: dict[UUID, list[Invitation]] = defaultdict(list)
    live = Invitation.objects.live().filter(album__in=album_ids)
    for invitation in live.select_related("claimed_by").order_by("pk"):
        found[invitation.album_id].append(invitation)
    return found


def _viewers_of(album_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    views = AlbumView.objects.filter(album__in=album_ids).order_by("pk")
    for album_id, user_id in views.values_list("album_id", "user_id"):
        found[album_id].append(user_id)
    return found


def _times_filtered(album_ids: Collection[UUID]) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = defaultdict(list)
    filterings = Filtering.objects.filter(album__in=album_ids).order_by("created_at")
    for album_id, created_at in filterings.values_list("album_id", "created_at"):
        found[album_id].append(created_at)
    return found


def _members(album: Album, invitations: Sequence[Invitation]) -> list[Member]:
    guests = {row.claimed_by.pk: row.claimed_by for row in invitations if row.claimed_by}
    guests.pop(album.owner_id, None)
    return [member_seen(user, is_owner=user == album.owner) for user in (*guests.values(), album.owner)]


def member_seen(user: User, *, is_owner: bool) -> Member:
    """Returns what other members may know of the user."""
    return Member(
        id=user.pk,
        name=user.name,
        pic_url=user.pic_url,
        phone=user.phone,
        verified_phone=user.verified_phone,
        fb_id=user.fb_id,
        is_owner=is_owner,
    )
