"""Remembers whom an album's owner has removed when they delete themselves, so that no open link lets them back in.

Nothing is stored by which they could be found: only a keyed hash of each phone and address that they had.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import User
from albums.models import Album, Invitation, RemovedGuest


@transaction.atomic
def remember_removals(*, user: User) -> None:
    """Notes the albums from which the user was removed, and is removed still. Called before they are deleted."""
    rows = list(Invitation.objects.filter(claimed_by=user))
    inside = {row.album_id for row in rows if row.removed_at is None}
    removed = {row.album_id for row in rows if row.removed_at and not row.left} - inside
    RemovedGuest.objects.bulk_create(
        [
            RemovedGuest(album_id=album_id, contact_digest=digest)
            for album_id in removed
            for digest in sorted(_digests(album_id, _contacts_of(user, rows)))
        ],
        ignore_conflicts=True,
    )


def was_removed(*, album: Album, user: User) -> bool:
    """Returns whether an earlier account with the user's phone or address was removed from the album."""
    digests = _digests(album.pk, _contacts_of(user, []))
    return RemovedGuest.objects.filter(album=album, contact_digest__in=digests).exists()


def forget_removals(*, album: Album, contacts: Iterable[str]) -> None:
    """Lets the users of these phones or addresses in again; their owner has invited them."""
    RemovedGuest.objects.filter(album=album, contact_digest__in=_digests(album.pk, contacts)).delete()


def _contacts_of(user: User, rows: Iterable[Invitation]) -> set[str]:
    contacts = {user.verified_phone or "", user.verified_email or "", *(row.contact for row in rows)}
    return contacts - {""}


def _digests(album_id: UUID, contacts: Iterable[str]) -> set[str]:
    """Returns keyed hashes that differ from album to album, so that rows of two albums cannot be joined."""
    return {
        salted_hmac("albums.removed_guest", f"{album_id}:{one}", algorithm="sha256").hexdigest()
        for one in contacts
    }
