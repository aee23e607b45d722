"""Queries for up to a thousand profiles, so rows are tuples, and JSON is not parsed before it is needed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from core.batching import batched
from photos.models import ObjectLabel, Original
from profiles.models import App, Device, Profile, ScannedPhoto

# What a response contains of a profile (device id, the app's own user id, `known`), and the profile's key.
ProfileRow = tuple[str, str | None, str, str]
# A subquery instead of a join, for which PostgreSQL may read all devices. And the key as text, because creating
# UUID objects would take as long as all the rest.
COLUMNS = (
    Subquery(Device.objects.filter(pk=OuterRef("device")).values("device_id")),
    "app_user_id",
    "known",
    Cast("pk", CharField()),
)


class Page(NamedTuple):
    """Profiles in the order of their keys, and the key of the last one when more follow."""

    rows: list[ProfileRow]
    last: UUID | None


def newest_profile(app: App) -> UUID | None:
    """Returns the greatest key of the app's profiles."""
    return Profile.objects.filter(app=app).order_by("-pk").values_list("pk", flat=True).first()


def profiles_between(app: App, after: UUID | None, until: UUID, size: int) -> Page:
    """Returns the app's next profiles with keys above `after` and up to `until`, by one range of an index."""
    profiles = Profile.objects.filter(app=app, pk__lte=until)
    if after:
        profiles = profiles.filter(pk__gt=after)
    rows = list(profiles.order_by("pk").values_list(*COLUMNS)[: size + 1])
    return Page(rows[:size], UUID(rows[size - 1][-1]) if len(rows) > size else None)


def profiles_of(app: App, device_ids: Sequence[str]) -> list[ProfileRow]:
    """Returns the profiles of these devices in this order. Devices without one are left out."""
    found: dict[str, ProfileRow] = {}
    unique = list(dict.fromkeys(device_ids))
    for batch in batched(unique):
        devices = Profile.objects.filter(device__app=app, device__device_id__in=batch)
        found.update((row[0], row) for row in devices.values_list(*COLUMNS))
    return [found[device_id] for device_id in unique if device_id in found]


def profile_of_app_user(app: App, app_user_id: str) -> Profile:
    """Returns the profile of an app's own user. Raises `Profile.DoesNotExist`."""
    return Profile.objects.select_related("device").get(app=app, app_user_id=app_user_id)


def count_scanned_images(app: App, device_id: str) -> int:
    """Returns the number of the device's processed images. An image in two albums counts once, a deleted one not.

    Raises `Device.DoesNotExist`.
    """
    device = Device.objects.get(app=app, device_id=device_id)
    scanned = ScannedPhoto.objects.filter(
        device=device, photo__deleted_at=None, photo__original__status=Original.Status.READY
    )
    return scanned.values("photo__original").distinct().count()


def consenting_devices(after: UUID | None = None) -> QuerySet[Device]:
    """Returns the devices whose user consents, in the order of their keys; with `after`, only those above it."""
    devices = Device.objects.consenting().order_by("pk")
    return devices.filter(pk__gt=after) if after else devices


def consenting_originals(device: Device) -> QuerySet[Original]:
    """Returns the processed originals of photos that the device's user uploaded with it and did not delete."""
    scans = ScannedPhoto.objects.filter(device=device, photo__uploader=device.user_id, photo__deleted_at=None)
    originals = Original.objects.filter(pk__in=scans.values("photo__original"), status=Original.Status.READY)
    return originals.only("pk", "latitude", "longitude", "taken_at")


def object_names(original_ids: Sequence[UUID], min_score: float) -> dict[UUID, frozenset[str]]:
    """Returns the classes of the objects that were detected on each original with at least this score."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for batch in batched(original_ids):
        labels = ObjectLabel.objects.filter(original__in=batch, score__gte=min_score)
        for original_id, name in labels.values_list("original_id", "name"):
            found[original_id].add(name)
    return {original_id: frozenset(names) for original_id, names in found.items()}
