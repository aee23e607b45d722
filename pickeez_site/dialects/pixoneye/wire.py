"""What Pixoneye's clients send and read. The demographic members are made from the domain's own words."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from functools import partial
from json.encoder import encode_basestring
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from pickeez_site.dialects.pixoneye.scrolling import MAX_LENGTH
from pickeez_site.dialects.wire import Count, Text, Wire, rendered
from pickeez_site.dialects.wire.types import TypeForm, one_of, rules, some_of, with_members
from profiles.demographics import MULTIPLE_CHOICE, PLACE_LISTS, PLACES, SINGLE_CHOICE, Demographics
from profiles.identifiers import APP_ID, MAX_APP_ID, MAX_ID, is_app_id, is_id, is_printable
from profiles.models import Profile as StoredProfile
from profiles.selectors import ProfileRow
from profiles.services import Erased

MAX_IDS = 10_000
BATCH, MAX_BATCH = 1_000, 10_000
MAX_PLACE, MAX_PLACES = 200, 500
UNKNOWN, MISSPELT = "unknown", "unkown"  # the document's own misspelling: taken, never sent


def wire_name(name: str) -> str:
    """`app_user_id` as Pixoneye writes it: `appUserID`."""
    first, *others = name.split("_")
    return first + "".join({"id": "ID", "ids": "IDs"}.get(word, word.title()) for word in others)


class PixoneyeWire(Wire, rename=wire_name): ...


class Name(Text):
    """What a device, an app's own user or an owner is called."""

    allowed = f"1 to {MAX_ID} printable characters"
    description = f"{allowed} of any script; slashes are percent-encoded in a path."
    schema = {"minLength": 1, "maxLength": MAX_ID, "format": "printable"}
    is_good = staticmethod(is_id)


class AppId(Text):
    allowed = f"1 to {MAX_APP_ID} letters, digits, '.', '_' and '-' of ASCII"
    description = "The key's own app."
    schema = {"maxLength": MAX_APP_ID, "pattern": f"^{APP_ID.pattern}$", "format": "app-id"}
    is_good = staticmethod(is_app_id)


class Place(Text):
    allowed = f"text of at most {MAX_PLACE} printable characters"
    description = f"At most {MAX_PLACE} printable characters."
    schema = {"maxLength": MAX_PLACE, "format": "printable"}

    @classmethod
    def is_good(cls, text: str) -> bool:
        return len(text) <= MAX_PLACE and is_printable(text)


class ListedPlace(Place):
    allowed = ""  # the list says it


class AskedProfiles(PixoneyeWire):
    app_id: AppId
    batch_size: Annotated[int, rules(ge=1, le=MAX_BATCH, schema={"default": BATCH})] | UnsetType = UNSET


SENT_SCROLL_ID = rules(
    "As the batch before carried it.",
    max_length=MAX_LENGTH,
    format="scroll-id",
    allowed="one that an answer carried, unchanged",
)


class EveryDevice(AskedProfiles, kw_only=True):
    device_ids: Literal["*"]
    scroll_id: Annotated[str, SENT_SCROLL_ID] | UnsetType = UNSET


class ListedDevices(AskedProfiles, kw_only=True):
    device_ids: Annotated[list[Name], rules(max_length=MAX_IDS, allowed=f'"*" or a list of at most {MAX_IDS} ids')]


class ConsentNow(PixoneyeWire):
    device_id: Name
    consent: bool


Kinds = Callable[[list[str]], TypeForm]


def _demographics(choice: Kinds, choices: Kinds, place: TypeForm, places: TypeForm) -> dict[str, TypeForm]:
    """The members in which profiles speak, with the types for the domain's four kinds of them."""
    return {
        **{name: choice(kind.values) for name, kind in SINGLE_CHOICE.items()},
        **{name: choices(kind.values) for name, kind in MULTIPLE_CHOICE.items()},
        **dict.fromkeys(PLACES, place),
        **dict.fromkeys(PLACE_LISTS, places),
    }


A_TEXT = f"a list of at most {MAX_PLACES} texts of at most {MAX_PLACE} printable characters"
PostedPlaces = Annotated[list[ListedPlace], rules(max_length=MAX_PLACES, allowed=A_TEXT)]
POSTED = _demographics(partial(one_of, also=[MISSPELT]), some_of, Place, PostedPlaces)

SOME = rules(min_length=1, schema={"uniqueItems": True})
KnownPlace = Annotated[Place, rules(schema={"minLength": 1})]
KnownPlaces = Annotated[list[KnownPlace], SOME]
KNOWN = _demographics(one_of, lambda words: Annotated[some_of(words), SOME], KnownPlace, KnownPlaces)


@with_members(POSTED)
class PostedProfile(PixoneyeWire):
    """Members that are given replace, the others stay. "unkown" is read as "unknown"."""

    app_id: AppId
    device_id: Name
    app_user_id: Name | UnsetType = UNSET


@with_members(KNOWN, always=SINGLE_CHOICE)
class Profile(PixoneyeWire):
    """Single choices are always there; lists and places when something is known."""

    device_id: Name
    app_user_id: Name | UnsetType = UNSET


class OneProfile(PixoneyeWire):
    profile: Profile


class Profiles(PixoneyeWire):
    profiles: list[Profile]
    scroll_id: Annotated[str, rules("Absent from the last batch.")] | UnsetType = UNSET


class Counted(PixoneyeWire):
    count: Count


DELETIONS = {counted.name: Count for counted in fields(Erased)}


@with_members(DELETIONS, always=DELETIONS)
class Deletions(Wire): ...


class Deleted(PixoneyeWire):
    deleted: Deletions

    @classmethod
    def of(cls, erased: Erased) -> "Deleted":
        return cls(deleted=Deletions(**asdict(erased)))


def profiles_of(rows: Iterable[ProfileRow]) -> list[Profile]:
    """Profiles as a list in an answer. What is known of them is JSON already, and is not parsed."""
    texts = [_profile_text(device_id, app_user_id, known) for device_id, app_user_id, known, _ in rows]
    return rendered(list[Profile], f"[{','.join(texts)}]".encode())


def one_profile(stored: StoredProfile) -> OneProfile:
    text = _profile_text(stored.device.device_id, stored.app_user_id, stored.known)
    return OneProfile(profile=rendered(Profile, text.encode()))


def _profile_text(device_id: str, app_user_id: str | None, known: str) -> str:
    user = "" if app_user_id is None else f'"appUserID":{encode_basestring(app_user_id)},'
    return f'{{"deviceID":{encode_basestring(device_id)},{user}{known[1:]}'


def demographics_of(posted: PostedProfile) -> Demographics:
    """The demographic members that a client sent: lists without what stands twice, or is empty."""
    sent = msgspec.to_builtins(posted, enc_hook=str)
    return {name: _domain_value(sent[name]) for name in POSTED if name in sent}


def _domain_value(value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return [one for one in dict.fromkeys(value) if one]
    return UNKNOWN if value == MISSPELT else value
