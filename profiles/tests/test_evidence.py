from datetime import date

import pytest

from profiles.demographics import Age
from profiles.evidence import PhotoFacts, derive_demographics
from profiles.geography import Place

TEL_AVIV = Place("Israel", "Tel Aviv", 32.08, 34.78)
HOLON = Place("Israel", "Holon", 32.01, 34.78)
EILAT = Place("Israel", "Eilat", 29.56, 34.95)
ROME = Place("Italy", "Rome", 41.89, 12.51)
MILAN = Place("Italy", "Milan", 45.46, 9.19)
LONDON = Place("UK", "London", 51.51, -0.13)
BASEL = Place("Switzerland", "Basel", 47.56, 7.59)
WEIL = Place("Germany", "Weil am Rhein", 47.59, 7.62)


def at(*places: Place, day: int = 1) -> list[PhotoFacts]:
    return [PhotoFacts(place, date(2026, 1, day)) for place in places]


def showing(*objects: str, times: int, of: int) -> list[PhotoFacts]:
    return [PhotoFacts(objects=frozenset(objects))] * times + [PhotoFacts()] * (of - times)


def test_home_is_where_most_photos_were_taken_and_vacations_are_the_rest() -> None:
    found = derive_demographics(at(*[TEL_AVIV] * 5, *[ROME] * 3, *[LONDON] * 2))
    assert found == {
        "country": "Israel",
        "city": "Tel Aviv",
        "country-vacations": ["Italy", "UK"],
        "city-vacations": ["Rome", "London"],
    }


def test_the_home_country_is_that_of_most_photos_even_without_a_home_city() -> None:
    found = derive_demographics(at(*[TEL_AVIV] * 2, HOLON, EILAT, *[ROME] * 3))
    assert (found["country"], found["city"]) == ("Israel", "Tel Aviv")
    assert found["country-vacations"] == ["Italy"]


def test_a_neighbouring_town_is_no_vacation_but_a_distant_one_in_the_country_is() -> None:
    found = derive_demographics(at(*[TEL_AVIV] * 3, HOLON, EILAT))
    assert found["city-vacations"] == ["Eilat"]
    assert "country-vacations" not in found


def test_a_town_across_a_nearby_border_is_no_vacation() -> None:
    found = derive_demographics(at(*[BASEL] * 3, *[WEIL] * 2))
    assert found == {"country": "Switzerland", "city": "Basel"}


def test_among_equal_numbers_of_photos_more_days_decide() -> None:
    found = derive_demographics([*at(ROME, ROME), *at(LONDON, day=2), *at(LONDON, day=3)])
    assert (found["country"], found["country-vacations"]) == ("UK", ["Italy"])


def test_equal_places_give_no_home() -> None:
    assert derive_demographics(at(ROME, LONDON)) == {}
    undecided = derive_demographics(at(ROME, MILAN, LONDON))
    assert undecided == {"country": "Italy", "country-vacations": ["UK"], "city-vacations": ["London"]}


@pytest.mark.parametrize("photos", [[], at(ROME), [PhotoFacts()] * 10])
def test_too_few_photos_show_nothing(photos: list[PhotoFacts]) -> None:
    assert derive_demographics(photos) == {}


@pytest.mark.parametrize(
    ("objects", "member", "word", "enough", "share"),
    [
        (("car",), "transportation", "car", 5, 0.05),
        (("dog",), "pets", "dog", 3, 0.03),
        (("skis",), "sports", "active", 3, 0.03),
        (("tennis racket",), "sports", "active", 3, 0.03),
        (("tv", "sports ball"), "sports", "viewer", 3, 0.01),
    ],
)
def test_objects_count_above_their_thresholds(
    objects: tuple[str, ...], member: str, word: str, enough: int, share: float
) -> None:
    most = int(enough / share)
    assert derive_demographics(showing(*objects, times=enough, of=most)) == {member: [word]}
    assert derive_demographics(showing(*objects, times=enough, of=most + 1)) == {}
    assert derive_demographics(showing(*objects, times=enough - 1, of=enough - 1)) == {}


def test_a_ball_without_a_screen_is_no_viewer() -> None:
    assert derive_demographics(showing("sports ball", times=5, of=5)) == {}


def test_a_user_may_both_play_and_watch() -> None:
    photos = showing("tv", "baseball bat", times=4, of=4)
    assert derive_demographics(photos) == {"sports": ["active", "viewer"]}


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (0, "under 25"),
        (24.9, "under 25"),
        (25, "25-35"),
        (35, "35-45"),
        (45, "45-55"),
        (55, "45-55"),
        (55.1, "over 55"),
    ],
)
def test_every_age_has_a_band(years: float, band: str) -> None:
    assert Age.from_years(years) == band
