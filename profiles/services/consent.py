"""Consent of users. Without it, nothing is derived from their photos."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from profiles.models import App, Device, Profile
from profiles.services.devices import lock_device


@transaction.atomic
def give_consent(*, app: App, device_id: str, user: User) -> None:
    """Allows deriving a profile from the photos that the user uploaded with the device.

    Raises `PermissionDenied` when another user has given consent.
    """
    device = lock_device(app, device_id)
    _refuse_other_users(device, user)
    if device.consented_at is None:
        device.user, device.consented_at = user, timezone.now()
        device.save(update_fields=["user", "consented_at"])


@transaction.atomic
def withdraw_consent(*, app: App, device_id: str, user: User) -> None:
    """Deletes what was derived and ends the consent. Does nothing without a consent.

    Raises `PermissionDenied` for another user's consent.
    """
    device = Device.objects.select_for_update(no_key=True).filter(app=app, device_id=device_id).first()
    if device is None or device.consented_at is None:
        return
    _refuse_other_users(device, user)
    device.consented_at = device.derived_at = None
    device.save(update_fields=["consented_at", "derived_at"])
    delete_derived(device)


def _refuse_other_users(device: Device, user: User) -> None:
    if device.consented_at and device.user_id != user.pk:
        raise PermissionDenied("Another user's consent stands for this device.")


def delete_derived(device: Device) -> None:
    """Deletes the derived members, and the whole profile when nothing was posted."""
    Profile.objects.filter(device=device, posted_at=None).delete()
    if profile := Profile.objects.filter(device=device).exclude(derived={}).first():
        profile.derived = {}
        profile.save()
