"""Answers: wire types, made of the domain's objects, as JSON."""

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Generic, TypeVar, cast

import msgspec
from rest_framework.renderers import BaseRenderer

from pickeez_site.dialects.wire.members import members_of
from pickeez_site.dialects.wire.types import Wire


def _plain(value: object) -> str:
    """Text of a kind of its own (`Text`, Django's safe strings) is written as text."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} has no place on the wire.")


# In bytes, UTF-8; times in UTC end in Z, ids are in their canonical form, whole numbers of any size.
to_json = msgspec.json.Encoder(enc_hook=_plain).encode

Kind = TypeVar("Kind")


def rendered(kind: type[Kind], text: bytes) -> Kind:
    """An object that is JSON already, in the place of one of that kind."""
    return cast("Kind", msgspec.Raw(text))


Made = TypeVar("Made", bound=Wire)


def from_attributes(kind: type[Made], source: object, **others: object) -> Made:
    """A wire object of the source's attributes, and of `others`.

    They are called like its members, or as `rules(source=…)` says. The domain has empty text where it has none;
    where a member may be null, it is null on the wire.
    """
    values = others
    for name, attribute, may_be_null in _attributes_of(kind):
        if name not in others:
            value = attribute(source)
            values[name] = None if may_be_null and value == "" else value
    return kind(**values)


@cache
def _attributes_of(kind: type[Wire]) -> tuple[tuple[str, Callable[[object], object], bool], ...]:
    return tuple((one.name, attrgetter(one.source or one.name), one.nullable) for one in members_of(kind))


class ListInBytes(Generic[Kind]):
    """A list of an answer that is rendered item by item: as objects, thousands would take ten times the memory."""

    def __init__(self) -> None:
        self._text = bytearray()

    def append(self, item: Kind) -> None:
        self._text += b"," + to_json(item)

    def extend(self, others: "ListInBytes[Kind]") -> None:
        self._text += others._text

    def close(self) -> list[Kind]:
        """All items, in the place of a list of them."""
        self._text[:1] = b"["
        self._text += b"]"
        return cast("list[Kind]", msgspec.Raw(self._text))


class WireRenderer(BaseRenderer):
    """Renders wire types, and whatever else is plain JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: object, media_type: str | None = None, renderer_context: object = None) -> bytes:
        return b"" if data is None else to_json(data)
