"""Reads of profiles, a thousand at a time: so rows are tuples, and JSON stays text until it is needed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from core.batching import batched
from photos.models import ObjectLabel, Original
from profiles.models import App, Device, Profile, ScannedPhoto

# What an answer says of a profile: device id, the app's own user id, `known`; and the profile's key.
ProfileRow = tuple[str, str | None, str, str]
# A subquery where a join would do: PostgreSQL may join the last of many profiles by reading all devices. And the
# key as text: making a UUID of each would cost as much as all the rest.
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
    """The greatest key among the app's profiles."""
    return Profile.objects.filter(app=app).order_by("-pk").values_list("pk", flat=True).first()


def profiles_between(app: App, after: UUID | None, until: UUID, size: int) -> Page:
    """The next profiles of the app with keys above `after` and up to `until`: one range of one index."""
    profiles = Profile.objects.filter(app=app, pk__lte=until)
    if after:
        profiles = profiles.filter(pk__gt=after)
    rows = list(profiles.order_by("pk").values_list(*COLUMNS)[: size + 1])
    return Page(rows[:size], UUID(rows[size - 1][-1]) if len(rows) > size else None)


def profiles_of(app: App, device_ids: Sequence[str]) -> list[ProfileRow]:
    """The profiles of these devices, in this order; devices without one are left out."""
    found: dict[str, ProfileRow] = {}
    unique = list(dict.fromkeys(device_ids))
    for batch in batched(unique):
        devices = Profile.objects.filter(device__app=app, device__device_id__in=batch)
        found.update((row[0], row) for row in devices.values_list(*COLUMNS))
    return [found[device_id] for device_id in unique if device_id in found]


def profile_of_app_user(app: App, app_user_id: str) -> Profile:
    """Raises `Profile.DoesNotExist`."""
    return Profile.objects.select_related("device").get(app=app, app_user_id=app_user_id)


def count_scanned(app: App, device_id: str) -> int:
    """How many images of the device have been processed and not deleted; one placed in two albums is one image.

    Raises `Device.DoesNotExist`.
    """
    device = Device.objects.get(app=app, device_id=device_id)
    scanned = ScannedPhoto.objects.filter(
        device=device, photo__deleted_at=None, photo__original__status=Original.Status.READY
    )
    return scanned.values("photo__original").distinct().count()


def consenting_devices(after: UUID | None = None) -> QuerySet[Device]:
    """Devices whose user lets a profile be derived, in the order of their keys; those above `after`, if given."""
    devices = Device.objects.consenting().order_by("pk")
    return devices.filter(pk__gt=after) if after else devices


def consenting_originals(device: Device) -> QuerySet[Original]:
    """What is processed of the photos that the consenting user took in with the device and did not delete."""
    scans = ScannedPhoto.objects.filter(device=device, photo__uploader=device.user_id, photo__deleted_at=None)
    originals = Original.objects.filter(pk__in=scans.values("photo__original"), status=Original.Status.READY)
    return originals.only("pk", "latitude", "longitude", "taken_at")


def objects_on(original_ids: Sequence[UUID], min_score: float) -> dict[UUID, frozenset[str]]:
    """The classes of the objects on each original that were found with at least this score."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for batch in batched(original_ids):
        labels = ObjectLabel.objects.filter(original__in=batch, score__gte=min_score)
        for original_id, name in labels.values_list("original_id", "name"):
            found[original_id].add(name)
    return {original_id: frozenset(names) for original_id, names in found.items()}
