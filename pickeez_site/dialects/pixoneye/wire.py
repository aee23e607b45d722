"""What Pixoneye's clients send and read. The demographic members are made from the domain's own words."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from functools import partial
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from pickeez_site.dialects.pixoneye.scrolling import MAX_LENGTH
from pickeez_site.dialects.wire import Count, Text, Wire, rendered
from pickeez_site.dialects.wire.types import TypeForm, one_of, some_of, with_members
from profiles.demographics import MULTIPLE_CHOICE, PLACE_LISTS, PLACES, SINGLE_CHOICE, Demographics
from profiles.identifiers import APP_ID, MAX_APP_ID, MAX_ID, is_app_id, is_id, is_printable
from profiles.models import Profile as StoredProfile
from profiles.selectors import ProfileRow
from profiles.services import Erased

MAX_IDS = 10_000
BATCH, MAX_BATCH = 1_000, 10_000
MAX_PLACE = 200
MAX_PLACES = 500
UNKNOWN = "unknown"
# The document's own misspelling: taken, never sent.
MISSPELT = "unkown"


def wire_name(name: str) -> str:
    """`app_user_id` as Pixoneye writes it: `appUserID`."""
    first, *others = name.split("_")
    return first + "".join({"id": "ID", "ids": "IDs"}.get(word, word.title()) for word in others)


class PixoneyeWire(Wire, rename=wire_name): ...


Kinds = Callable[[list[str]], TypeForm]


class Name(Text):
    """What a device, an app's own user or an owner is called."""

    allowed = f"1 to {MAX_ID} printable characters"
    schema = {
        "description": f"{allowed} of any script; slashes are percent-encoded in a path.",
        "minLength": 1,
        "maxLength": MAX_ID,
        "format": "printable",
    }
    is_good = staticmethod(is_id)


class AppId(Text):
    allowed = f"1 to {MAX_APP_ID} letters, digits, '.', '_' and '-' of ASCII"
    schema = {
        "description": "The key's own app.",
        "format": "app-id",
        "maxLength": MAX_APP_ID,
        "pattern": f"^{APP_ID.pattern}$",
    }
    is_good = staticmethod(is_app_id)


class Place(Text):
    allowed = f"text of at most {MAX_PLACE} printable characters"
    schema = {
        "description": f"At most {MAX_PLACE} printable characters.",
        "maxLength": MAX_PLACE,
        "format": "printable",
    }

    @classmethod
    def is_good(cls, text: str) -> bool:
        return len(text) <= MAX_PLACE and is_printable(text)


class ListedPlace(Place):
    allowed = ""  # the list says it


class OfAnApp(PixoneyeWire):
    app_id: AppId


class AskedProfiles(OfAnApp):
    batch_size: Annotated[int, Meta(ge=1, le=MAX_BATCH, extra_json_schema={"default": BATCH})] | UnsetType = UNSET


ScrollId = Annotated[
    str,
    Meta(
        max_length=MAX_LENGTH,
        description="As the batch before carried it.",
        extra_json_schema={"format": "scroll-id"},
        extra={"allowed": "one that an answer carried, unchanged"},
    ),
]
LISTED = {"allowed": f'"*" or a list of at most {MAX_IDS} ids'}


class EveryDevice(AskedProfiles, kw_only=True):
    device_ids: Literal["*"]
    scroll_id: ScrollId | UnsetType = UNSET


class ListedDevices(AskedProfiles, kw_only=True):
    device_ids: Annotated[list[Name], Meta(max_length=MAX_IDS, extra=LISTED)]


class Consent(OfAnApp):
    device_id: Name
    consent: bool


class ProfileIds(PixoneyeWire):
    """Single choices are always there; lists and places when something is known."""

    device_id: Name
    app_user_id: Name | UnsetType = UNSET


class PostedIds(OfAnApp):
    """Members that are given replace, the others stay. "unkown" is read as "unknown"."""

    device_id: Name
    app_user_id: Name | UnsetType = UNSET


def _demographics(choice: Kinds, choices: Kinds, place: TypeForm, places: TypeForm) -> dict[str, TypeForm]:
    """The members in which profiles speak, with the types for the domain's four kinds of them."""
    return {
        **{name: choice(kind.values) for name, kind in SINGLE_CHOICE.items()},
        **{name: choices(kind.values) for name, kind in MULTIPLE_CHOICE.items()},
        **dict.fromkeys(PLACES, place),
        **dict.fromkeys(PLACE_LISTS, places),
    }


DEMOGRAPHICS = tuple(_demographics(one_of, some_of, Place, Place))
if TYPE_CHECKING:

    class PostedProfile(PostedIds): ...

    class Profile(ProfileIds): ...

else:
    allowed = {"allowed": f"a list of at most {MAX_PLACES} texts of at most {MAX_PLACE} printable characters"}
    posted_places = Annotated[list[ListedPlace], Meta(max_length=MAX_PLACES, extra=allowed)]
    posted = _demographics(partial(one_of, also=[MISSPELT]), some_of, Place, posted_places)
    PostedProfile = with_members(PostedIds, "PostedProfile", posted, always=())

    some = Meta(min_length=1, extra_json_schema={"uniqueItems": True})
    place = Annotated[Place, Meta(extra_json_schema={"minLength": 1})]
    known = _demographics(
        one_of, lambda words: Annotated[some_of(words), some], place, Annotated[list[place], some]
    )
    Profile = with_members(ProfileIds, "Profile", known, always=SINGLE_CHOICE)


class OneProfile(PixoneyeWire):
    profile: Profile


class Profiles(PixoneyeWire):
    profiles: list[Profile]
    scroll_id: Annotated[str, Meta(description="Absent from the last batch.")] | UnsetType = UNSET


class Counted(PixoneyeWire):
    count: Count


DELETIONS = [counted.name for counted in fields(Erased)]
Deletions: Any = with_members(Wire, "Deletions", dict.fromkeys(DELETIONS, Count), always=DELETIONS)


class Deleted(PixoneyeWire):
    deleted: Deletions

    @classmethod
    def of(cls, erased: Erased) -> "Deleted":
        return cls(deleted=Deletions(**asdict(erased)))


class ConsentNow(PixoneyeWire):
    device_id: Name
    consent: bool


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
    given = {name: getattr(posted, name.replace("-", "_")) for name in DEMOGRAPHICS}
    return {name: _domain_value(value) for name, value in given.items() if value is not UNSET}


def _domain_value(value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return [str(one) for one in dict.fromkeys(value) if one]
    return UNKNOWN if value == MISSPELT else str(value)
