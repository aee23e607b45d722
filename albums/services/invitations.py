"""Invitations to albums, by phone or e-mail. The user who verifies the phone or the address claims them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.message_links import link_to
from accounts.messaging.texts import short_line
from accounts.models import User
from accounts.services import queue_emails, queue_push, queue_sms
from albums.models import Album, Invitation
from albums.selectors import members_of
from albums.services.links import KIND, link_of_invitation, renew_link
from albums.services.queue import queue_now
from albums.services.removed_guests import forget_removals
from albums.signals import members_removed

UPDATED_FIELDS = ["claimed_by", "removed_at", "left", "may_upload", "link_nonce", "link_digest", "link_expires_at"]
Contact = Literal["phone", "email"]


@dataclass(frozen=True)
class Invited:
    """What became of the phones or addresses to invite. `unsent` are invited, but got too many messages lately."""

    invited: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)


@transaction.atomic
def invite_phones(*, album: Album, phones: Sequence[str], sms_without_device: bool = False) -> Invited:
    """Invites the phones. Members who were removed before come back with their photos, and may add photos.

    Newly invited phones, and waiting ones whose link has expired, get an SMS, or a push when they belong to a
    user; then the album is queued too. With `sms_without_device`, users whom no push reaches get an SMS as well.
    Raises `NoSmsToPhone` and `RateLimitExceeded` like `queue_sms`: then nobody is invited.
    """
    own = [phone for phone in dict.fromkeys(phones) if phone == album.owner.verified_phone]
    wanted = [phone for phone in dict.fromkeys(phones) if phone not in own]
    holders = {user.verified_phone or "": user for user in User.objects.filter(verified_phone__in=wanted)}
    invited = _save_invitations(album, "phone", wanted, holders)
    by_push = {
        phone
        for phone, user in holders.items()
        if not sms_without_device or (user.push_notif_token and user.send_push_notifs)
    }
    new = [row.phone for row in invited]
    _push(album, {holders[row.phone]: row for row in invited if row.phone in holders})
    sent = _send_sms(album, [row for row in invited if row.phone not in by_push])
    unsent = [phone for phone in new if phone not in by_push and phone not in sent]
    return Invited(
        invited=[phone for phone in new if phone not in unsent],
        unsent=unsent,
        already=[phone for phone in wanted if phone not in new],
        own=own,
    )


@transaction.atomic
def invite_emails(*, album: Album, emails: Sequence[str]) -> Invited:
    """Invites the addresses (in the form of `accounts.emails`), like `invite_phones`: each gets an e-mail.

    Their users get a push, too. Who is in the album already, by whatever invitation, is not invited once more.
    Raises `RateLimitExceeded` like `queue_emails`: then nobody is invited.
    """
    own = [email for email in dict.fromkeys(emails) if email == album.owner.verified_email]
    wanted = [email for email in dict.fromkeys(emails) if email not in own]
    holders = {user.verified_email or "": user for user in User.objects.filter(verified_email__in=wanted)}
    inside = set(members_of(album).filter(pk__in=[user.pk for user in holders.values()]))
    there = [email for email, user in holders.items() if user in inside]
    invited = _save_invitations(album, "email", [email for email in wanted if email not in there], holders)
    _push(album, {holders[row.email]: row for row in invited if row.email in holders})
    sent = _send_emails(album, invited)
    new = [row.email for row in invited]
    return Invited(
        invited=[email for email in new if email in sent],
        unsent=[email for email in new if email not in sent],
        already=[email for email in wanted if email not in new],
        own=own,
    )


def _save_invitations(
    album: Album, contact: Contact, wanted: Sequence[str], holders: Mapping[str, User]
) -> list[Invitation]:
    """Saves and returns the new and the renewed invitations of these phones or addresses, each with a new link."""
    Album.objects.select_for_update().get(pk=album.pk)  # two requests may invite the same numbers
    forget_removals(album=album, contacts=wanted)
    existing = list(Invitation.objects.filter(album=album, **{f"{contact}__in": wanted}))
    found = (_invitation_to_save(album, contact, one, holders.get(one), existing) for one in wanted)
    invited = [invitation for invitation in found if invitation]
    for invitation in invited:
        renew_link(invitation)
    Invitation.objects.bulk_create(
        invited, update_conflicts=True, unique_fields=["id"], update_fields=UPDATED_FIELDS
    )
    if holders:  # who may only look, and is invited by the owner, may add photos
        looking = Invitation.objects.live().filter(album=album, claimed_by__in=holders.values(), may_upload=False)
        looking.update(may_upload=True)
    if any(getattr(invitation, contact) in holders for invitation in invited):
        queue_now(album_ids=[album.pk])
    return invited


def _invitation_to_save(
    album: Album, contact: Contact, wanted: str, holder: User | None, existing: list[Invitation]
) -> Invitation | None:
    """Returns a new or renewed invitation of the phone or address; None when it is already invited."""
    rows = [row for row in existing if getattr(row, contact) == wanted]
    waiting = next((row for row in rows if row.removed_at is None and row.claimed_by_id is None), None)
    if waiting and waiting.link_expires_at and waiting.link_expires_at <= timezone.now():
        waiting.claimed_by = holder
        return waiting
    usable = [row for row in rows if holder is None or row.claimed_by_id in (None, holder.pk)]
    if any(row.removed_at is None and row.claimed_by_id == (holder and holder.pk) for row in usable):
        return None
    if holder is None and any(row.removed_at is None for row in rows):
        return None
    row = usable[0] if usable else Invitation(album=album, **{contact: wanted})
    row.claimed_by = row.claimed_by or holder
    row.removed_at, row.left, row.may_upload = None, False, True
    return row


def _push(album: Album, invited: Mapping[User, Invitation]) -> None:
    queue_push(
        users=invited,
        body=_invites(album),
        data={"album_id": str(album.pk), "type": "invited"},
        caused_by=album.owner,
        links={user.pk: link_to(KIND, row.pk) for user, row in invited.items()},
    )


def _send_sms(album: Album, invitations: Sequence[Invitation]) -> list[str]:
    """Sends each phone an SMS with its own link; returns those that get one. Raises like `queue_sms`."""
    links = {invitation.phone: link_to(KIND, invitation.pk) for invitation in invitations}
    return queue_sms(phones=list(links), body=f"{_invites(album)}:", sender=album.owner, links=links)


def _send_emails(album: Album, invitations: Sequence[Invitation]) -> list[str]:
    """Sends each address an e-mail with its own link; returns those that get one. Raises like `queue_emails`."""
    links = {invitation.email: link_to(KIND, invitation.pk) for invitation in invitations}
    body = f"{_invites(album)}. Look at its photos, find those of you, and add your own:"
    return queue_emails(emails=list(links), subject=_invites(album), body=body, sender=album.owner, links=links)


def _invites(album: Album) -> str:
    inviter, name = short_line(album.owner.name) or "A friend", short_line(album.name)
    return f"{inviter} invited you to {f'the album “{name}”' if name else 'an album'}"


@transaction.atomic
def resend_invitation(*, invitation: Invitation) -> bool:
    """Sends the message of an invitation that waits for its guest again; with a new link when the old has expired.

    Returns False when the phone or address has got too many lately. Raises `Invitation.DoesNotExist` when it does
    not wait any longer, and `NoSmsToPhone` and `RateLimitExceeded` like `queue_sms`.
    """
    album = Album.objects.select_for_update().select_related("owner").get(pk=invitation.album_id)
    row = Invitation.objects.live().filter(claimed_by=None).get(pk=invitation.pk)
    if link_of_invitation(row) is None:
        renew_link(row)
        row.save(update_fields=["link_nonce", "link_digest", "link_expires_at"])
    return bool(_send_sms(album, [row]) if row.phone else _send_emails(album, [row]))


@transaction.atomic
def restore_invitation(*, invitation: Invitation) -> None:
    """Lets a removed member back in with their photos, or has a withdrawn invitation wait again. Sends nothing.

    Raises `Invitation.DoesNotExist` when another invitation of the same phone or address waits already.
    """
    Album.objects.select_for_update().get(pk=invitation.album_id)
    row = Invitation.objects.get(pk=invitation.pk)
    if row.claimed_by_id is None:
        same = Invitation.objects.live().filter(album=row.album_id, phone=row.phone, email=row.email)
        if same.exists():
            raise Invitation.DoesNotExist
    row.removed_at, row.left = None, False
    if row.contact:
        renew_link(row)
    row.save()
    queue_now(album_ids=[row.album_id])


@transaction.atomic
def uninvite_phones(*, album: Album, phones: Sequence[str]) -> None:
    """Removes the phones' invitations, and the members who joined by these phones or have them now."""
    Album.objects.select_for_update(no_key=True).get(pk=album.pk)  # photos may be added to it: see `hold_album`
    matching = Q(phone__in=phones) | Q(claimed_by__verified_phone__in=phones)
    remove_invitations(invitations=Invitation.objects.filter(matching, album=album))


