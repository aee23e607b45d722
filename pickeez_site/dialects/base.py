"""What the dialects share: routes with and without a slash, bearer tokens, bodies that are safe to store."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes
from uuid import UUID

from django.http import HttpResponseBase, QueryDict
from django.urls import URLPattern, path
from django.utils.http import parse_header_parameters
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from accounts.models import User
from accounts.services import user_of_token
from profiles.models import ApiKey
from profiles.services import key_presented

MAX_DEPTH = 64
# RFC 2046 allows boundaries of 70 characters, Django of 201; with dashes and line ends around them.
MAX_BOUNDARY = 256


def route(pattern: str, viewset: type[ViewSet], name: str, **actions: Any) -> list[URLPattern]:
    """The route with and without its trailing slash: `route("me", PeopleViewSet, "me", get="me")`.

    Raises `ValueError` for an action that is called like an HTTP method (`delete`): REST framework would answer
    that method with it on every route of the viewset.
    """
    if taken := set(actions.values()) & set(viewset.http_method_names):
        raise ValueError(f"{viewset.__name__} needs other names for {taken}.")
    view: Callable[..., HttpResponseBase] = viewset.as_view(actions)
    return [path(pattern, view, name=name), path(f"{pattern}/", view)] if pattern else [path("", view, name=name)]


def timestamp(time: datetime | None) -> str | None:
    """UTC, ISO 8601."""
    return time.isoformat().replace("+00:00", "Z") if time else None


NO_ID = UUID(int=0)  # names nothing: ids of ours hold the time they were made


def parse_id(text: str) -> UUID:
    """The id that a client sent; for what was never an id of ours, one that is as unknown as any never issued."""
    try:
        parsed = UUID(text)
    except ValueError:
        return NO_ID
    return parsed if str(parsed) == text.lower() else NO_ID


def is_storable(text: str) -> bool:
    """Neither NUL, which databases refuse, nor half a surrogate pair, which no encoding has."""
    return ("\0" not in text and text.isprintable()) or not any(
        c == "\0" or "\ud800" <= c <= "\udfff" for c in text
    )


class SafeJSONParser(BaseParser):
    """JSON without what no database stores: NaN, infinity, NUL, half characters, abysses."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return load_json(stream.read())
        except ValueError as error:
            raise ParseError("The body is not valid JSON.") from error


def load_json(text: str | bytes) -> Any:
    """Parses JSON that can be stored and sent again. Raises `ValueError`."""
    try:
        parsed = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("too deep") from error
    _check(parsed)
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check(value: Any, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, str) and not is_storable(value):
        raise ValueError("not storable")
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError("not finite")
    if isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


def is_utf8(encoded: bytes) -> bool:
    """Whether percent-encoded text (a form, a query string) is UTF-8: Django would replace what is not."""
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False
    return True


class SafeFormParser(FormParser):
    """A form in UTF-8, whatever charset its content type claims."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read()
        if not is_utf8(body):
            raise ParseError("The body is not UTF-8.")
        return QueryDict(body, encoding="utf-8")


class _Tail:
    """A stream whose last bytes are remembered."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.last = b""

    def read(self, size: int) -> bytes:
        chunk: bytes = self._stream.read(size)
        self.last = (self.last + chunk)[-MAX_BOUNDARY:]
        return chunk


class SafeMultiPartParser(MultiPartParser):
    """A form with files that came whole: Django would take what is there of one that was cut off, or nothing."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles:
        tail: Any = _Tail(stream)
        form = super().parse(tail, media_type, parser_context)
        _, options = parse_header_parameters(media_type or "")
        came_whole = tail.last.rstrip().endswith(f"--{options['boundary']}--".encode())
        if came_whole and not _has_replacements(form.data):
            return form
        for _, files in form.files.lists():
            for file in files:
                file.close()
        raise ParseError("The body is not a complete form in UTF-8.")


def _has_replacements(fields: QueryDict) -> bool:
    """Whether Django has put U+FFFD where a field was not UTF-8."""
    return any("\ufffd" in text for name, values in fields.lists() for text in (name, *values))


PARSERS = [SafeJSONParser, SafeFormParser, SafeMultiPartParser]


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`. A token that is presented and wrong is refused, also where none is needed."""

    message = "Invalid token."

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        token = self.token_of(request)
        if token is None:
            return None
        user = user_of_token(token) if is_storable(token) else None
        if user is None:
            raise AuthenticationFailed(self.message)
        return user, token

    def token_of(self, request: Request) -> str | None:
        """The token that the request presents; None when it presents none."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def key_of_request(request: Request) -> ApiKey | None:
    """The live API key that the request presents; None when it presents none.

    In the header `api_key`, in `X-Api-Key`, or as `Authorization: Api-Key KEY`. Raises `AuthenticationFailed` for
    a wrong or revoked one, and for several that differ.
    """
    scheme, _, credentials = get_authorization_header(request).decode("latin-1").partition(" ")
    presented = {request.META[name].strip() for name in ("HTTP_API_KEY", "HTTP_X_API_KEY") if name in request.META}
    if scheme.lower() == "api-key":
        presented.add(credentials.strip())
    if not presented:
        return None
    text = presented.pop()
    # A comma: servers join repeated headers with one, and read `api-key` as `api_key`. No key has one.
    found = key_presented(key=text) if not presented and is_storable(text) and "," not in text else None
    if found is None:
        raise AuthenticationFailed("Invalid API key.")
    return found
