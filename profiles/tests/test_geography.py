import pytest

from core.tests.presence import present
from profiles.geography import MAX_DISTANCE_KM, distance_km, find_places

CITIES = {
    (48.8584, 2.2945): ("France", "Paris"),
    (41.8902, 12.4922): ("Italy", "Rome"),
    (32.0853, 34.7818): ("Israel", "Tel Aviv"),
    (51.5033, -0.1196): ("UK", "London"),
    (37.5665, 126.978): ("Korea - South", "Seoul"),
    (55.7558, 37.6173): ("Russia", "Moscow"),
    (35.658, 139.7016): ("Japan", "Tokyo"),
    (-33.8568, 151.2153): ("Australia", "Sydney"),
}
DISTRICTS = {(48.8867, 2.3431): "Paris", (51.4994, -0.1273): "London", (35.6762, 139.6503): "Tokyo"}


@pytest.mark.parametrize(("position", "expected"), CITIES.items())
def test_a_position_has_the_common_names_of_country_and_city(
    position: tuple[float, float], expected: tuple[str, str]
) -> None:
    (place,) = find_places([position])
    assert place
    assert (place.country, place.city) == expected


@pytest.mark.parametrize(("position", "city"), DISTRICTS.items())
def test_a_district_is_a_part_of_its_city(position: tuple[float, float], city: str) -> None:
    assert present(find_places([position])[0]).city == city


@pytest.mark.parametrize(
    "position", [(0, 0), (-20, -25), (75, -42), (90, 0), (-90, 180), (30, -140), (0, -179.99)]
)
def test_positions_at_sea_or_on_ice_have_no_place(position: tuple[int, float]) -> None:
    assert find_places([position]) == [None]


def test_many_positions_keep_their_order() -> None:
    found = find_places([(0, 0), *CITIES, (0, 0)])
    assert found[0] is found[-1] is None
    assert [(place.country, place.city) for place in map(present, found[1:-1])] == list(CITIES.values())


def test_no_positions_have_no_places() -> None:
    assert find_places([]) == []


def test_a_place_is_near() -> None:
    for position in CITIES:
        (place,) = find_places([position])
        assert place
        assert distance_km(position, (place.latitude, place.longitude)) < MAX_DISTANCE_KM


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 180), 20015),
        ((0, 179.5), (0, -179.5), 111.2),
        ((48.8566, 2.3522), (51.5074, -0.1278), 344),
    ],
)
def test_distances_are_great_circles(a: tuple[float, float], b: tuple[float, float], km: float) -> None:
    assert distance_km(a, b) == pytest.approx(km, rel=0.005)
