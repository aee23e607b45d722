"""Reads of the albums that outgrow their querysets."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare

from accounts.models import User
from albums.models import Album, Invitation, PendingAlbum
from albums.states import AlbumState


def members_of(album: Album) -> QuerySet[User]:
    """The album's owner and everybody who has claimed a live invitation to it."""
    joined = Invitation.objects.live().filter(album=album, claimed_by=OuterRef("pk"))
    return User.objects.filter(Q(pk=album.owner_id) | Exists(joined))


def is_wanted_here(album_id: UUID) -> bool:
    """Whether an operator wants the album to be processed here, even where an outside program does it."""
    return PendingAlbum.objects.filter(pk=album_id, wanted_here=True).exists()


def state_in_queue(album_id: UUID) -> AlbumState | None:
    """Where the album stands by the queue alone; None when it is not there."""
    row = PendingAlbum.objects.filter(pk=album_id).first()
    return row.state if row else None


def album_by_token(*, album_id: UUID, token: str) -> Album:
    """The album, for whoever has the code of its public view. Raises `Album.DoesNotExist`."""
    album = Album.objects.alive().exclude(token=None).get(pk=album_id)
    if not constant_time_compare(token, album.token or ""):
        raise Album.DoesNotExist
    return album
