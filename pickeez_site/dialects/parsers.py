"""Parsers of bodies that let in only what is safe to store."""

import json
from collections.abc import Mapping
from itertools import chain
from math import inf
from typing import IO, Any, NoReturn, TypeAlias
from urllib.parse import unquote_to_bytes

import msgspec
from django.http import QueryDict
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, FormParser, MultiPartParser

from photos.forms import Tail
from pickeez_site.dialects.wire.values import is_storable

MAX_DEPTH = 64
Context = Mapping[str, Any] | None
Parsed: TypeAlias = Any  # the stubs of REST framework know of objects only


class SafeJSONParser(BaseParser):
    """JSON without what no database stores: NaN, infinity, NUL, half characters, abysses."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Context = None) -> Parsed:
        try:
            return self.load(stream.read())
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise ParseError("The body is not valid JSON.") from error

    def load(self, text: bytes) -> object:
        return load_json(text)


class AnyValueJSONParser(SafeJSONParser):
    """Any valid JSON. What of it may be stored, the reader decides, which can name the member that may not."""

    def load(self, text: bytes) -> object:
        return msgspec.json.decode(text)


def load_json(text: str | bytes) -> object:
    """Parses JSON that can be stored and sent again. Raises `ValueError`."""
    try:
        parsed = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("too deep") from error
    _check(parsed)
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check(value: object, depth: int = 0) -> None:
    if depth > MAX_DEPTH or value in (inf, -inf) or (isinstance(value, str) and not is_storable(value)):
        raise ValueError("too deep, not finite or not storable")
    parts = chain(*value.items()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _check(part, depth + 1)


def is_utf8(encoded: bytes) -> bool:
    """Whether percent-encoded text (a form, a query string) is UTF-8: Django would replace what is not."""
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False
    return True


class SafeFormParser(FormParser):
    """A form in UTF-8, whatever charset its content type claims."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Context = None) -> Parsed:
        body = stream.read()
        if not is_utf8(body):
            raise ParseError("The body is not UTF-8.")
        return QueryDict(body, encoding="utf-8")


class SafeMultiPartParser(MultiPartParser):
    """A form with files that came whole: Django would take what is there of one that was cut off, or nothing."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Context = None
    ) -> DataAndFiles:
        tail: Any = Tail(stream)
        form = super().parse(tail, media_type, parser_context)
        _, options = parse_header_parameters(media_type or "")
        came_whole = tail.ends_form(options["boundary"])
        # Django has put U+FFFD where a field was not UTF-8.
        texts = (text for name, values in form.data.lists() for text in (name, *values))
        if came_whole and not any("\ufffd" in text for text in texts):
            return form
        for _, files in form.files.lists():
            for file in files:
                file.close()
        raise ParseError("The body is not a complete form in UTF-8.")


PARSERS = [SafeJSONParser, SafeFormParser, SafeMultiPartParser]
