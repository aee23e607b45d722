"""Which country and city a photo was taken in, offline.

Source: GeoNames' settlements of 1,000 people and more, carried by the package `reverse_geocode`. It answers with
the settlement nearest in degrees, however far; what is wrong with that is put right here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt
from typing import Any

EARTH_RADIUS_KM = 6371.0
# Farther from every settlement than this, a photo has no place: it was taken at sea or in the wild.
MAX_DISTANCE_KM = 50
MIN_PEOPLE = 1_000
# Districts are settlements of their own in the data (Montmartre, Westminster). One that is this near to a city so
# many times as large is taken for a part of it.
METROPOLIS_PEOPLE = 500_000
METROPOLIS_DISTANCE_KM = 12
METROPOLIS_TIMES = 10
# The data's formal names, where people use others. "UK" and "Korea - South" are the words of the API's document.
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


@dataclass(frozen=True)
class Place:
    """A city; its position in degrees is the city's, not the photo's."""

    country: str
    city: str
    latitude: float
    longitude: float


def places_at(positions: Sequence[tuple[float, float]]) -> list[Place | None]:
    """The place of each (latitude, longitude) in degrees; None where no settlement is within `MAX_DISTANCE_KM`."""
    if not positions:
        return []
    from reverse_geocode import search  # loads its data on first use: 0.5 s and 100 MB, in workers only

    nearest = search(positions, MIN_PEOPLE)
    metropolises = search(positions, METROPOLIS_PEOPLE)
    return [_place(*candidates) for candidates in zip(positions, nearest, metropolises, strict=True)]


def _place(position: tuple[float, float], near: dict[str, Any], metropolis: dict[str, Any]) -> Place | None:
    if distance_km(position, _position(near)) > MAX_DISTANCE_KM:
        return None
    chosen = metropolis if _is_part(position, near, metropolis) else near
    country = COMMON_NAMES.get(chosen["country_code"]) or chosen["country"]
    return _interned(Place(country, chosen["city"], *_position(chosen))) if country else None


def _is_part(position: tuple[float, float], near: dict[str, Any], metropolis: dict[str, Any]) -> bool:
    return (
        near["country_code"] == metropolis["country_code"]
        and metropolis["population"] >= METROPOLIS_TIMES * near["population"]
        and distance_km(position, _position(metropolis)) <= METROPOLIS_DISTANCE_KM
    )


def _position(settlement: dict[str, Any]) -> tuple[float, float]:
    return settlement["latitude"], settlement["longitude"]


@cache
def _interned(place: Place) -> Place:
    return place


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Along the great circle between two (latitude, longitude) in degrees, by the haversine formula."""
    (lat_a, lon_a), (lat_b, lon_b) = ((radians(lat), radians(lon)) for lat, lon in (a, b))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))
