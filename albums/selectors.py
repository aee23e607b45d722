"""Queries for albums and their members."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User
from accounts.services import token_digest
from albums.models import Album, AlbumQuerySet, Invitation, OpenLink, PendingAlbum
from albums.states import AlbumState


def members_of(album: Album) -> QuerySet[User]:
    """Returns the album's owner and all users who have claimed a live invitation to it."""
    joined = Invitation.objects.live().filter(album=album, claimed_by=OuterRef("pk"))
    return User.objects.filter(Q(pk=album.owner_id) | Exists(joined))


def users_sharing_albums(user: User) -> QuerySet[User]:
    """Returns the user, and everybody who owns or is a member of an album that the user sees."""
    shared = Album.objects.visible_to(user)
    joined = Invitation.objects.live().filter(album__in=shared, claimed_by=OuterRef("pk"))
    owned = shared.filter(owner=OuterRef("pk"))
    return User.objects.filter(Q(pk=user.pk) | Exists(joined) | Exists(owned), is_active=True)


def albums_named(owner: User, name: str) -> AlbumQuerySet:
    """Returns the owner's albums of that name, and the one that has no name, and this id."""
    try:
        unnamed = Q(name="", pk=UUID(name))
    except ValueError:
        unnamed = Q(pk=None)
    return Album.objects.alive().filter(Q(name=name) | unnamed, owner=owner)


def invited_phones(album: Album, *, at: datetime | None = None) -> list[str]:
    """Returns the phones that are invited, or were at that time, in the order in which they were invited."""
    invitations = Invitation.objects.filter(album=album).exclude(phone="").order_by("pk")
    if at is None:
        invitations = invitations.live()
    else:
        invitations = invitations.filter(Q(removed_at=None) | Q(removed_at__gt=at), created_at__lte=at)
    return list(dict.fromkeys(invitations.values_list("phone", flat=True)))


def left_album(*, user: User, album_id: UUID) -> tuple[Album, datetime]:
    """Returns an album that the user has left or was removed from, and when. Raises `Album.DoesNotExist`."""
    invitation = (
        Invitation.objects.filter(album=album_id, album__deleted_at=None, claimed_by=user)
        .exclude(removed_at=None)
        .select_related("album")
        .order_by("-removed_at")
        .first()
    )
    if invitation is None or invitation.removed_at is None:
        raise Album.DoesNotExist
    return invitation.album, invitation.removed_at


def trashed_albums(owner: User) -> AlbumQuerySet:
    """Returns the albums that the owner has deleted and may still bring back with `restore_albums`."""
    cutoff = timezone.now() - timedelta(days=settings.TRASH_DAYS)
    return Album.objects.filter(owner=owner, deleted_by_owner=True, deleted_at__gt=cutoff)


def is_wanted_here(album_id: UUID) -> bool:
    """Returns whether an operator wants this server to process the album, whatever `ALBUM_PROCESSOR` says."""
    return PendingAlbum.objects.filter(pk=album_id, wanted_here=True).exists()


def state_in_queue(album_id: UUID) -> AlbumState | None:
    """Returns the album's state in the queue; None when it is not in the queue."""
    row = PendingAlbum.objects.filter(pk=album_id).first()
    return row.state if row else None


def taken_until(album_id: UUID) -> datetime | None:
    """Returns when the lease of the outside algorithm that has the album ends; None when none has it."""
    row = PendingAlbum.objects.filter(pk=album_id).first()
    return row.lease_until if row and row.state == AlbumState.TAKEN_OUTSIDE else None


def album_by_token(*, album_id: UUID, token: str) -> Album:
    """Returns the album if `token` is the code of its public view. Raises `Album.DoesNotExist`."""
    album = Album.objects.alive().filter(public_page=True).exclude(token=None).get(pk=album_id)
    if not constant_time_compare(token, album.token or ""):
        raise Album.DoesNotExist
    return album


def invitation_by_link(token: str) -> Invitation:
    """Returns the invitation of this link's token, with its album and owner. Raises `Invitation.DoesNotExist`."""
    found = Invitation.objects.with_live_link().select_related("album__owner")
    return found.get(link_digest=token_digest(token))


def open_link_by_token(token: str) -> OpenLink:
    """Returns the open link of this token, with its album and owner, in whatever state it is.

    Raises `OpenLink.DoesNotExist` for an unknown or replaced one, and when the album is in the trash.
    """
    found = OpenLink.objects.current().select_related("album__owner")
    return found.get(link_digest=token_digest(token))


def is_member(*, album: Album, user: User) -> bool:
    """Returns whether the user owns the album or is a member of it, and it was not deleted."""
    return Album.objects.visible_to(user).filter(pk=album.pk).exists()


def album_of_old_link(*, token: str, user: User) -> Album | None:
    """Returns the album of a link that has expired, if the user is in the album by now; else None."""
    invitation = Invitation.objects.filter(link_digest=token_digest(token)).select_related("album").first()
    return invitation.album if invitation and is_member(album=invitation.album, user=user) else None
