"""The members of a request's body, which is one JSON object whatever type it is declared to be."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from pickeez_site.dialects.wire.values import is_storable

MAX_TEXT = 500
# In Unix seconds: the years that there are dates of.
EARLIEST = int(datetime.min.replace(tzinfo=UTC).timestamp())
LATEST = int(datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp())


class BadMember(Exception):
    """A member of the body, or a parameter, is not what the route takes; the argument says which and why."""


class AnyJSONParser(BaseParser):
    """JSON also from clients that name another type, or none. What of it may be stored, `Members` decides."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError("The body is not valid JSON.") from error


class Members:
    """Every reader raises `BadMember` for what is not of its kind, and takes null for missing."""

    def __init__(self, given: Any) -> None:
        if not isinstance(given, dict):
            raise BadMember("The body must be a JSON object.")
        self._given = given

    @classmethod
    def of(cls, request: Request) -> "Members":
        return cls(request.data)

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def text(self, name: str, *, max_length: int = MAX_TEXT) -> str:
        """The text without blanks around it; empty when it is missing."""
        value = self._given.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > max_length or not is_storable(value):
            raise BadMember(f"{name} must be text of at most {max_length} characters.")
        return value.strip()

    def required(self, name: str, *, max_length: int = MAX_TEXT) -> str:
        text = self.text(name, max_length=max_length)
        if not text:
            raise BadMember(f"{name} is missing.")
        return text

    def word(self, name: str, allowed: Collection[str]) -> str:
        """One of these words; empty when it is missing or empty."""
        value = self._given.get(name)
        if value is None or value == "":
            return ""
        if not isinstance(value, str) or value not in allowed:
            raise BadMember(f"{name} must be one of {', '.join(allowed)}.")
        return value

    def boolean(self, name: str) -> bool:
        """False when it is missing."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, bool):
            raise BadMember(f"{name} must be true or false.")
        return bool(value)

    def integer(self, name: str, *, minimum: int, maximum: int) -> int | None:
        """JSON has one kind of numbers: 10.0 is whole."""
        value = self._given.get(name)
        if value is None:
            return None
        is_whole = type(value) is int or (isinstance(value, float) and value.is_integer())  # a bool is an int
        if not is_whole or not minimum <= value <= maximum:
            raise BadMember(f"{name} must be a whole number from {minimum} to {maximum}.")
        return int(value)

    def time(self, name: str) -> datetime | None:
        """A time given in Unix seconds."""
        seconds = self.integer(name, minimum=EARLIEST, maximum=LATEST)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    def objects(self, name: str, *, maximum: int) -> list["Members"]:
        """A required list of objects."""
        value = self._given.get(name)
        if not isinstance(value, list) or not 1 <= len(value) <= maximum:
            raise BadMember(f"{name} must be a list of 1 to {maximum} objects.")
        if not all(isinstance(item, dict) for item in value):
            raise BadMember(f"{name} must be a list of objects.")
        return [Members(item) for item in value]
