"""Stores what an app posts about the users of its devices."""

from django.db import transaction
from django.utils import timezone

from profiles.demographics import Demographics
from profiles.models import App, Profile
from profiles.services.devices import lock_device


@transaction.atomic
def post_profile(*, app: App, device_id: str, members: Demographics, app_user_id: str | None = None) -> Profile:
    """Creates the device's profile or updates it: members that are given replace the old ones, others stay.

    An app's own user id belongs to one device, the one that was posted last.
    """
    if app_user_id is not None:
        # One request at a time for each app: two that swap their users would wait for each other for ever.
        App.objects.select_for_update(no_key=True).get(pk=app.pk)
    device = lock_device(app, device_id)
    profile, _ = Profile.objects.select_related("device").get_or_create(device=device, defaults={"app": app})
    profile.posted = {**profile.posted, **members}
    profile.posted_at = timezone.now()
    if app_user_id is not None:
        Profile.objects.filter(app=app, app_user_id=app_user_id).exclude(pk=profile.pk).update(app_user_id=None)
        profile.app_user_id = app_user_id
    profile.save()
    return profile
