"""Erasing all that is kept of a device, for good."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from photos.services import erase_photos
from profiles.models import App, Device, ScannedPhoto


@dataclass(frozen=True)
class Erased:
    """How much was erased. An image may have been placed in several albums, as several photos."""

    devices: int = 0
    profiles: int = 0
    images: int = 0
    photos: int = 0
    faces: int = 0
    embeddings: int = 0
    sightings: int = 0
    files: int = 0


@transaction.atomic
def erase_device(*, apps: Collection[App], device_id: str) -> Erased:
    """Erases the device in these apps: profile, consent, its photos and their copies; files on commit.

    A photo that another device, or an app that is none of these, has taken in as well stays for that one.
    """
    found = Device.objects.select_for_update().filter(app__in=apps, device_id=device_id)
    devices = [device.pk for device in found]
    if not devices:
        return Erased()
    scans = ScannedPhoto.objects.filter(device__in=devices)
    scanned = set(scans.values_list("photo_id", flat=True))
    gone = erase_photos(photo_ids=scanned, spared_ids=_scanned_elsewhere(devices))
    _, rows = Device.objects.filter(pk__in=devices).delete()
    return Erased(
        devices=len(devices),
        profiles=rows.get("profiles.Profile", 0),
        images=gone.images,
        photos=gone.rows["photos.Photo"],
        faces=gone.rows["faces.Face"],
        embeddings=gone.rows["faces.Face"],
        sightings=gone.rows["faces.Sighting"],
        files=gone.rows["photos.Original"] + gone.rows["photos.Rendition"],
    )


def _scanned_elsewhere(devices: list[UUID]) -> set[UUID]:
    """Photos of the devices' originals that other devices have taken in."""
    originals = ScannedPhoto.objects.filter(device__in=devices).values("photo__original")
    others = ScannedPhoto.objects.filter(photo__original__in=originals).exclude(device__in=devices)
    return set(others.values_list("photo_id", flat=True))
