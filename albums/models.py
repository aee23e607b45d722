"""Albums, invitations, members' data about albums, and the pending queue."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.states import AlbumState, OpenLinkState
from core.leases import LeasedQuerySet, Queued


class AlbumQuerySet(models.QuerySet["Album"]):
    def alive(self) -> "AlbumQuerySet":
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> "AlbumQuerySet":
        """Selects the albums that the user owns or is a member of. For others they do not exist."""
        invited = Invitation.objects.live().filter(album=OuterRef("pk"), claimed_by=user)
        return self.alive().filter(Q(owner=user) | Exists(invited))

    def open_to(self, user: User) -> "AlbumQuerySet":
        """Selects the albums that the user may add photos to: those of a member who may only look are left out."""
        invited = Invitation.objects.live().filter(album=OuterRef("pk"), claimed_by=user, may_upload=True)
        return self.alive().filter(Q(owner=user) | Exists(invited))

    def in_queue(self) -> "AlbumQuerySet":
        """Selects albums that wait, or that a worker or an algorithm is deciding about."""
        waiting, taken = PendingAlbum.objects.queued(), PendingAlbum.objects.taken()
        return self.filter(Q(pending__in=waiting) | Q(pending__in=taken))


class Album(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="albums")
    name = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    token = models.CharField(
        "code of the public view", max_length=22, unique=True, null=True, blank=True, editable=False
    )
    public_page = models.BooleanField(
        "has public pages",
        default=True,
        db_default=True,
        help_text="Whoever has the album's id sees its invite page, and whoever has its code the public view.",
    )
    event_at = models.DateTimeField("when it took place", null=True, blank=True)
    uploading_at = models.DateTimeField("when a client last said that it uploads", null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by_owner = models.BooleanField(
        default=False, db_default=False, help_text="Only then may its owner bring it back from the trash."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AlbumQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "deleted_at"])]

    def __str__(self) -> str:
        return self.name or str(self.id)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def live(self) -> "InvitationQuerySet":
        return self.filter(removed_at=None)

    def with_live_link(self) -> "InvitationQuerySet":
        """Selects the invitations whose own link opens the page of their album."""
        return self.live().filter(album__deleted_at=None, link_expires_at__gt=timezone.now())


class OpenLinkQuerySet(models.QuerySet["OpenLink"]):
    def current(self) -> "OpenLinkQuerySet":
        """Selects links that were not replaced, of albums that are not in the trash: at most one of an album."""
        return self.filter(replaced_at=None, album__deleted_at=None)


class OpenLink(models.Model):
    """A link by which whoever has it joins an album, such as by a QR code on the tables of a wedding.

    `uses` counts the persons who joined by it, also those who have left, or deleted themselves, since. Its token
    is made like those of invitations (`services/links.py`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, models.CASCADE, related_name="open_links")
    is_on = models.BooleanField("is on", default=True)
    may_upload = models.BooleanField(
        "joiners may add photos", default=True, help_text="For those who join from now on; else they only look."
    )
    max_uses = models.PositiveIntegerField("joiners at most", null=True, blank=True)
    uses = models.PositiveIntegerField("have joined", default=0)
    expires_at = models.DateTimeField("is valid until")
    replaced_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    link_nonce = models.CharField(max_length=22, editable=False)
    link_digest = models.CharField(max_length=64, unique=True, editable=False)

    objects = OpenLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["album"], condition=Q(replaced_at=None), name="one_current_open_link"),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(uses__lte=models.F("max_uses")), name="open_link_within_its_uses"
            ),
        ]

    def __str__(self) -> str:
        return f"open link to {self.album_id}"

    @property
    def state(self) -> OpenLinkState:
        """Whether it lets anybody in, or why not; of a current one."""
        if not self.is_on:
            return OpenLinkState.OFF
        if self.expires_at <= timezone.now():
            return OpenLinkState.EXPIRED
        if self.max_uses is not None and self.uses >= self.max_uses:
            return OpenLinkState.USED_UP
        return OpenLinkState.OPEN


