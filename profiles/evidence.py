"""What somebody's photos show about them.

The thresholds are rules of thumb, set so that a street scene makes nobody a driver and a guest's dog nobody its
keeper; below them nothing is said.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from profiles.demographics import Pet, Sport, Transportation
from profiles.geography import Place, distance_km

Value = TypeVar("Value", bound=Hashable)

# Somebody's home needs this many photos with a place.
MIN_HOME_PHOTOS = 2
# A place is one of vacations if it is farther from the home city than people go on a working day.
MIN_VACATION_KM = 50
MAX_VACATION_PLACES = 50
# An object counts if the detector is at least this sure of it.
MIN_OBJECT_SCORE = 0.5


@dataclass(frozen=True)
class PhotoFacts:
    """What is known about one photo: its place, its day, the classes of the objects on it (COCO's names)."""

    place: Place | None = None
    day: date | None = None
    objects: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """The word holds if `photos` photos, and a `share` of all, show one of `any_of` and all of `with_all`."""

    member: str
    word: str
    any_of: frozenset[str]
    photos: int
    share: float
    with_all: frozenset[str] = frozenset()

    def holds(self, photos: Sequence[PhotoFacts]) -> bool:
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


def demographics_of(photos: Sequence[PhotoFacts]) -> dict[str, str | list[str]]:
    """The members of a profile that the photos show; what they do not show is missing."""
    words: dict[str, list[str]] = defaultdict(list)
    for rule in RULES:
        if rule.holds(photos):
            words[rule.member].append(rule.word)
    return {**words, **_places(photos)}


def _places(photos: Sequence[PhotoFacts]) -> dict[str, str | list[str]]:
    """Home is where most photos were taken; of the rest, what is far from home is of vacations."""
    seen = [(photo.place, photo.day) for photo in photos if photo.place]
    country = _most_common([(place.country, day) for place, day in seen])
    if country is None or len(seen) < MIN_HOME_PHOTOS:
        return {}
    city = _most_common([(place, day) for place, day in seen if place.country == country])
    away = Counter(place for place, _ in seen if _is_away(place, country, city))
    abroad: Counter[str] = Counter()
    cities: Counter[str] = Counter()
    for place, number in away.items():
        cities[place.city] += number
        if place.country != country:
            abroad[place.country] += number
    known: dict[str, str | list[str]] = {
        "country": country,
        "city": city.city if city else "",
        "country-vacations": _ranked(abroad),
        "city-vacations": _ranked(cities),
    }
    return {member: words for member, words in known.items() if words}


def _most_common(seen: Collection[tuple[Value, date | None]]) -> Value | None:
    """The value of most photos; of equally many, the one of more days; None where that does not decide either."""
    days: dict[Value, list[date | None]] = defaultdict(list)
    for value, day in seen:
        days[value].append(day)
    ranks = {value: (len(taken), len(set(taken))) for value, taken in days.items()}
    best = [value for value, rank in ranks.items() if rank == max(ranks.values())]
    return best[0] if len(best) == 1 else None


def _is_away(place: Place, country: str, city: Place | None) -> bool:
    if city is None:
        return place.country != country
    here, home = ((p.latitude, p.longitude) for p in (place, city))
    return distance_km(here, home) > MIN_VACATION_KM


def _ranked(places: Counter[str]) -> list[str]:
    """The names, those of most photos first."""
    ranked = sorted(places.items(), key=lambda item: (-item[1], item[0]))
    return [name for name, _ in ranked[:MAX_VACATION_PLACES]]
