"""What clients send: members of a JSON body, or of the query string."""

from typing import Any

from rest_framework.request import Request

from pickeez_site.dialects.wire.values import is_storable

MAX_NAME = 500
MAX_DESCRIPTION = 10_000
MAX_PATH = 4096
MAX_OFFSET = 1_000_000


class BadPayload(Exception):
    """Something is missing or not of its form; the argument says what."""


class Payload:
    """The members of one request. Every reader raises `BadPayload`; an empty text counts as missing."""

    def __init__(self, request: Request) -> None:
        body = request.query_params.dict() if request.method in ("GET", "HEAD") else request.data
        if not isinstance(body, dict):
            raise BadPayload("Invalid payload format")
        self._members: dict[str, Any] = body

    def album_name(self, documented: str) -> str:
        """The album's name, as `album_name` or `name`; `documented` is how the route's document spells it."""
        other = "name" if documented == "album_name" else "album_name"
        is_there = self._members.get(documented) not in (None, "")
        return self.text(documented if is_there or other not in self._members else other)

    def text(self, name: str, *, max_length: int = MAX_NAME) -> str:
        text = self.optional(name, max_length=max_length)
        if not text:
            raise BadPayload(f"Missing '{name}' in payload")
        return text

    def given(self, name: str, *, max_length: int) -> str:
        """A text that must be there and may be empty."""
        text = self.optional(name, max_length=max_length)
        if text is None:
            raise BadPayload(f"Missing '{name}' in payload")
        return text

    def optional(self, name: str, *, max_length: int) -> str | None:
        value = self._members.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > max_length or not is_storable(value):
            raise BadPayload(f"Invalid '{name}' format")
        return value

    def path(self, name: str = "path") -> str:
        return self.text(name, max_length=MAX_PATH)

    def paths(self) -> list[str]:
        paths = self._members.get("paths")
        if paths is None:
            raise BadPayload("Missing 'paths' in payload")
        if not isinstance(paths, list) or not all(_is_path(path) for path in paths):
            raise BadPayload("Invalid 'paths' format")
        return paths

    def number(self, name: str, *, default: int, maximum: int) -> int:
        text = self.optional(name, max_length=10) or str(default)
        if not (text.isascii() and text.isdigit() and int(text) <= maximum):
            raise BadPayload(f"Invalid '{name}' format")
        return int(text)

    def after(self) -> str:
        """Where a long list is to be gone on with: what an answer called `next_after`."""
        return self.optional("after", max_length=MAX_PATH) or ""


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_PATH and is_storable(value)
