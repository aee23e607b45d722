"""Derives the profile of a device from its photos."""

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from faces.services.demographics import estimate_user_demographics
from profiles.demographics import Age, Demographics, Gender
from profiles.evidence import MIN_OBJECT_SCORE, PhotoFacts, derive_demographics
from profiles.geography import Place, find_places
from profiles.models import Device, Profile
from profiles.selectors import consenting_originals, object_names
from profiles.services.consent import delete_derived

# With a lower probability the gender stays unknown.
MIN_GENDER_SCORE = 0.8


def derive_profile(*, device_id: UUID) -> bool:
    """Stores what the device's processed photos show about their user. Returns False without their consent.

    Raises `photos.storage.StorageUnavailable`, and then changes nothing.
    """
    device = Device.objects.consenting().select_related("user").filter(pk=device_id).first()
    if device is None:
        return False
    derived = {**derive_demographics(_photo_facts(device)), **_age_and_gender(device)}
    return _save_derived(device, derived)


def _photo_facts(device: Device) -> list[PhotoFacts]:
    originals = list(consenting_originals(device))
    located = [o for o in originals if o.latitude is not None and o.longitude is not None]
    positions = [(o.latitude, o.longitude) for o in located if o.latitude is not None and o.longitude is not None]
    places: dict[UUID, Place | None] = defaultdict(lambda: None)
    places.update(zip((o.pk for o in located), find_places(positions), strict=True))
    objects = object_names([o.pk for o in originals], MIN_OBJECT_SCORE)
    return [
        PhotoFacts(places[o.pk], o.taken_at.date() if o.taken_at else None, objects.get(o.pk, frozenset()))
        for o in originals
    ]


def _age_and_gender(device: Device) -> dict[str, str]:
    looks = estimate_user_demographics(user=device.user) if device.user else None
    if looks is None:
        return {}
    known: dict[str, str] = {"age": Age.from_years(looks.years)}
    if looks.male_probability >= MIN_GENDER_SCORE:
        known["gender"] = Gender.MALE
    elif looks.male_probability <= 1 - MIN_GENDER_SCORE:
        known["gender"] = Gender.FEMALE
    return known


@transaction.atomic
def _save_derived(read_device: Device, derived: Demographics) -> bool:
    """Returns False when the consent for which it was derived has ended."""
    same_consent = Device.objects.filter(
        pk=read_device.pk, user=read_device.user_id, consented_at=read_device.consented_at
    )
    device = same_consent.select_for_update(no_key=True).first()
    if device is None:
        return False
    if derived:
        profile, _ = Profile.objects.get_or_create(device=device, defaults={"app_id": device.app_id})
        if profile.derived != derived:
            profile.derived = derived
            profile.save()
    else:
        delete_derived(device)
    device.derived_at = timezone.now()
    device.save(update_fields=["derived_at"])
    return True
