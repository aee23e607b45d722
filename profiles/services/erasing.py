"""Erases everything that is stored about a device."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from photos.services import erase_photos
from profiles.models import App, Device, ScannedPhoto


@dataclass(frozen=True)
class Erased:
    """The numbers of erased rows. One image may be in several albums, as several photos."""

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
    """Erases the device in these apps: profile, consent, its photos and their copies; the files on commit.

    Keeps a photo that another device, or another app, has uploaded too.
    """
    matching = Device.objects.select_for_update().filter(app__in=apps, device_id=device_id)
    devices = [device.pk for device in matching]
    if not devices:
        return Erased()
    scans = ScannedPhoto.objects.filter(device__in=devices)
    scanned = set(scans.values_list("photo_id", flat=True))
    originals = scans.values("photo__original")
    elsewhere = ScannedPhoto.objects.filter(photo__original__in=originals).exclude(device__in=devices)
    spared = set(elsewhere.values_list("photo_id", flat=True))
    erased = erase_photos(photo_ids=scanned, spared_ids=spared)
    _, deleted = Device.objects.filter(pk__in=devices).delete()
    return Erased(
        devices=len(devices),
        profiles=deleted.get("profiles.Profile", 0),
        images=erased.images,
        photos=erased.rows["photos.Photo"],
        faces=erased.rows["faces.Face"],
        embeddings=erased.rows["faces.Face"],
        sightings=erased.rows["faces.Sighting"],
        files=erased.rows["photos.Original"] + erased.rows["photos.Rendition"],
    )
