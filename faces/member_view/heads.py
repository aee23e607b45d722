"""What stands at the head of an album: its name, owner, counts and state, however many members it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F

from accounts.models import User
from albums.models import Album, Filtering, Invitation, PendingAlbum
from albums.states import AlbumState
from faces.member_view.albums import Member, member_seen, state_seen
from photos.selectors import Progress, progress_of


@dataclass(frozen=True, slots=True)
class AlbumHead:
    """An album without its photos and its members, of whom it has only the number, the owner among them."""

    id: UUID
    name: str
    owner: Member
    number_of_members: int
    progress: Progress
    state: AlbumState


@dataclass(frozen=True, slots=True)
class HeadsPage:
    """Albums, newest first; `next_before` begins the next page."""

    albums: list[AlbumHead]
    next_before: UUID | None


def heads_page(viewer: User, *, before: UUID | None = None, limit: int) -> HeadsPage:
    """Returns the viewer's albums, at most `limit`."""
    albums = Album.objects.visible_to(viewer).select_related("owner").order_by("-pk")
    found = list((albums.filter(pk__lt=before) if before else albums)[: limit + 1])
    page = found[:limit]
    return HeadsPage(_heads(page), page[-1].pk if len(found) > limit else None)


def album_head(album: Album) -> AlbumHead:
    """Returns the head of one album, whose `owner` should be loaded."""
    (head,) = _heads([album])
    return head


def _heads(albums: Sequence[Album]) -> list[AlbumHead]:
    ids = [album.pk for album in albums]
    progress, in_queue = progress_of(ids), PendingAlbum.objects.in_bulk(ids)
    decided = set(Filtering.objects.filter(album__in=ids).values_list("album_id", flat=True).distinct())
    joined = Invitation.objects.live().filter(album__in=ids, claimed_by__isnull=False)
    counted = joined.exclude(claimed_by=F("album__owner")).order_by().values("album_id")
    guests = dict(counted.annotate(n=Count("claimed_by", distinct=True)).values_list("album_id", "n"))
    heads = []
    for album in albums:
        photos = progress.get(album.pk, Progress())
        state = state_seen(in_queue.get(album.pk), photos, decided=album.pk in decided)
        owner, number = member_seen(album.owner, is_owner=True), guests.get(album.pk, 0) + 1
        heads.append(AlbumHead(album.pk, album.name, owner, number, photos, state))
    return heads
