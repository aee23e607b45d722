"""Parameters come from the query string, a form or a JSON body, whichever the client used; the body goes first."""

from collections import ChainMap
from collections.abc import Mapping
from itertools import product
from typing import Literal

from django.http import QueryDict
from msgspec import UNSET, inspect
from rest_framework.request import Request

from pickeez_site.dialects.parsers import is_utf8, load_json
from pickeez_site.dialects.pickeez.wire.requests import MAX_TEXT, Credentials
from pickeez_site.dialects.wire import BadInput
from pickeez_site.dialects.wire.members import Member, members_of
from pickeez_site.dialects.wire.reading import ClosedReader, Given
from pickeez_site.dialects.wire.types import Wire
from pickeez_site.dialects.wire.values import is_storable, parse_id

YES = ("true", "1", "yes", "on")
NO = ("false", "0", "no", "off", "")
MAX_DIGITS = 20
AS_IT_CAME = (inspect.CustomType,)  # files, and texts by a rule of their own
BARE_WORDS = ("empty",)  # stand for themselves where JSON is expected: the document writes a face model so


class PickeezReader(ClosedReader):
    """Takes numbers for texts, texts for numbers, words for yes and no, and JSON in the fields of a form."""

    null_is_missing = True

    def given(self, request: Request) -> ChainMap[str, object]:
        """The body before the query. Raises `BadInput` for either that has no members."""
        body = request.data
        if not isinstance(body, dict):  # QueryDict is a dict
            raise BadInput("The body must be a JSON object.")
        if not is_utf8(request.META.get("QUERY_STRING", "").encode("latin-1")):
            raise BadInput("The query string is not UTF-8.")
        return ChainMap(body, request.query_params)

    def credential(self, request: Request, name: Literal["token", "password"]) -> str | None:
        """A token or a password; None when it is missing, and what can be none is "", which is a wrong one."""
        given = self.given(request)
        (member,) = (one for one in members_of(Credentials) if one.name == name)
        try:
            value = self.find(given, member)
            return None if value is UNSET else str(self.convert(value, member))
        except BadInput:
            return ""

    def check_names(self, given: Given, kind: type[Wire]) -> None:
        """A request may hold more than is asked for; an object in it may not."""
        if not isinstance(given, ChainMap):
            super().check_names(given, kind)

    def find(self, given: Given, member: Member) -> object:
        if not isinstance(given, ChainMap):
            return super().find(given, member)
        name = _name(member.wire_name)
        for source, key in product(given.maps, (f"{name}[]", name) if _is_texts(member.kind) else (name,)):
            if key in source:
                return self._value(source, key, member)
        return UNSET

    def _value(self, source: Mapping[str, object], key: str, member: Member) -> object:
        """The value of a parameter; `UNSET` when it is null, or empty where it may not be."""
        values = source.getlist(key) if isinstance(source, QueryDict) else source[key]
        if _is_texts(member.kind):
            values = values if isinstance(values, list) else [values]
            return UNSET if values in ([], [""], [None]) else values
        if not isinstance(source, QueryDict):
            # Text in the place of an object or a list is read as JSON; of any JSON, text is one.
            is_json_text = isinstance(values, str) and not isinstance(member.kind, inspect.AnyType)
            if _is_json(member.kind) and not is_json_text:
                return UNSET if values is None else values
            values = [values]
        if values == [None]:
            return UNSET
        if not isinstance(values, list) or len(values) != 1 or isinstance(values[0], list | dict):
            raise BadInput(f"Parameter {key} must be a single value.")
        value = values[0] if isinstance(member.kind, AS_IT_CAME) else _text(values[0])
        if value == "" and not _may_be_empty(member):
            return UNSET
        return self._json(value, key) if _is_json(member.kind) else value

    def _json(self, text: object, name: str) -> object:
        """JSON that came as text, as in a form."""
        try:
            value = load_json(text) if isinstance(text, str) and text not in BARE_WORDS else text
        except ValueError as error:
            raise BadInput(f"Parameter {name} must be JSON.") from error
        return UNSET if value is None else value

    def coerce(self, value: object, member: Member) -> object:
        if isinstance(value, list) and _is_texts(member.kind):
            return [_listed(item) for item in value]
        if not isinstance(value, str):
            return value
        match member.kind:
            case inspect.BoolType() if (word := value.lower()) in YES + NO:
                return word in YES
            case inspect.IntType() if value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS:
                return int(value)
            case inspect.UUIDType() if len(value) <= MAX_TEXT and is_storable(value):
                return parse_id(value)
        return value

    def missing(self, name: str) -> str:
        return f"Missing parameter: {_name(name)}"

    def invalid(self, name: str, allowed: str) -> str:
        return f"Parameter {_name(name)} must be {allowed}."


READER = PickeezReader()


def _name(wire_name: str) -> str:
    """The name of a parameter as the document writes it: without the brackets of a list."""
    return wire_name.removesuffix("[]")


def _is_texts(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.ListType) and not isinstance(kind.item_type, inspect.StructType)


def _is_json(kind: inspect.Type) -> bool:
    """Objects, lists of them, and JSON of any form."""
    is_list = isinstance(kind, inspect.ListType) and not _is_texts(kind)
    return is_list or isinstance(kind, inspect.DictType | inspect.AnyType)


def _may_be_empty(member: Member) -> bool:
    """Text that may be, and a flag that may be missing: there, nothing is a word for no."""
    if isinstance(member.kind, inspect.StrType):
        return not member.kind.min_length
    return isinstance(member.kind, inspect.BoolType) and not member.required


def _text(value: object) -> object:
    """Numbers and booleans as the text that JSON has for them."""
    if isinstance(value, bool):
        return str(value).lower()
    value = _whole(value)
    return str(value).strip() if isinstance(value, str | int | float) else value


def _listed(value: object) -> object:
    """A text in a list, which may be a whole number."""
    value = _whole(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _whole(value: object) -> object:
    """1 for 1.0, which are one number in JSON; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
