"""Derives demographics from what a user's photos show.

The thresholds are rules of thumb: a street scene must not make the user a driver, nor a guest's dog a dog owner.
Below them, nothing is derived.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from profiles.demographics import Pet, Sport, Transportation
from profiles.geography import Place, distance_km

Value = TypeVar("Value", bound=Hashable)

# A home needs at least this many photos with a place.
MIN_HOME_PHOTOS = 2
# A place farther from the home city than this is a vacation: people do not commute that far.
MIN_VACATION_KM = 50
MAX_VACATION_PLACES = 50
# Objects that were detected with a lower score are ignored.
MIN_OBJECT_SCORE = 0.5


@dataclass(frozen=True)
class PhotoFacts:
    """The place and day of a photo, and the classes of the objects on it (COCO's names)."""

    place: Place | None = None
    day: date | None = None
    objects: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """A word that applies when `photos` photos and a `share` of all show one of `any_of` and all of `with_all`."""

    member: str
    word: str
    any_of: frozenset[str]
    photos: int
    share: float
    with_all: frozenset[str] = frozenset()

    def applies(self, photos: Sequence[PhotoFacts]) -> bool:
        showing = sum(1 for photo in photos if photo.objects & self.any_of and self.with_all <= photo.objects)
        return showing >= self.photos and showing >= self.share * len(photos)


GEAR = frozenset({"skis", "snowboard", "surfboard", "skateboard", "bicycle", "frisbee", "baseball glove"})
GAMES = frozenset({"sports ball", "baseball bat", "tennis racket"})
RULES = (
    Rule("transportation", Transportation.CAR, frozenset({"car"}), photos=5, share=0.05),
    Rule("pets", Pet.DOG, frozenset({"dog"}), photos=3, share=0.03),
    Rule("sports", Sport.ACTIVE, GEAR | (GAMES - {"sports ball"}), photos=3, share=0.03),
    Rule("sports", Sport.VIEWER, GAMES, photos=3, share=0.01, with_all=frozenset({"tv"})),
)


def derive_demographics(photos: Sequence[PhotoFacts]) -> dict[str, str | list[str]]:
    """Returns the members of a profile that the photos show; others are missing."""
    words: dict[str, list[str]] = defaultdict(list)
    for rule in RULES:
        if rule.applies(photos):
            words[rule.member].append(rule.word)
    return {**words, **_places(photos)}


def _places(photos: Sequence[PhotoFacts]) -> dict[str, str | list[str]]:
    """Returns home and vacations. Home is where most photos were taken; places far from home are vacations."""
    seen = [(photo.place, photo.day) for photo in photos if photo.place]
    country = _most_common([(place.country, day) for place, day in seen])
    if country is None or len(seen) < MIN_HOME_PHOTOS:
        return {}
    city = _most_common([(place, day) for place, day in seen if place.country == country])
    away = Counter(place for place, _ in seen if _is_far_from_home(place, country, city))
    abroad: Counter[str] = Counter()
    cities: Counter[str] = Counter()
    for place, number in away.items():
        cities[place.city] += number
        if place.country != country:
            abroad[place.country] += number
    known: dict[str, str | list[str]] = {
        "country": country,
        "city": city.city if city else "",
        "country-vacations": _by_frequency(abroad),
        "city-vacations": _by_frequency(cities),
    }
    return {member: words for member, words in known.items() if words}


def _most_common(seen: Collection[tuple[Value, date | None]]) -> Value | None:
    """Returns the value of most photos; among equals the one of more days; None when these are equal too."""
    days: dict[Value, list[date | None]] = defaultdict(list)
    for value, day in seen:
        days[value].append(day)
    ranks = {value: (len(taken), len(set(taken))) for value, taken in days.items()}
    best = [value for value, rank in ranks.items() if rank == max(ranks.values())]
    return best[0] if len(best) == 1 else None


def _is_far_from_home(place: Place, country: str, city: Place | None) -> bool:
    if city is None:
        return place.country != country
    here, home = ((p.latitude, p.longitude) for p in (place, city))
    return distance_km(here, home) > MIN_VACATION_KM


def _by_frequency(places: Counter[str]) -> list[str]:
    """Returns the names, most frequent first."""
    ranked = sorted(places.items(), key=lambda item: (-item[1], item[0]))
    return [name for name, _ in ranked[:MAX_VACATION_PLACES]]
