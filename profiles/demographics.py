"""The words in which profiles speak: a profile maps these members to their words; any may be missing."""

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
    """In years; who is exactly 25, 35 or 45 is in the older band, who is exactly 55 in the younger."""

    UNDER_25 = "under 25"
    FROM_25 = "25-35"
    FROM_35 = "35-45"
    FROM_45 = "45-55"
    OVER_55 = "over 55"
    UNKNOWN = "unknown"

    @classmethod
    def of_years(cls, years: float) -> "Age":
        """The band of an age in years."""
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


# Exactly one word each, `unknown` when nobody knows.
SINGLE_CHOICE: dict[str, type[models.TextChoices]] = {
    "gender": Gender,
    "marital-status": MaritalStatus,
    "parental-status": ParentalStatus,
    "age": Age,
}
# Any number of words each.
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
    """What is known, as the text of a JSON object: single choices always, lists and places when not empty.

    Where both say something, it is the posted word.
    """
    words = {**NOTHING_KNOWN, **derived, **posted}
    return json.dumps(
        {member: said for member, said in words.items() if said}, ensure_ascii=False, separators=(",", ":")
    )


def nothing_known() -> str:
    return known_words({}, {})
