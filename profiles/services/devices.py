"""Devices, and the photos that come from them."""

from django.db import transaction

from accounts.models import User
from photos.models import Photo
from profiles.models import App, Device, ScannedPhoto


def locked_device(app: App, device_id: str) -> Device:
    """The app's device, made if it is new; nobody else writes to it before the transaction ends."""
    device, _ = Device.objects.select_for_update(no_key=True).get_or_create(app=app, device_id=device_id)
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
