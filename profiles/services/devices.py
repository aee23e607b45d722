"""Creates devices and links photos to them."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from accounts.models import User
from photos.models import Photo
from profiles.models import App, Device, ScannedPhoto


def lock_device(app: App, device_id: str) -> Device:
    """Returns the app's device, created if new, and locks it until the transaction ends."""
    matching = Device.objects.select_for_update(no_key=True).filter(app=app, device_id=device_id)
    # Not `get_or_create`, which fails when one request creates the device and another erases it in between.
    while (device := matching.first()) is None:
        Device.objects.bulk_create([Device(app=app, device_id=device_id)], ignore_conflicts=True)
    return device


@transaction.atomic
def link_photo(*, app: App, device_id: str, photo: Photo, user: User) -> None:
    """Links the photo to the device, and the device to the user unless another user has given consent.

    Does not link a photo that another user uploaded or that was erased meanwhile.
    """
    device = lock_device(app, device_id)
    if Photo.objects.select_for_update(no_key=True).filter(pk=photo.pk, uploader=user).first():
        ScannedPhoto.objects.get_or_create(device=device, photo=photo)
    if device.consented_at is None and device.user_id != user.pk:
        device.user = user
        device.save(update_fields=["user"])


def link_copies(*, copies: Mapping[UUID, UUID]) -> None:
    """Links copies (the copy's id by the photo's id) to the devices of their photos, which may be purged first."""
    scans = ScannedPhoto.objects.filter(photo__in=copies).values_list("device_id", "photo_id")
    ScannedPhoto.objects.bulk_create(
        [ScannedPhoto(device_id=device_id, photo_id=copies[photo_id]) for device_id, photo_id in scans],
        ignore_conflicts=True,
    )
