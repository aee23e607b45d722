"""Requests become wire types. A dialect's `Reader` says where members are, and how it words what is wrong."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import UnionType
from typing import TypeVar, cast, get_args

import msgspec
from django.core.files.uploadedfile import UploadedFile
from msgspec import UNSET, inspect
from rest_framework.request import Request

from pickeez_site.dialects.wire.members import Member, is_file, members_of
from pickeez_site.dialects.wire.types import Text, Wire
from pickeez_site.dialects.wire.values import is_storable

Asked = TypeVar("Asked", bound=Wire)
Given = Mapping[str, object]
MAX_SHOWN = 100


class BadInput(Exception):
    """A request lacks something, or has it in another form; the argument says so in the dialect's words."""


class NotAllowed(ValueError):
    """A value breaks the rule of its own kind (`Text`)."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class Reader:
    """Reads the members of a request into a wire type, in the order in which the type declares them.

    As it stands it reads JSON bodies in which null is a value like others. Dialects override what differs.
    """

    no_object = "The body must be a JSON object."
    null_is_missing = False  # True: also null is missing, where it is not said to be a value

    def read(self, kind: type[Asked] | UnionType, request: Request) -> Asked:
        """The request as an object of `kind`; of several kinds, the one whose literal members fit.

        Raises `BadInput`.
        """
        given = self.given(request)
        chosen = kind if isinstance(kind, type) else self._choose(get_args(kind), given)
        return cast("Asked", self.read_object(chosen, given))

    def read_object(self, kind: type[Asked], given: Given) -> Asked:
        """What is given, as an object of that kind. Raises `BadInput`."""
        self.check_names(given, kind)
        values: dict[str, object] = {}
        for member in self.members(kind, given):
            value = self.find(given, member)
            if value is not UNSET:
                values[member.name] = self.convert(value, member)
            elif member.required:
                raise BadInput(self.missing(member.wire_name))
        return kind(**values)

    def given(self, request: Request) -> Given:
        """All that the request gives, by name: a GET in the query string, as OpenAPI says, others in the body."""
        return request.query_params.dict() if request.method in ("GET", "HEAD") else self.body(request)

    def body(self, request: Request) -> Given:
        """Raises `BadInput` for a body that has no members."""
        if not isinstance(request.data, dict):
            raise BadInput(self.no_object)
        return request.data

    def members(self, kind: type[Wire], given: Given) -> Iterator[Member]:
        """The members to be read, by the names that the request gives them."""
        for member in members_of(kind):
            is_renamed = bool(member.also) and member.also in given and self.find(given, member) is UNSET
            yield replace(member, wire_name=member.also) if is_renamed else member

    def find(self, given: Given, member: Member) -> object:
        """The value of a member as it came; `UNSET` when it is missing."""
        value = given.get(member.wire_name, UNSET)
        return UNSET if value is None and self.null_is_missing and not member.nullable else value

    def check_names(self, given: Given, kind: type[Wire]) -> None:
        """Raises `BadInput` for what the request does not take; here, that is ignored."""

    def coerce(self, value: object, member: Member) -> object:
        """The value in the form in which JSON should have it. JSON has one kind of numbers: 10.0 is whole."""
        if isinstance(value, float) and value.is_integer() and isinstance(member.kind, inspect.IntType):
            return int(value)
        return value

    def convert(self, value: object, member: Member) -> object:
        """The value as the wire type has it. Raises `BadInput`."""
        name, allowed = member.wire_name, member.allowed
        try:
            read = self._with_objects(self.coerce(value, member), member.kind)
            converted = msgspec.convert(read, member.annotation, dec_hook=_checked)
        except msgspec.ValidationError as error:
            if isinstance(error.__cause__, NotAllowed) and error.__cause__.allowed:
                name, allowed = name + _place_of(error), error.__cause__.allowed
            raise BadInput(member.refusal or self.invalid(name, allowed)) from error
        if not _is_storable(converted):
            raise BadInput(member.refusal or self.invalid(name, allowed))
        return converted

    def _with_objects(self, value: object, kind: inspect.Type) -> object:
        """The value, in which objects of wire types are read by the dialect's rules, like the request itself."""
        if isinstance(kind, inspect.StructType) and isinstance(value, dict):
            return self.read_object(cast("type[Wire]", kind.cls), value)
        if isinstance(value, list) and isinstance(kind, inspect.ListType):
            item = kind.item_type
            return (
                [self._with_objects(one, item) for one in value] if isinstance(item, inspect.StructType) else value
            )
        return value

    def missing(self, name: str) -> str:
        return f"{name} is missing."

    def invalid(self, name: str, allowed: str) -> str:
        return f"{name} must be {allowed}."

    def _choose(self, kinds: Iterable[type[Wire]], given: Given) -> type[Wire]:
        """The first kind whose literal members and files are given as they must be, or else the last."""
        for kind in kinds:
            if all(_is_as_it_must_be(self.find(given, one), one) for one in members_of(kind)):
                break
        return kind


class ClosedReader(Reader):
    """One that refuses members which the request does not have, so that a misspelt one is noticed."""

    def check_names(self, given: Given, kind: type[Wire]) -> None:
        known = [member.wire_name for member in members_of(kind)]
        for name in given:
            if name not in known:
                raise BadInput(f"{shown(name)} is not a member of this request, which takes: {', '.join(known)}.")


def _is_as_it_must_be(value: object, member: Member) -> bool:
    """A literal's value is one of its, or missing or null where it may be; a file is given; others may be any."""
    if is_file(member.kind):
        return value is not UNSET or not member.required
    if not isinstance(member.kind, inspect.LiteralType):
        return True
    if value is UNSET:
        return not member.required
    return member.nullable if value is None else isinstance(value, str) and value in member.kind.values


def shown(text: str) -> str:
    """A client's text as it may stand in an answer."""
    return json.dumps(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…")


def _is_storable(value: object) -> bool:
    """Whether the text, or a list's texts, can be stored. A `Text` has its own rule, and objects their parser."""
    texts = value if isinstance(value, list) else [value]
    return all(is_storable(text) for text in texts if type(text) is str)


def _checked(kind: type, value: object) -> object:
    """A value of a kind that msgspec does not know."""
    if issubclass(kind, Text):
        if isinstance(value, str) and kind.is_good(value):
            return kind(value)
        raise NotAllowed(kind.allowed)
    if issubclass(kind, UploadedFile) and isinstance(value, kind):
        return value
    raise NotAllowed("")


def _place_of(error: msgspec.ValidationError) -> str:
    """Where in the member the fault is: `[1]`; msgspec writes it as "… - at `$[1]`"."""
    _, _, path = str(error).rpartition("`$")
    return path.removesuffix("`") if str(error).endswith("`") else ""
