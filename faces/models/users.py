"""How users look, by their selfies or as an algorithm has set it; and on which photos they are."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from core.faults import WithFault
from core.leases import LeasedQuerySet, Queued
from photos.models import Photo


class FaceModel(models.Model):
    """A model of one user's face, made by an outside algorithm. The built-in recogniser uses selfies instead.

    It is empty and pending until the algorithm takes it (`taken_at`), then without a `model` until one is set.
    A user without a row is pending, too.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="face_model")
    model = models.JSONField(null=True, blank=True)
    taken_at = models.DateTimeField(
        null=True,
        blank=True,
        db_index=True,
        help_text="When an algorithm took it to work on; pending while empty.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"face model of {self.user_id}"


class SelfieQuerySet(LeasedQuerySet["Selfie"]):
    def claimable(self) -> "SelfieQuerySet":
        return self.filter(status=Selfie.Status.NEW).filter(Q(claim=None) | Q(lease_until__lt=timezone.now()))

    def accepted(self) -> "SelfieQuerySet":
        return self.filter(status=Selfie.Status.ACCEPTED)

    def of_another_engine(self, engine: str) -> "SelfieQuerySet":
        """Returns the selfies that an engine has accepted, and this one has not looked at.

        Also those that an engine after it has refused: their files are kept.
        """
        return self.exclude(status=Selfie.Status.NEW).exclude(embedding=None).exclude(engine=engine)

    def being_looked_at_again(self) -> "SelfieQuerySet":
        return self.filter(status=Selfie.Status.NEW, embedding__isnull=False)


class Selfie(Queued, WithFault):
    """A picture from which a user is recognised. It is accepted when it shows one face, alone or far in front."""

    class Status(models.TextChoices):
        NEW = "new", "new"
        ACCEPTED = "taken", "taken"
        REFUSED = "refused", "refused"

    class Source(models.TextChoices):
        SELFIE = "selfie", "selfie"
        PIC_URL = "pic_url", "picture URL"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="selfies")
    source = models.CharField(max_length=7, choices=Source, default=Source.SELFIE)
    key = models.CharField("storage key", max_length=1024, unique=True)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=50, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    error = models.CharField(max_length=300, blank=True)
    num_faces = models.PositiveIntegerField(null=True, blank=True)
    embedding = models.BinaryField(null=True, blank=True)
    engine = models.CharField(max_length=100, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SelfieQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "sha256"], name="a_selfie_counts_once")]
        indexes = [
            models.Index(fields=["created_at"], name="new_selfies", condition=Q(status="new")),
            models.Index(fields=["fault_at"], name="selfies_with_fault", condition=Q(fault_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"selfie of {self.user_id}"


class SightingQuerySet(models.QuerySet["Sighting"]):
    def shown(self) -> "SightingQuerySet":
        return self.filter(shows=True)

    def without_word(self) -> "SightingQuerySet":
        """Returns those about which the user themself has said nothing."""
        return self.filter(own_word=None)


class Sighting(models.Model):
    """States that a photo shows a user, or that it does not.

    `found` is what a recogniser has decided: the built-in one only that the photo shows the user, an outside
    algorithm also that it does not. The algorithm's decision takes precedence over a built-in one, and stays when
    the album is processed again. `own_word` is what the user has said of themself, and takes precedence over both.
    The database computes `shows`, what holds, so that neither writer can overwrite the other's decision.
    """

    class By(models.TextChoices):
        BUILTIN = "builtin", "built-in"
        ALGORITHM = "algorithm", "algorithm"
        NOBODY = "", "nobody"

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="sightings")
    user = models.ForeignKey(User, models.CASCADE, related_name="sightings")
    by = models.CharField(
        "found by", max_length=9, choices=By, blank=True, help_text="Empty: only the user themself has said so."
    )
    found = models.BooleanField(default=True)
    own_word = models.BooleanField(
        "own word", null=True, blank=True, help_text="Whether the user says that the photo shows them."
    )
    shows = models.GeneratedField(
        expression=Coalesce("own_word", "found"), output_field=models.BooleanField(), db_persist=True
    )
    score = models.FloatField(null=True, blank=True, help_text="0 to 1; how sure the built-in recogniser is.")
    in_last_call = models.BooleanField(
        default=False, help_text="Whether the algorithm's last call about this photo named this user."
    )

    objects = SightingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "user"], name="one_sighting_per_photo_and_user"),
            models.CheckConstraint(condition=~Q(by="") | Q(found=False), name="nothing_is_found_by_nobody"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.photo_id}"
