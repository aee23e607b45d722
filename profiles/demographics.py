"""The vocabulary of profiles: a profile maps these members to their words; any may be missing."""

import json
from collections.abc import Mapping, Sequence

from django.db import models

Demographics = Mapping[str, str | Sequence[str]]


class Gender(models.TextChoices):
    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class MaritalStatus(models.TextChoices):
    SINGLE = "single"
    IN_A_RELATIONSHIP = "in a relationship"
    UNKNOWN = "unknown"


class ParentalStatus(models.TextChoices):
    WITHOUT_CHILDREN = "without children"
    WITH_CHILDREN = "with children"
    UNKNOWN = "unknown"


class Age(models.TextChoices):
    """Age bands in years. Exactly 25, 35 and 45 belong to the older band, exactly 55 to the younger."""

    UNDER_25 = "under 25"
    FROM_25 = "25-35"
    FROM_35 = "35-45"
    FROM_45 = "45-55"
    OVER_55 = "over 55"
    UNKNOWN = "unknown"

    @classmethod
    def from_years(cls, years: float) -> "Age":
        """Returns the band of an age in years."""
        bounds = [(25, cls.UNDER_25), (35, cls.FROM_25), (45, cls.FROM_35)]
        for bound, band in bounds:
            if years < bound:
                return band
        return cls.FROM_45 if years <= 55 else cls.OVER_55


class Transportation(models.TextChoices):
    CAR = "car"


class Pet(models.TextChoices):
    DOG = "dog"


class Sport(models.TextChoices):
    ACTIVE = "active"
    VIEWER = "viewer"


class LifeEvent(models.TextChoices):
    BABY = "about to have a baby"
    MOVE = "about to move home"
    TRAVEL = "about to travel"


# Exactly one word each; `unknown` when it is not known.
SINGLE_CHOICE: dict[str, type[models.TextChoices]] = {
    "gender": Gender,
    "marital-status": MaritalStatus,
    "parental-status": ParentalStatus,
    "age": Age,
}
# Several words each, or none.
MULTIPLE_CHOICE: dict[str, type[models.TextChoices]] = {
    "transportation": Transportation,
    "pets": Pet,
    "sports": Sport,
    "life-events": LifeEvent,
}
PLACES = ("country", "city")
PLACE_LISTS = ("country-vacations", "city-vacations")


NOTHING_KNOWN = dict.fromkeys(SINGLE_CHOICE, "unknown")


def known_words(posted: Demographics, derived: Demographics) -> str:
    """Merges both into the text of a JSON object: single choices always, lists and places when not empty.

    Posted words replace derived ones.
    """
    words = {**NOTHING_KNOWN, **derived, **posted}
    return json.dumps(
        {member: word for member, word in words.items() if word}, ensure_ascii=False, separators=(",", ":")
    )


def nothing_known() -> str:
    return known_words({}, {})
