"""Deriving a profile from what the photos of a device show."""

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from faces.services.demographics import estimate_user_demographics
from profiles.demographics import Age, Demographics, Gender
from profiles.evidence import MIN_OBJECT_SCORE, PhotoFacts, demographics_of
from profiles.geography import Place, places_at
from profiles.models import Device, Profile
from profiles.selectors import consenting_originals, objects_on
from profiles.services.consent import forget_derived

# Surer than this of one or the other, or the gender stays unknown.
MIN_GENDER_SCORE = 0.8


def derive_profile(*, device_id: UUID) -> bool:
    """Writes down what the device's processed photos show, as far as their user consents; False without consent.

    Raises `photos.storage.StorageUnavailable`, and then nothing has changed.
    """
    device = Device.objects.consenting().select_related("user").filter(pk=device_id).first()
    if device is None:
        return False
    derived = {**demographics_of(_facts(device)), **_looks(device)}
    return _write(device, derived)


def _facts(device: Device) -> list[PhotoFacts]:
    originals = list(consenting_originals(device))
    located = [o for o in originals if o.latitude is not None and o.longitude is not None]
    positions = [(o.latitude, o.longitude) for o in located if o.latitude is not None and o.longitude is not None]
    places: dict[UUID, Place | None] = defaultdict(lambda: None)
    places.update(zip((o.pk for o in located), places_at(positions), strict=True))
    objects = objects_on([o.pk for o in originals], MIN_OBJECT_SCORE)
    return [
        PhotoFacts(places[o.pk], o.taken_at.date() if o.taken_at else None, objects.get(o.pk, frozenset()))
        for o in originals
    ]


def _looks(device: Device) -> dict[str, str]:
    looks = estimate_user_demographics(user=device.user) if device.user else None
    if looks is None:
        return {}
    known: dict[str, str] = {"age": Age.of_years(looks.years)}
    if looks.male_probability >= MIN_GENDER_SCORE:
        known["gender"] = Gender.MALE
    elif looks.male_probability <= 1 - MIN_GENDER_SCORE:
        known["gender"] = Gender.FEMALE
    return known


@transaction.atomic
def _write(seen: Device, derived: Demographics) -> bool:
    """False when the consent under which it was derived does not stand any more."""
    same_consent = Device.objects.filter(pk=seen.pk, user=seen.user_id, consented_at=seen.consented_at)
    device = same_consent.select_for_update(no_key=True).first()
    if device is None:
        return False
    if derived:
        profile, _ = Profile.objects.get_or_create(device=device, defaults={"app_id": device.app_id})
        if profile.derived != derived:
            profile.derived = derived
            profile.save()
    else:
        forget_derived(device)
    device.derived_at = timezone.now()
    device.save(update_fields=["derived_at"])
    return True