@transaction.atomic
def remove_guest(*, invitation: Invitation) -> None:
    """Removes the member who has claimed the invitation, with all other invitations of theirs to the album.

    One that waits for its guest is withdrawn.
    """
    Album.objects.select_for_update(no_key=True).get(pk=invitation.album_id)  # see `hold_album`
    row = Invitation.objects.get(pk=invitation.pk)  # it was perhaps claimed meanwhile
    theirs = Q(pk=row.pk) | Q(claimed_by=row.claimed_by) if row.claimed_by_id else Q(pk=row.pk)
    remove_invitations(invitations=Invitation.objects.filter(theirs, album=row.album_id))


@transaction.atomic
def leave_album(*, album: Album, user: User) -> None:
    Album.objects.select_for_update(no_key=True).get(pk=album.pk)  # photos may be added to it: see `hold_album`
    theirs = Invitation.objects.filter(album=album, claimed_by=user)
    theirs.live().update(left=True)
    remove_invitations(invitations=theirs)


@transaction.atomic
def set_may_upload(*, invitation: Invitation, may_upload: bool) -> None:
    """Says whether the member, or who will claim the invitation, may add photos to the album."""
    Album.objects.select_for_update(no_key=True).get(pk=invitation.album_id)  # see `hold_album`
    row = Invitation.objects.get(pk=invitation.pk)
    theirs = Q(pk=row.pk) | Q(claimed_by=row.claimed_by) if row.claimed_by_id else Q(pk=row.pk)
    Invitation.objects.filter(theirs, album=row.album_id).update(may_upload=may_upload)


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
    """Gives the user the invitations that wait for their verified phone or address, and queues the albums."""
    if user.verified_phone:
        _claim(user, "phone", user.verified_phone)
    if user.verified_email:
        _claim(user, "email", user.verified_email)


def _claim(user: User, contact: Contact, verified: str) -> None:
    same = {contact: OuterRef(contact)}
    claimed = Invitation.objects.filter(album=OuterRef("album"), claimed_by=user, **same)
    waiting = Invitation.objects.filter(claimed_by=None, **{contact: verified})
    remove_invitations(invitations=waiting.filter(album__owner=user))  # owners need no invitation
    waiting = waiting.exclude(Exists(claimed)).exclude(album__owner=user)
    albums = list(waiting.live().filter(album__deleted_at=None).values_list("album_id", flat=True))
    waiting.update(claimed_by=user)
    queue_now(album_ids=albums)


def claim_missed_invitations() -> None:
    """Claims invitations that were created at the very moment when their user verified the phone or address."""
    waiting = Invitation.objects.live().filter(claimed_by=None).exclude(album__owner=OuterRef("pk"))
    by_phone = Exists(waiting.filter(phone=OuterRef("verified_phone")))
    by_email = Exists(waiting.filter(email=OuterRef("verified_email")))
    for user in User.objects.filter(by_phone | by_email):
        claim_waiting_invitations(user=user)
