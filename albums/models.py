"""Albums, invitations, members' data about albums, and the pending queue."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.states import AlbumState
from core.leases import LeasedQuerySet, Queued


class AlbumQuerySet(models.QuerySet["Album"]):
    def alive(self) -> "AlbumQuerySet":
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> "AlbumQuerySet":
        """Selects the albums that the user owns or is a member of. For others they do not exist."""
        invited = Invitation.objects.live().filter(album=OuterRef("pk"), claimed_by=user)
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

    def with_open_link(self) -> "InvitationQuerySet":
        """Selects the invitations whose own link opens the page of their album."""
        return self.live().filter(album__deleted_at=None, link_expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A phone that was invited to an album, and the user who claimed the invitation by verifying the phone.

    A user who has claimed a live invitation is a member. A claimed invitation never passes to another user, even
    when the number does: inviting the number again creates a new invitation for the number's new user.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, models.CASCADE, related_name="invitations")
    phone = models.CharField(max_length=15)
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
                fields=["album", "phone"], condition=Q(claimed_by=None), name="one_waiting_invitation"
            ),
            models.UniqueConstraint(fields=["album", "phone", "claimed_by"], name="one_claimed_invitation"),
            models.CheckConstraint(condition=~Q(phone=""), name="invitation_has_a_phone"),
        ]
        indexes = [models.Index(fields=["phone", "claimed_by"])]

    def __str__(self) -> str:
        return f"{self.phone} to {self.album_id}"


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
