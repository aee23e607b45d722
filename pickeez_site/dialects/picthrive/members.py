"""The members of a request's body, which is one JSON object whatever type it is declared to be."""

from datetime import UTC, datetime
from typing import Any

from rest_framework.request import Request

from pickeez_site.dialects.base import SafeJSONParser

MAX_TEXT = 500


class BadMember(Exception):
    """A member of the body, or a parameter, is not what the route takes; the argument says which and why."""


class AnyJSONParser(SafeJSONParser):
    """JSON also from clients that name another type, or none."""

    media_type = "*/*"


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
        if not isinstance(value, str) or len(value) > max_length:
            raise BadMember(f"{name} must be text of at most {max_length} characters.")
        return value.strip()

    def required(self, name: str, *, max_length: int = MAX_TEXT) -> str:
        text = self.text(name, max_length=max_length)
        if not text:
            raise BadMember(f"{name} is missing.")
        return text

    def boolean(self, name: str) -> bool:
        """False when it is missing."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, bool):
            raise BadMember(f"{name} must be true or false.")
        return bool(value)

    def integer(self, name: str, *, minimum: int, maximum: int) -> int | None:
        value = self._given.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise BadMember(f"{name} must be a whole number from {minimum} to {maximum}.")
        return value

    def time(self, name: str) -> datetime | None:
        """A time given in Unix seconds."""
        value = self._given.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadMember(f"{name} must be a time in Unix seconds.")
        try:
            return datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise BadMember(f"{name} must be a time in Unix seconds.") from error

    def objects(self, name: str, *, maximum: int) -> list["Members"]:
        """A required list of objects."""
        value = self._given.get(name)
        if not isinstance(value, list) or not 1 <= len(value) <= maximum:
            raise BadMember(f"{name} must be a list of 1 to {maximum} objects.")
        if not all(isinstance(item, dict) for item in value):
            raise BadMember(f"{name} must be a list of objects.")
        return [Members(item) for item in value]
