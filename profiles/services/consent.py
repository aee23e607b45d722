"""Consent: without it nothing is derived from anybody's photos."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from profiles.models import App, Device, Profile
from profiles.services.devices import locked_device


@transaction.atomic
def give_consent(*, app: App, device_id: str, user: User) -> None:
    """From now on a profile may be derived from the photos that the user took in with the device.

    Raises `PermissionDenied` while another user's consent stands.
    """
    device = locked_device(app, device_id)
    _check_not_anothers(device, user)
    if device.consented_at is None:
        device.user, device.consented_at = user, timezone.now()
        device.save(update_fields=["user", "consented_at"])


@transaction.atomic
def withdraw_consent(*, app: App, device_id: str, user: User) -> None:
    """Erases what was derived, and lets nothing be derived any more. Without a consent there is nothing to do.

    Raises `PermissionDenied` for another user's consent.
    """
    device = Device.objects.select_for_update(no_key=True).filter(app=app, device_id=device_id).first()
    if device is None or device.consented_at is None:
        return
    _check_not_anothers(device, user)
    device.consented_at = device.derived_at = None
    device.save(update_fields=["consented_at", "derived_at"])
    forget_derived(device)


def _check_not_anothers(device: Device, user: User) -> None:
    if device.consented_at and device.user_id != user.pk:
        raise PermissionDenied("Another user's consent stands for this device.")


def forget_derived(device: Device) -> None:
    """Erases what was derived; a profile that nobody posted goes."""
    Profile.objects.filter(device=device, posted_at=None).delete()
    if profile := Profile.objects.filter(device=device).exclude(derived={}).first():
        profile.derived = {}
        profile.save()
