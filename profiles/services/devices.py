"""Devices, and the photos that come from them."""

from django.db import transaction

from accounts.models import User
from photos.models import Photo
from profiles.models import App, Device, ScannedPhoto


def locked_device(app: App, device_id: str) -> Device:
    """The app's device, made if it is new; nobody else writes to it before the transaction ends."""
    found = Device.objects.select_for_update(no_key=True).filter(app=app, device_id=device_id)
    # Not `get_or_create`: it fails where another request makes the device and a third erases it in between.
    while (device := found.first()) is None:
        Device.objects.bulk_create([Device(app=app, device_id=device_id)], ignore_conflicts=True)
    return device


@transaction.atomic
def link_photo(*, app: App, device_id: str, photo: Photo, user: User) -> None:
    """Notes that the photo came from the device, which the user uses now unless another's consent stands.

    A photo that somebody else uploaded, or that has been erased meanwhile, came from elsewhere.
    """
    device = locked_device(app, device_id)
    if Photo.objects.select_for_update(no_key=True).filter(pk=photo.pk, uploader=user).first():
        ScannedPhoto.objects.get_or_create(device=device, photo=photo)
    if device.consented_at is None and device.user_id != user.pk:
        device.user = user
        device.save(update_fields=["user"])
