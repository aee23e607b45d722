"""Owners, their apps and API keys; devices, their scanned photos and demographic profiles."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.db.models.base import ModelBase
from uuid_utils.compat import uuid7

from accounts.models import User
from photos.models import Photo
from profiles.demographics import known_words, nothing_known
from profiles.identifiers import MAX_APP_ID, MAX_ID, validate_app_id, validate_id


class Owner(models.Model):
    """A customer with any number of apps."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner_id = models.CharField(
        "owner id", max_length=MAX_ID, unique=True, validators=[validate_id], help_text="As clients send it."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.owner_id


class App(models.Model):
    """An app of an owner. Only its own keys give access to its devices and profiles."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Owner, models.CASCADE, related_name="apps", db_index=False)
    app_id = models.CharField(
        "app id", max_length=MAX_APP_ID, validators=[validate_app_id], help_text="As clients send it."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "app_id"], name="one_app_per_owner_and_app_id")]

    def __str__(self) -> str:
        return f"{self.app_id} of {self.owner}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def live(self) -> "ApiKeyQuerySet":
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """An API key of an app. Only its SHA-256 is stored, so the database reveals no key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    app = models.ForeignKey(App, models.CASCADE, related_name="keys")
    label = models.CharField(max_length=100, blank=True, help_text="Where the key is used.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"key of {self.app}" + (f" ({self.label})" if self.label else "")


class DeviceQuerySet(models.QuerySet["Device"]):
    def consenting(self) -> "DeviceQuerySet":
        """Selects devices whose user allows deriving a profile from the photos."""
        return self.filter(consented_at__isnull=False)


class Device(models.Model):
    """A device on which an app runs.

    `user` is the last user, or the one who has given consent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    app = models.ForeignKey(App, models.CASCADE, related_name="devices", db_index=False)
    device_id = models.CharField("device id", max_length=MAX_ID, validators=[validate_id])
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="devices")
    consented_at = models.DateTimeField(
        null=True, blank=True, help_text="Without consent nothing is derived from the photos."
    )
    derived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "device_id"], name="one_device_per_app_and_device_id"),
            models.CheckConstraint(condition=Q(consented_at=None) | Q(user__isnull=False), name="a_user_consents"),
        ]
        indexes = [models.Index(fields=["id"], name="consenting_devices", condition=Q(consented_at__isnull=False))]

    def __str__(self) -> str:
        return self.device_id


class ScannedPhoto(models.Model):
    """Records that a photo was uploaded from a device."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="scanned_photos", db_index=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="scans")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "photo"], name="a_photo_is_scanned_once")]

    def __str__(self) -> str:
        return f"{self.photo_id} on {self.device_id}"


class Profile(models.Model):
    """What is known about the user of a device, in the vocabulary of `profiles.demographics`.

    `posted` comes from the app, `derived` from photos. `known` merges both into JSON text, which responses contain
    unparsed; `save` updates it. `app` is always the device's, so that one index finds all profiles of an app.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    app = models.ForeignKey(App, models.CASCADE, related_name="profiles", db_index=False)
    device = models.OneToOneField(Device, models.CASCADE, related_name="profile")
    app_user_id = models.CharField(  # noqa: DJ001 - null where not tied: unique where tied
        "app's own user id", max_length=MAX_ID, null=True, blank=True, validators=[validate_id]
    )
    posted = models.JSONField(default=dict, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    derived = models.JSONField(default=dict, blank=True)
    known = models.TextField(default=nothing_known, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "app_user_id"], name="one_profile_per_app_user"),
            models.CheckConstraint(condition=~Q(app_user_id=""), name="app_user_id_not_empty"),
        ]
        indexes = [models.Index(fields=["app", "id"], name="profiles_of_an_app")]

    def __str__(self) -> str:
        return f"profile of {self.device_id}"

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        self.known = known_words(self.posted, self.derived)
        if update_fields is not None:
            update_fields = {*update_fields, "known"}
        super().save(
            force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields
        )
