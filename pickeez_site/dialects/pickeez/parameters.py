"""Parameters come from the query string, a form or a JSON body, whichever the client used; the body goes first."""

from itertools import product
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from rest_framework.request import Request

from accounts.models import User
from accounts.phones import InvalidPhone, normalise
from pickeez_site.dialects.parsers import is_utf8, load_json
from pickeez_site.dialects.wire.values import NO_ID, is_storable, parse_id

MAX_TEXT = 500
MAX_NUMBER = 2**31 - 1
MAX_PHONES = 1000
MAX_JSON_TEXT = 2_000_000
YES = ("true", "1", "yes", "on")
NO = ("false", "0", "no", "off", "")


class BadParameter(Exception):
    """A parameter is not what the route takes; the argument says which and why."""


class Parameters:
    """The parameters of one request. Every reader raises `BadParameter` for what is not of its kind."""

    def __init__(self, request: Request) -> None:
        body = request.data
        if not isinstance(body, dict):  # QueryDict is a dict
            raise BadParameter("The body must be a JSON object.")
        if not is_utf8(request.META.get("QUERY_STRING", "").encode("latin-1")):
            raise BadParameter("The query string is not UTF-8.")
        self._sources: list[dict[str, Any]] = [body, request.query_params]

    def _values(self, *names: str, listed: bool = False) -> list[Any] | None:
        """All that was given under either name; None when nothing was. Only with `listed` is a JSON array many."""
        for source, name in product(self._sources, names):
            if name in source:
                if isinstance(source, QueryDict):
                    return list(source.getlist(name))
                value = source[name]
                return value if listed and isinstance(value, list) else [value]
        return None

    def value(self, name: str) -> Any:
        """The one value of the parameter, in whatever form it came; None when it is missing or null."""
        values = self._values(name)
        if values is None or values == [None]:
            return None
        if len(values) != 1 or isinstance(values[0], list | dict):
            raise BadParameter(f"Parameter {name} must be a single value.")
        return values[0]

    def text(self, name: str, *, max_length: int = MAX_TEXT) -> str | None:
        """The parameter as text; None when it is missing."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, bool):
            value = str(value).lower()
        value = _whole(value)
        if not isinstance(value, str | int | float):
            raise BadParameter(f"Parameter {name} must be text.")
        text = str(value).strip()
        if len(text) > max_length or not is_storable(text):
            raise BadParameter(f"Parameter {name} must be text of at most {max_length} characters.")
        return text

    def required(self, name: str, *, max_length: int = MAX_TEXT) -> str:
        text = self.text(name, max_length=max_length)
        if not text:
            raise BadParameter(f"Missing parameter: {name}")
        return text

    def credential(self, name: str) -> str | None:
        """A token or a password; None when it is missing, and what can be none is '', which is a wrong one."""
        try:
            return self.text(name)
        except BadParameter:
            return ""

    def given(self, name: str) -> str:
        """A required parameter that may be empty."""
        text = self.text(name)
        if text is None:
            raise BadParameter(f"Missing parameter: {name}")
        return text

    def boolean(self, name: str) -> bool:
        """False when the parameter is missing."""
        text = (self.text(name) or "").lower()
        if text not in YES + NO:
            raise BadParameter(f"Parameter {name} must be true or false.")
        return text in YES

    def integer(self, name: str, *, minimum: int = 0, maximum: int = MAX_NUMBER) -> int | None:
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and minimum <= int(text) <= maximum):
            raise BadParameter(f"Parameter {name} must be a whole number from {minimum} to {maximum}.")
        return int(text)

    def id(self, name: str) -> UUID | None:
        """An id; None when it is missing. What was never an id is as unknown as one that was never issued."""
        text = self.text(name)
        if not text:
            return None
        return parse_id(text)

    def json(self, name: str) -> Any:
        """The parameter as JSON: a JSON body's member as it is, a form field as JSON text. None when missing."""
        for source in self._sources:
            if name in source and not isinstance(source, QueryDict):
                return source[name]
        text = self.text(name, max_length=MAX_JSON_TEXT)
        if not text:
            return None
        try:
            return load_json(text)
        except ValueError as error:
            raise BadParameter(f"Parameter {name} must be JSON.") from error

    def required_id(self, name: str) -> UUID:
        self.required(name)
        return self.id(name) or NO_ID

    def texts(self, name: str, *, maximum: int) -> list[str]:
        """A list, given as `name[]=1&name[]=2`, as `name=1&name=2` or as a JSON array. Required."""
        values = self._values(f"{name}[]", name, listed=True)
        if not values or values in ([""], [None]):
            raise BadParameter(f"Missing parameter: {name}")
        if len(values) > maximum:
            raise BadParameter(f"Parameter {name} takes at most {maximum} values.")
        values = [_whole(value) for value in values]
        if not all(isinstance(value, str | int) and not isinstance(value, bool) for value in values):
            raise BadParameter(f"Parameter {name} must be a list of texts.")
        return [str(value) for value in values]

    def file(self, name: str) -> UploadedFile | None:
        """The uploaded file; None when none was sent under this name."""
        values = self._values(name)
        if not values or values == [""]:
            return None
        if len(values) != 1 or not isinstance(values[0], UploadedFile):
            raise BadParameter(f"Parameter {name} must be one file, sent as multipart/form-data.")
        return values[0]

    def phone(self, name: str, caller: User | None) -> str:
        return phone_from(self.required(name), caller)

    def phones(self, caller: User) -> list[str]:
        return [phone_from(number, caller) for number in self.texts("phones", maximum=MAX_PHONES)]


def phone_from(number: str, caller: User | None) -> str:
    """The number's digits with country code, read in the country of the caller's own phone."""
    phone = phone_or_none(number, caller)
    if phone is None:
        raise BadParameter("This is not a phone number.")
    return phone


def phone_or_none(number: str, caller: User | None) -> str | None:
    own = (caller.verified_phone or caller.phone) if caller else None
    if number.startswith("-"):  # a negative number, by mistake
        return None
    try:
        return normalise(number, caller_phone=own)
    except InvalidPhone:
        return None


def _whole(value: Any) -> Any:
    """1 for 1.0, which are one number in JSON; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def list_from(value: Any, name: str, maximum: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > maximum:
        raise BadParameter(f"Parameter {name} must be a list of at most {maximum} items.")
    return value


def object_from(value: Any, name: str) -> dict[str, Any] | None:
    """A JSON object; None stays None."""
    if value is not None and not isinstance(value, dict):
        raise BadParameter(f"Parameter {name} must be an object.")
    return value


def rectangle_from(value: Any) -> dict[str, float]:
    """A rectangle in pixels: x, y, width and height, and nothing else."""
    sides = ("x", "y", "width", "height")
    if (
        not isinstance(value, dict)
        or set(value) != set(sides)
        or not all(_is_number(value[side]) for side in sides)
    ):
        raise BadParameter("A rectangle has the numbers x, y, width and height.")
    return {side: value[side] for side in sides}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER
