"""Finds the country and city in which a photo was taken, offline.

Source: GeoNames' settlements of 1,000 people and more, in the package `reverse_geocode`. It returns the settlement
that is nearest in degrees, however far; this module corrects that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt
from typing import TypedDict

EARTH_RADIUS_KM = 6371.0
# A photo that is farther from every settlement was taken at sea or in the wild, and has no place.
MAX_DISTANCE_KM = 50
MIN_PEOPLE = 1_000
# Districts are settlements of their own in the data (Montmartre, Westminster). One counts as a part of a city that
# is this near and so many times as large.
METROPOLIS_PEOPLE = 500_000
METROPOLIS_DISTANCE_KM = 12
METROPOLIS_TIMES = 10
# The data's formal names, where people use others. "UK" and "Korea - South" are in the API's document.
COMMON_NAMES = {
    "AX": "Åland Islands",
    "BL": "Saint Barthélemy",
    "BN": "Brunei",
    "BQ": "Caribbean Netherlands",
    "CD": "DR Congo",
    "CG": "Republic of the Congo",
    "CI": "Ivory Coast",
    "CW": "Curaçao",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "GB": "UK",
    "IR": "Iran",
    "KP": "Korea - North",
    "KR": "Korea - South",
    "LA": "Laos",
    "LY": "Libya",
    "MD": "Moldova",
    "MK": "North Macedonia",
    "MO": "Macau",
    "PS": "Palestine",
    "RE": "Réunion",
    "RU": "Russia",
    "ST": "São Tomé and Príncipe",
    "SY": "Syria",
    "SZ": "Eswatini",
    "TZ": "Tanzania",
    "VA": "Vatican City",
    "VG": "British Virgin Islands",
    "VI": "US Virgin Islands",
}


class Settlement(TypedDict):
    """A result of `reverse_geocode`."""

    city: str
    country: str
    country_code: str
    population: int
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Place:
    """A city and its own position in degrees, which is not the photo's."""

    country: str
    city: str
    latitude: float
    longitude: float


def find_places(positions: Sequence[tuple[float, float]]) -> list[Place | None]:
    """Returns the place of each (latitude, longitude); None without a settlement within `MAX_DISTANCE_KM`."""
    if not positions:
        return []
    from reverse_geocode import search  # loads its data on first use: 0.5 s and 100 MB, in workers only

    nearest = search(positions, MIN_PEOPLE)
    metropolises = search(positions, METROPOLIS_PEOPLE)
    return [_place(*candidates) for candidates in zip(positions, nearest, metropolises, strict=True)]


def _place(position: tuple[float, float], nearest: Settlement, metropolis: Settlement) -> Place | None:
    if distance_km(position, _position(nearest)) > MAX_DISTANCE_KM:
        return None
    is_district = (
        nearest["country_code"] == metropolis["country_code"]
        and metropolis["population"] >= METROPOLIS_TIMES * nearest["population"]
        and distance_km(position, _position(metropolis)) <= METROPOLIS_DISTANCE_KM
    )
    chosen = metropolis if is_district else nearest
    country = COMMON_NAMES.get(chosen["country_code"]) or chosen["country"]
    return _shared(Place(country, chosen["city"], *_position(chosen))) if country else None


def _position(settlement: Settlement) -> tuple[float, float]:
    return settlement["latitude"], settlement["longitude"]


@cache
def _shared(place: Place) -> Place:
    """Returns one object for equal places, which saves memory."""
    return place


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Returns the great-circle distance of two (latitude, longitude) in degrees, by the haversine formula."""
    (lat_a, lon_a), (lat_b, lon_b) = ((radians(lat), radians(lon)) for lat, lon in (a, b))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))
