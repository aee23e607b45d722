"""Open links: whoever has an album's open link, on paper or in a chat, joins the album by it."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from albums.models import Album, Invitation, OpenLink
from albums.selectors import open_link_by_token
from albums.services.invitations import claim_waiting_invitations
from albums.services.links import renew_token
from albums.services.queue import queue_now
from albums.services.removed_guests import was_removed
from albums.states import OpenLinkState

MAX_USES = 100_000


class OpenLinkClosed(Exception):
    """The open link lets nobody in; `state` says why not."""

    def __init__(self, state: OpenLinkState) -> None:
        super().__init__(state.label)
        self.state = state


class RemovedFromAlbum(PermissionDenied):
    """The album's owner has removed the user, who comes back only when the owner invites them again."""

    def __init__(self) -> None:
        super().__init__("You were removed from this album. Its owner can invite you again.")


@transaction.atomic
def set_open_link(
    *, album: Album, is_on: bool, may_upload: bool, expires_at: datetime, max_uses: int | None = None
) -> OpenLink:
    """Changes the album's open link, or creates its first one. Who has joined already stays as they are.

    Raises `ValidationError` when more have joined than `max_uses`, or it is not from 1 to 100,000.
    """
    _lock(album)
    link = OpenLink.objects.current().filter(album=album).first()
    if link is None:
        link = OpenLink(album=album)
        renew_token(link)
    if max_uses is not None and not max(1, link.uses) <= max_uses <= MAX_USES:
        raise ValidationError(f"From {max(1, link.uses)} to {MAX_USES} people can join.", code="bad_max_uses")
    link.is_on, link.may_upload, link.expires_at, link.max_uses = is_on, may_upload, expires_at, max_uses
    link.save()
    return link


@transaction.atomic
def replace_open_link(*, album: Album) -> OpenLink:
    """Gives the album another open link with the same settings; the old one lets nobody in from now on.

    Raises `OpenLink.DoesNotExist` when it has none.
    """
    _lock(album)
    link = OpenLink.objects.current().get(album=album)
    OpenLink.objects.filter(pk=link.pk).update(replaced_at=timezone.now())
    new = OpenLink(
        album=album,
        is_on=link.is_on,
        may_upload=link.may_upload,
        max_uses=link.max_uses,
        expires_at=link.expires_at,
    )
    renew_token(new)
    new.save()
    return new


def switch_off_open_links(*, links: QuerySet[OpenLink]) -> int:
    """Switches the links off and returns the number that were on."""
    return links.filter(is_on=True).update(is_on=False)


@transaction.atomic
def join_by_open_link(*, token: str, user: User) -> Album:
    """Makes the user a member of the link's album; who is in it already stays as they are.

    Each person counts as one use, also when they leave and come back. Raises `OpenLink.DoesNotExist` like
    `open_link_by_token`, `OpenLinkClosed`, and `RemovedFromAlbum` for a user whom the album's owner has removed,
    also when they have deleted themself meanwhile, and come with the same phone or address.
    """
    _lock(open_link_by_token(token).album)
    link = open_link_by_token(token)  # again: it was perhaps waited for the lock
    claim_waiting_invitations(user=user)
    rows = list(Invitation.objects.filter(album=link.album, claimed_by=user).order_by("pk"))
    if link.album.owner_id == user.pk or any(row.removed_at is None for row in rows):
        return link.album
    if not all(row.left for row in rows) or was_removed(album=link.album, user=user):
        raise RemovedFromAlbum
    row = next((row for row in rows if row.open_link_id), rows[0] if rows else None)
    if row is None:
        row = Invitation(album=link.album, claimed_by=user, phone=user.verified_phone or "")
        row.email = "" if row.phone else user.verified_email or ""
    _count_use(link, row)
    if row.open_link_id != link.pk:  # who comes back by the same link may do what they could do before
        row.open_link, row.may_upload = link, link.may_upload
    row.removed_at, row.left = None, False
    row.save()
    queue_now(album_ids=[link.album_id])
    return link.album


def _count_use(link: OpenLink, row: Invitation) -> None:
    """Counts the person once. Raises `OpenLinkClosed` when the link lets nobody in, or nobody else."""
    again = row.open_link_id == link.pk
    if link.state != OpenLinkState.OPEN and not (again and link.state == OpenLinkState.USED_UP):
        raise OpenLinkClosed(link.state)
    # Counted by the database, so that of two who come at the same moment the last place takes one.
    free = OpenLink.objects.filter(Q(max_uses=None) | Q(uses__lt=F("max_uses")), pk=link.pk)
    if not again and not free.update(uses=F("uses") + 1):
        raise OpenLinkClosed(OpenLinkState.USED_UP)


def _lock(album: Album) -> None:
    """Lets nobody join, be invited or removed, or add photos until the transaction ends."""
    Album.objects.select_for_update().get(pk=album.pk)
