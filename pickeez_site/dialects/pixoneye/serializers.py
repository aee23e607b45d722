"""Profiles as Pixoneye's clients send and read them. On the left the wire's name, on the right the domain's."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from pickeez_site.dialects.pixoneye.parameters import BadMember, Members
from profiles.demographics import MULTIPLE_CHOICE, SINGLE_CHOICE
from profiles.identifiers import is_printable
from profiles.models import Profile

MAX_PLACE = 200
MAX_PLACES = 500
UNKNOWN = "unknown"
# The document's own misspelling: taken, never sent.
MISSPELT = "unkown"

CHOICES = {
    "gender": "gender",
    "marital-status": "marital_status",
    "parental-status": "parental_status",
    "age": "age",
}
CHOICE_LISTS = {
    "transportation": "transportation",
    "pets": "pets",
    "sports": "sports",
    "life-events": "life_events",
}
PLACES = {"country": "country", "city": "city"}
PLACE_LISTS = {"country-vacations": "country_vacations", "city-vacations": "city_vacations"}
# In the document's order; sent when known.
IF_KNOWN = [
    (wire, {**CHOICE_LISTS, **PLACES, **PLACE_LISTS}[wire])
    for wire in (
        *("transportation", "pets", "sports", "country", "city"),
        *("country-vacations", "city-vacations", "life-events"),
    )
]
ALWAYS = list(CHOICES.items())
DEMOGRAPHICS = [*CHOICES, *CHOICE_LISTS, *PLACES, *PLACE_LISTS]


def row_fields(row: Sequence[Any]) -> dict[str, Any]:
    """A profile, from a row that begins with the columns of `ProfileRow`."""
    device_id, app_user_id, posted, derived = row[:4]
    known: dict[str, Any] = orjson.loads(posted)
    if derived != "{}":
        known = {**orjson.loads(derived), **known}
    return _fields(device_id, app_user_id, known)


def profile_fields(profile: Profile) -> dict[str, Any]:
    return _fields(profile.device.device_id, profile.app_user_id, {**profile.derived, **profile.posted})


def _fields(device_id: str, app_user_id: str | None, known: Mapping[str, Any]) -> dict[str, Any]:
    answer = {"deviceID": device_id}
    if app_user_id is not None:
        answer["appUserID"] = app_user_id
    for wire, name in ALWAYS:
        answer[wire] = known.get(name, UNKNOWN)
    for wire, name in IF_KNOWN:
        if words := known.get(name):
            answer[wire] = words
    return answer


def demographics_from(members: Members) -> Mapping[str, str | list[str]]:
    """The demographic members that a client sent. Raises `BadMember`."""
    found: dict[str, str | list[str]] = {}
    for wires, read in ((CHOICES, _choice), (CHOICE_LISTS, _choices), (PLACES, _place), (PLACE_LISTS, _places)):
        found.update({name: read(members, wire, name) for wire, name in wires.items() if wire in members})
    return found


def _choice(members: Members, wire: str, name: str) -> str:
    value, allowed = members.required(wire), SINGLE_CHOICE[name].values
    if value == MISSPELT:
        return UNKNOWN
    if value not in allowed or not isinstance(value, str):
        raise BadMember(wire, f"one of {_quoted(allowed)}")
    return value


def _choices(members: Members, wire: str, name: str) -> list[str]:
    values, allowed = members.required(wire), MULTIPLE_CHOICE[name].values
    if not isinstance(values, list) or not all(isinstance(value, str) and value in allowed for value in values):
        raise BadMember(wire, f"a list of {_quoted(allowed)}")
    return list(dict.fromkeys(values))


def _place(members: Members, wire: str, name: str) -> str:
    value = members.required(wire)
    if not _is_place(value):
        raise BadMember(wire, f"text of at most {MAX_PLACE} printable characters")
    return str(value)


def _places(members: Members, wire: str, name: str) -> list[str]:
    values = members.required(wire)
    if not isinstance(values, list) or len(values) > MAX_PLACES or not all(map(_is_place, values)):
        allowed = f"a list of at most {MAX_PLACES} texts of at most {MAX_PLACE} printable characters"
        raise BadMember(wire, allowed)
    return [place for place in dict.fromkeys(values) if place]


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_PLACE and is_printable(value)


def _quoted(words: list[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
