"""Zip archives of photos, made by the worker."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.models import Album, Invitation
from core.leases import Leased, LeasedQuerySet
from photos.models.photos import Photo


class ZipQuerySet(LeasedQuerySet["Zip"]):
    def claimable(self) -> "ZipQuerySet":
        free = Q(claim=None) | Q(lease_until__lt=timezone.now())
        return self.filter(free, status=Zip.Status.NEW, expires_at__gt=timezone.now())

    def downloadable(self) -> "ZipQuerySet":
        """Archives that are ready, and whose user is still in the album."""
        joined = Invitation.objects.live().filter(album=OuterRef("album"), claimed_by=OuterRef("user"))
        member = Q(album__deleted_at=None) & (Q(user=F("album__owner")) | Exists(joined))
        return self.filter(member, status=Zip.Status.READY, expires_at__gt=timezone.now())


class Zip(Leased):
    """A zip archive of an album's pictures, made by the worker for one user. It expires after a day."""

    class Status(models.TextChoices):
        NEW = "new", "new"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, models.CASCADE, related_name="zips")
    user = models.ForeignKey(User, models.CASCADE, related_name="zips")
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=6, choices=Status, default=Status.NEW)
    error = models.CharField(max_length=300, blank=True)
    key = models.CharField("storage key", max_length=1024, blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ZipQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ZipEntry(models.Model):
    """A file of an archive: a photo's original or one of its renditions, under a safe and unique name."""

    zip = models.ForeignKey(Zip, models.CASCADE, related_name="entries")
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="zip_entries")
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=255)

    class Meta:
        verbose_name_plural = "zip entries"
        constraints = [models.UniqueConstraint(fields=["zip", "name"], name="one_zip_entry_per_name")]

    def __str__(self) -> str:
        return self.name
