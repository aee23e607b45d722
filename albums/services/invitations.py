"""Invitations to albums, by phone. The user who verifies the phone claims them."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.message_links import link_to
from accounts.messaging.texts import short_line
from accounts.models import User
from accounts.services import queue_push, queue_sms
from albums.models import Album, Invitation
from albums.services.links import KIND, renew_link
from albums.services.queue import queue_now
from albums.signals import members_removed

UPDATED_FIELDS = ["claimed_by", "removed_at", "link_nonce", "link_digest", "link_expires_at"]


@transaction.atomic
def invite_phones(*, album: Album, phones: Sequence[str]) -> None:
    """Invites the phones. Members who were removed before come back with their photos.

    Newly invited phones, and waiting ones whose link has expired, get an SMS, or a push when they belong to a
    user; then the album is queued too. Raises `NoSmsToPhone` and `RateLimitExceeded` like `queue_sms`: then nobody
    is invited.
    """
    Album.objects.select_for_update().get(pk=album.pk)  # two requests may invite the same numbers
    wanted = [phone for phone in dict.fromkeys(phones) if phone != album.owner.verified_phone]
    holders = {user.verified_phone: user for user in User.objects.filter(verified_phone__in=wanted)}
    existing = list(Invitation.objects.filter(album=album, phone__in=wanted))
    invitations = [_invitation_to_save(album, phone, holders.get(phone), existing) for phone in wanted]
    invited = [invitation for invitation in invitations if invitation]
    for invitation in invited:
        renew_link(invitation)
    Invitation.objects.bulk_create(
        invited, update_conflicts=True, unique_fields=["id"], update_fields=UPDATED_FIELDS
    )
    _notify(album, invited, holders)
    if any(invitation.phone in holders for invitation in invited):
        queue_now(album_ids=[album.pk])


def _invitation_to_save(
    album: Album, phone: str, holder: User | None, existing: list[Invitation]
) -> Invitation | None:
    """Returns a new or renewed invitation of the phone; None when the phone is already invited."""
    rows = [row for row in existing if row.phone == phone]
    waiting = next((row for row in rows if row.removed_at is None and row.claimed_by_id is None), None)
    if waiting and waiting.link_expires_at and waiting.link_expires_at <= timezone.now():
        waiting.claimed_by = holder
        return waiting
    usable = [row for row in rows if holder is None or row.claimed_by_id in (None, holder.pk)]
    if any(row.removed_at is None and row.claimed_by_id == (holder and holder.pk) for row in usable):
        return None
    if holder is None and any(row.removed_at is None for row in rows):
        return None
    row = usable[0] if usable else Invitation(album=album, phone=phone)
    row.claimed_by = row.claimed_by or holder
    row.removed_at = None
    return row


def _notify(album: Album, invited: list[Invitation], holders: dict[str | None, User]) -> None:
    """Tells the invited phones' users by push, and the other phones by SMS; each gets a link of their own."""
    links = {invitation.phone: link_to(KIND, invitation.pk) for invitation in invited}
    inviter = album.owner.name or "A friend"
    queue_push(
        users=[holders[phone] for phone in links if phone in holders],
        body=f"{inviter} invited you to the album “{album.name}”",
        data={"album_id": str(album.pk), "type": "invited"},
        caused_by=album.owner,
        links={holders[phone].pk: link for phone, link in links.items() if phone in holders},
    )
    new = [phone for phone in links if phone not in holders]
    inviter, name = short_line(album.owner.name) or "A friend", short_line(album.name)
    which = f"the album “{name}”" if name else "an album"
    queue_sms(phones=new, body=f"{inviter} invited you to {which}:", sender=album.owner, links=links)


@transaction.atomic
def uninvite_phones(*, album: Album, phones: Sequence[str]) -> None:
    """Removes the phones' invitations, and the members who joined by these phones or have them now."""
    Album.objects.select_for_update(no_key=True).get(pk=album.pk)  # photos may be added to it: see `hold_album`
    matching = Q(phone__in=phones) | Q(claimed_by__verified_phone__in=phones)
    remove_invitations(invitations=Invitation.objects.filter(matching, album=album))


@transaction.atomic
def leave_album(*, album: Album, user: User) -> None:
    Album.objects.select_for_update(no_key=True).get(pk=album.pk)  # photos may be added to it: see `hold_album`
    remove_invitations(invitations=Invitation.objects.filter(album=album, claimed_by=user))


@transaction.atomic
def remove_invitations(*, invitations: QuerySet[Invitation]) -> int:
    """Removes the invitations and returns the number that were not removed before."""
    live = invitations.filter(removed_at=None)
    claimed = list(live.exclude(claimed_by=None).values_list("pk", flat=True))
    removed = live.update(removed_at=timezone.now())
    members_removed.send(Invitation, invitation_ids=claimed)
    return removed


@transaction.atomic
def claim_waiting_invitations(*, user: User) -> None:
    """Gives the user the invitations that wait for their verified phone, and queues the albums."""
    claimed = Invitation.objects.filter(album=OuterRef("album"), phone=OuterRef("phone"), claimed_by=user)
    waiting = Invitation.objects.filter(phone=user.verified_phone, claimed_by=None)
    remove_invitations(invitations=waiting.filter(album__owner=user))  # owners need no invitation
    waiting = waiting.exclude(Exists(claimed)).exclude(album__owner=user)
    albums = list(waiting.live().filter(album__deleted_at=None).values_list("album_id", flat=True))
    waiting.update(claimed_by=user)
    queue_now(album_ids=albums)


def claim_missed_invitations() -> None:
    """Claims invitations that were created at the very moment when their user verified the phone."""
    waiting = Invitation.objects.live().filter(claimed_by=None, phone=OuterRef("verified_phone"))
    for user in User.objects.filter(Exists(waiting.exclude(album__owner=OuterRef("pk")))):
        claim_waiting_invitations(user=user)
