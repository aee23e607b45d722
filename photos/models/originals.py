"""Originals (stored files, one per owner and content), their renditions and object labels."""

from datetime import datetime

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from core.faults import NO_FAULT, WithFault
from core.leases import UNCLAIMED, LeasedQuerySet, Queued
from photos.stages import FIRST_STAGE, STAGES, stage_choices

ORIGINAL = "original"  # names the file itself where a rendition's kind is expected


class Literal(models.Value):
    """A constant word that is written into the SQL instead of being bound as a parameter.

    SQLite uses a partial index only when it can read the condition while it prepares the query; with a bound
    parameter it would read a million rows to find ten.
    """

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[()]]:
        if not self.value.isalpha():
            raise ValueError("Only plain words are written into SQL.")
        return f"'{self.value}'", ()


class OriginalQuerySet(LeasedQuerySet["Original"]):
    def awaiting_file(self) -> "OriginalQuerySet":
        """Selects originals that were registered by a key before a file was there (`services/awaiting.py`)."""
        return self.filter(awaited_key__isnull=False)

    def unfinished(self) -> "OriginalQuerySet":
        return self.filter(status__in=[Literal(status) for status in UNFINISHED])

    def failed(self) -> "OriginalQuerySet":
        return self.filter(status=Literal(Original.Status.FAILED))

    def claimable(self) -> "OriginalQuerySet":
        """Unfinished originals that no worker has claimed, or whose worker has died.

        Leaves out originals in a stage that this version does not know, as after a downgrade.
        """
        known = self.unfinished().filter(stage__in=[stage.name for stage in STAGES])
        return known.filter(Q(claim=None) | Q(lease_until__lt=timezone.now()))

    def start_over(self) -> int:
        """Resets the originals to the first stage, so that they are processed again; returns their number."""
        return self.update(
            status=Original.Status.NEW,
            stage=FIRST_STAGE.name,
            error="",
            tries=0,
            queued_at=None,
            prepared_at=None,
            needs_megabytes=None,
            waiting_since=timezone.now(),
            **NO_FAULT,
            **UNCLAIMED,
        )


class Original(Queued, WithFault):
    """A stored file and its analysis, once per owner and content. Photos put it into albums and libraries.

    `width`, `height` and `ratio` are those of the upright picture. `sha256` is unknown for a registered key until
    the worker has read the file.
    """

    class Status(models.TextChoices):
        NEW = "new", "new"
        PROCESSING = "processing", "processing"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="originals")
    key = models.CharField("storage key", max_length=1024, unique=True)
    awaited_key = models.CharField(  # noqa: DJ001 - null, so that SQLite uses the index of the few that wait
        max_length=1024,
        null=True,
        blank=True,
        help_text="The key that was registered before its file came. It gives no right to the file.",
    )
    file_seen_at = models.DateTimeField("when the awaited file was first seen", null=True, editable=False)
    file_checked_at = models.DateTimeField("when it was last looked for", null=True, editable=False)
    sha256 = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - unknown until read, then unique
    etag = models.CharField(max_length=128, blank=True)
    size = models.PositiveBigIntegerField("bytes", null=True, blank=True)
    content_type = models.CharField(max_length=50, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    ratio = models.FloatField("width / height", null=True, blank=True)
    hue = models.CharField("overall colour", max_length=7, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    utc_offset = models.SmallIntegerField(
        "minutes east of UTC",
        null=True,
        blank=True,
        help_text="Of the camera's clock, if the picture tells it.",
    )
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    stage = models.CharField(
        max_length=20,
        choices=stage_choices,
        default=FIRST_STAGE.name,
        db_default=FIRST_STAGE.name,
        help_text="What it waits for or is in; of one that is done or failed the last one.",
    )
    error = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    needs_megabytes = models.PositiveIntegerField(
        "megabytes it needs",
        null=True,
        blank=True,
        help_text="For decoding; of one that failed because no worker may use as much (DECODING_MEMORY_MB).",
    )
    waiting_since = models.DateTimeField(
        default=timezone.now, db_default=Now(), help_text="When it came, or was last asked to be processed again."
    )
    prepared_at = models.DateTimeField(null=True, blank=True, help_text="When its renditions had been made.")
    processed_at = models.DateTimeField(null=True, blank=True)
    stage_seconds = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Seconds that each stage of the last processing took."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OriginalQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="stored_once_per_owner")]
        indexes = [
            models.Index(  # with the status, so that counting by it reads no rows
                fields=["waiting_since", "status"],
                name="unfinished_originals",
                condition=Q(status__in=["new", "processing"]),
            ),
            models.Index(fields=["error"], name="failed_originals", condition=Q(status="failed")),
            models.Index(fields=["fault_at"], name="originals_with_fault", condition=Q(fault_at__isnull=False)),
            models.Index(
                fields=["needs_megabytes"],
                name="originals_too_large",
                condition=Q(needs_megabytes__isnull=False),
            ),
            models.Index(fields=["awaited_key"], name="awaited_originals", condition=Q(awaited_key__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.awaited_key or self.key

    @property
    def taken_locally(self) -> datetime | None:
        """When it was taken, by the clock of the camera."""
        if self.taken_at is None:
            return None
        return self.taken_at.astimezone(timezone.get_fixed_timezone(self.utc_offset or 0))


UNFINISHED = (Original.Status.NEW, Original.Status.PROCESSING)


class Rendition(models.Model):
    """A JPEG made from an original, in one of the sizes that clients display."""

    class Kind(models.TextChoices):
        SMALL = "small"
        MEDIUM = "medium"
        SQUARE = "square"
        WATERMARK = "watermark"
        WATERMARK_SMALL = "watermark_small"
        WATERMARK_SQUARE = "watermark_square"

    original = models.ForeignKey(Original, models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField("storage key", max_length=1024)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["original", "kind"], name="one_rendition_of_a_kind")]

    def __str__(self) -> str:
        return self.key


class ObjectLabel(models.Model):
    """An object class (such as `bus`) that an original shows, with the highest score of the detector."""

    original = models.ForeignKey(Original, models.CASCADE, related_name="object_labels")
    name = models.CharField(max_length=100)
    score = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["original", "name"], name="one_label_per_original_and_name")
        ]

    def __str__(self) -> str:
        return self.name
