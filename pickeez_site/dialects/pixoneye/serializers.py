"""Profiles as Pixoneye's clients send and read them. Their members are the domain's own words."""

from collections.abc import Iterable
from json.encoder import encode_basestring as quoted
from typing import Any

import orjson

from pickeez_site.dialects.pixoneye.parameters import BadMember, Members
from profiles.demographics import MULTIPLE_CHOICE, PLACE_LISTS, PLACES, SINGLE_CHOICE, Demographics
from profiles.identifiers import is_printable
from profiles.models import Profile
from profiles.selectors import ProfileRow

MAX_PLACE = 200
MAX_PLACES = 500
UNKNOWN = "unknown"
# The document's own misspelling: taken, never sent.
MISSPELT = "unkown"

DEMOGRAPHICS = (*SINGLE_CHOICE, *MULTIPLE_CHOICE, *PLACES, *PLACE_LISTS)


def profiles_fragment(rows: Iterable[ProfileRow]) -> orjson.Fragment:
    """Profiles as a list in an answer. What is known of them is JSON already, and is not parsed."""
    profiles = [_profile_text(device_id, app_user_id, known) for device_id, app_user_id, known, _ in rows]
    return orjson.Fragment(f"[{','.join(profiles)}]")


def profile_fragment(profile: Profile) -> orjson.Fragment:
    return orjson.Fragment(_profile_text(profile.device.device_id, profile.app_user_id, profile.known))


def _profile_text(device_id: str, app_user_id: str | None, known: str) -> str:
    if app_user_id is None:
        return f'{{"deviceID":{quoted(device_id)},{known[1:]}'
    return f'{{"deviceID":{quoted(device_id)},"appUserID":{quoted(app_user_id)},{known[1:]}'


def demographics_from(members: Members) -> Demographics:
    """The demographic members that a client sent. Raises `BadMember`."""
    kinds = ((SINGLE_CHOICE, _choice), (MULTIPLE_CHOICE, _choices), (PLACES, _place), (PLACE_LISTS, _places))
    return {name: read(members, name) for names, read in kinds for name in names if name in members}


def _choice(members: Members, name: str) -> str:
    value, allowed = members.required(name), SINGLE_CHOICE[name].values
    if value == MISSPELT:
        return UNKNOWN
    if value not in allowed or not isinstance(value, str):
        raise BadMember(name, f"one of {_listed(allowed)}")
    return value


def _choices(members: Members, name: str) -> list[str]:
    values, allowed = members.required(name), MULTIPLE_CHOICE[name].values
    if not isinstance(values, list) or not all(isinstance(value, str) and value in allowed for value in values):
        raise BadMember(name, f"a list of {_listed(allowed)}")
    return list(dict.fromkeys(values))


def _place(members: Members, name: str) -> str:
    value = members.required(name)
    if not _is_place(value):
        raise BadMember(name, f"text of at most {MAX_PLACE} printable characters")
    return str(value)


def _places(members: Members, name: str) -> list[str]:
    values = members.required(name)
    if not isinstance(values, list) or len(values) > MAX_PLACES or not all(map(_is_place, values)):
        allowed = f"a list of at most {MAX_PLACES} texts of at most {MAX_PLACE} printable characters"
        raise BadMember(name, allowed)
    return [place for place in dict.fromkeys(values) if place]


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_PLACE and is_printable(value)


def _listed(words: list[str]) -> str:
    return ", ".join(map(quoted, words))