class Invitation(models.Model):
    """A phone or an e-mail address that was invited to an album, and the user who claimed it by verifying that.

    Who joined by an open link has one, too, claimed from the beginning: with their verified phone or e-mail, if
    they have one. A user who has claimed a live invitation is a member. A claimed invitation never passes to
    another user, even when the number does: inviting the number again creates a new invitation for the number's
    new user.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, models.CASCADE, related_name="invitations")
    phone = models.CharField(max_length=15, blank=True)
    email = models.EmailField("e-mail", blank=True, default="", db_default="")  # in lower case
    open_link = models.ForeignKey(
        OpenLink, models.RESTRICT, null=True, blank=True, related_name="joined", editable=False
    )
    may_upload = models.BooleanField(
        "may add photos", default=True, db_default=True, help_text="Others only look; see `hold_album`."
    )
    left = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The member left, and was not removed: an open link lets them in again.",
    )
    claimed_by = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="invitations")
    removed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # The token of its link is made of the nonce (`services/links.py`); only the token's SHA-256 is stored.
    link_nonce = models.CharField(max_length=22, blank=True, default="", db_default="", editable=False)
    link_digest = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    link_expires_at = models.DateTimeField("its link is valid until", null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["album", "phone"],
                condition=Q(claimed_by=None) & ~Q(phone=""),
                name="one_waiting_invitation",
            ),
            models.UniqueConstraint(
                fields=["album", "phone", "claimed_by"], condition=~Q(phone=""), name="one_claimed_invitation"
            ),
            models.UniqueConstraint(
                fields=["album", "email"], condition=Q(claimed_by=None) & ~Q(email=""), name="one_waiting_email"
            ),
            models.UniqueConstraint(
                fields=["album", "email", "claimed_by"], condition=~Q(email=""), name="one_claimed_email"
            ),
            models.UniqueConstraint(
                fields=["album", "claimed_by"], condition=Q(open_link__isnull=False), name="joined_once"
            ),
            models.CheckConstraint(
                condition=Q(email="") & ~Q(phone="")
                | Q(phone="") & ~Q(email="")
                | Q(open_link__isnull=False, claimed_by__isnull=False),
                name="invitation_has_an_addressee",
            ),
        ]
        indexes = [models.Index(fields=["phone", "claimed_by"]), models.Index(fields=["email", "claimed_by"])]

    def __str__(self) -> str:
        return f"{self.contact or 'a guest'} to {self.album_id}"

    @property
    def contact(self) -> str:
        """The phone or the e-mail address; empty for a guest who joined by an open link and has neither."""
        return self.phone or self.email


class RemovedGuest(models.Model):
    """A phone or address whose user was removed from the album by its owner, and has deleted themself since.

    Of the contact only a keyed hash is stored (`services/removed_guests.py`).
    """

    album = models.ForeignKey(Album, models.CASCADE, related_name="removed_guests")
    contact_digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["album", "contact_digest"], name="one_removed_guest")]

    def __str__(self) -> str:
        return f"a removed guest of {self.album_id}"


class AlbumView(models.Model):
    """Records that a user has looked at an album."""

    album = models.ForeignKey(Album, models.CASCADE, related_name="views")
    user = models.ForeignKey(User, models.CASCADE, related_name="album_views")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["album", "user"], name="one_view_per_user")]

    def __str__(self) -> str:
        return f"{self.user_id} viewed {self.album_id}"


class AlbumLocalId(models.Model):
    """The id that a member's device has for an album."""

    album = models.ForeignKey(Album, models.CASCADE, related_name="local_ids")
    user = models.ForeignKey(User, models.CASCADE, related_name="album_local_ids")
    value = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["album", "user"], name="one_local_id_per_album_and_user")]

    def __str__(self) -> str:
        return self.value


