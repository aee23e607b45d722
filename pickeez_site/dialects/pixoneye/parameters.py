"""Bodies are JSON objects of known members, paths end in ids; what is wrong is named in the answer."""

import json
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from profiles.identifiers import MAX_APP_ID, MAX_ID, is_app_id, is_id

MAX_SHOWN = 100
ALLOWED_ID = f"1 to {MAX_ID} printable characters"
ALLOWED_APP_ID = f"1 to {MAX_APP_ID} letters, digits, '.', '_' and '-' of ASCII"


class BadMember(Exception):
    """A member of the body, or an id in the path, is not what it may be."""

    def __init__(self, name: str, allowed: str) -> None:
        super().__init__(f"{name} must be {allowed}.")


class MissingMember(BadMember):
    def __init__(self, name: str) -> None:
        Exception.__init__(self, f"{name} is missing.")


class UnknownMember(BadMember):
    def __init__(self, name: str, known: Collection[str]) -> None:
        Exception.__init__(
            self, f"{shown(name)} is not a member of this request, which takes: {', '.join(known)}."
        )


class JSONParser(BaseParser):
    """Any valid JSON; what of it may be stored, `Members` decides, who can name the member that may not."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError("The body is not valid JSON.") from error


class Members:
    """The members of a body. Every reader raises `BadMember` for what is not of its kind."""

    def __init__(self, body: Any, known: Collection[str]) -> None:
        if not isinstance(body, dict):
            raise BadMember("The body", "a JSON object")
        unknown = next((name for name in body if name not in known), None)
        if unknown is not None:
            raise UnknownMember(unknown, known)
        self._body = body

    def __contains__(self, name: str) -> bool:
        return name in self._body

    def required(self, name: str) -> Any:
        if name not in self._body:
            raise MissingMember(name)
        return self._body[name]

    def app_id(self) -> str:
        return _checked("appID", self.required("appID"), is_app_id, ALLOWED_APP_ID)

    def id(self, name: str) -> str:
        return _checked(name, self.required(name), is_id, ALLOWED_ID)

    def ids(self, name: str, maximum: int) -> list[str]:
        """A list of ids."""
        ids = self.required(name)
        if not isinstance(ids, list) or len(ids) > maximum:
            raise BadMember(name, f'"*" or a list of at most {maximum} ids')
        return [_checked(f"{name}[{place}]", one, is_id, ALLOWED_ID) for place, one in enumerate(ids)]

    def boolean(self, name: str) -> bool:
        value = self.required(name)
        if not isinstance(value, bool):
            raise BadMember(name, "true or false")
        return value

    def integer(self, name: str, minimum: int, maximum: int) -> int:
        """JSON has one kind of numbers: 10.0 is whole."""
        value = self.required(name)
        is_whole = type(value) is int or (isinstance(value, float) and value.is_integer())  # a bool is an int
        if not is_whole or not minimum <= value <= maximum:
            raise BadMember(name, f"a whole number from {minimum} to {maximum}")
        return int(value)


def shown(text: str) -> str:
    """A client's text as it may stand in an answer."""
    return json.dumps(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…")


def _checked(name: str, value: Any, is_good: Callable[[str], bool], allowed: str) -> str:
    if not isinstance(value, str) or not is_good(value):
        raise BadMember(name, allowed)
    return value


def id_and_app_id(ids: str, name: str) -> tuple[str, str]:
    """Splits a path's `ID/APP_ID`. The id may hold slashes; the app's cannot, so the last one parts them."""
    text, _, app_id = ids.removesuffix("/").rpartition("/")
    return _checked(name, text, is_id, ALLOWED_ID), _checked("appID", app_id, is_app_id, ALLOWED_APP_ID)


def device_and_owner(request: Request, ids: str, own: str) -> tuple[str, str]:
    """Splits a path's `DEVICE_ID/OWNER_ID`, both of which may hold slashes.

    In the path as it was sent those are percent-encoded. Where the server does not pass that on, or something on
    the way has decoded it, the caller's `own` owner id tells where the device's ends.
    """
    sent = _sent_path(request).removesuffix("/").split("/")
    before = len(request.path.removesuffix(ids).split("/")) - 1
    if len(sent) == before + 2:
        device_id, owner_id = (_decoded(part) for part in sent[before:])
    else:
        ids = ids.removesuffix("/")
        owner_id = own if ids.endswith(f"/{own}") else ids.rpartition("/")[2]
        device_id = ids.removesuffix(owner_id).removesuffix("/")
    return _checked("deviceID", device_id, is_id, ALLOWED_ID), _checked("ownerID", owner_id, is_id, ALLOWED_ID)


def _sent_path(request: Request) -> str:
    """The path of the request line, still encoded; '' where the server does not tell."""
    uri = request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or ""
    return urlsplit(uri).path if uri.startswith("http") else uri.partition("?")[0]


def _decoded(part: str) -> str:
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        return ""