class Filtering(models.Model):
    """Records when it was decided who is on an album's photos."""

    album = models.ForeignKey(Album, models.CASCADE, related_name="filterings")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["album", "created_at"])]

    def __str__(self) -> str:
        return f"{self.album_id} at {self.created_at}"


class PendingAlbumQuerySet(LeasedQuerySet["PendingAlbum"]):
    """Selects rows by their `state`. A test compares the two for every possible row."""

    def queued(self) -> "PendingAlbumQuerySet":
        """Selects albums that wait, also while uploads may go on.

        They are not claimed, or by a worker that has died, or by an outside algorithm that was not heard of in
        time, or by one but were touched since.
        """
        touched = Q(outside=True, touched_since_claim=True)
        return self.filter(album__deleted_at=None).filter(Q(claim=None) | touched | _lapsed())

    def ready(self) -> "PendingAlbumQuerySet":
        """Selects queued albums to process now: marked done, without recent uploads, or with a lapsed claim."""
        quiet_since = timezone.now() - timedelta(seconds=settings.ALBUM_QUIET_SECONDS)
        return self.queued().filter(Q(done_uploading=True) | Q(touched_at__lte=quiet_since) | _lapsed())

    def taken(self) -> "PendingAlbumQuerySet":
        """Selects albums claimed by a worker, or by an outside algorithm that has not answered."""
        in_time = Q(claim__isnull=False, lease_until__gte=timezone.now())
        return self.filter(in_time & (Q(outside=False) | Q(touched_since_claim=False, answered=False)))

    def handed_out(self) -> "PendingAlbumQuerySet":
        """Selects albums that were handed to an outside algorithm, whether or not it has answered."""
        return self.filter(claim__isnull=False, outside=True)

    def lapsed_outside(self) -> "PendingAlbumQuerySet":
        """Selects albums whose algorithm has not answered, and was not heard of within its lease."""
        unanswered = self.handed_out().filter(album__deleted_at=None, touched_since_claim=False)
        return unanswered.filter(_lapsed())


def _lapsed() -> Q:
    """Selects claims without an answer whose lease has ended; one without a lease is of an older version."""
    ended = Q(lease_until__lt=timezone.now()) | Q(claim__isnull=False, lease_until=None)
    return ended & ~Q(outside=True, answered=True)


class PendingAlbum(Queued):
    """An album in the queue. A touch after the claim queues it again when the claim ends."""

    album = models.OneToOneField(Album, models.CASCADE, primary_key=True, related_name="pending")
    touched_at = models.DateTimeField(default=timezone.now)
    done_uploading = models.BooleanField(default=False)
    wanted_here = models.BooleanField(
        default=False,
        db_default=False,
        help_text="This server's own worker is to process it, whatever ALBUM_PROCESSOR says.",
    )
    outside = models.BooleanField(
        "taken outside", default=False, db_default=False, help_text="An outside algorithm has taken it."
    )
    # Not computed from the two times, because the clocks of two machines differ.
    touched_since_claim = models.BooleanField(default=False)
    answered = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The outside algorithm that has taken it has said who is on its photos.",
    )

    objects = PendingAlbumQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["touched_at"]), models.Index(fields=["lease_until"])]

    def __str__(self) -> str:
        return f"pending {self.album_id}"

    @property
    def state(self) -> AlbumState:
        """The state by this row alone. `album_state` also considers the photos."""
        if self.claim is None or (self.outside and self.touched_since_claim):
            return AlbumState.QUEUED
        if self.outside and self.answered:
            return AlbumState.DONE
        if self.lease_until is None or self.lease_until < timezone.now():
            return AlbumState.LAPSED if self.outside else AlbumState.QUEUED
        return AlbumState.TAKEN_OUTSIDE if self.outside else AlbumState.RUNNING

    @property
    def id(self) -> UUID:
        return self.album_id
