"""The base of all wire types, and the kinds of values that several dialects share."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar, cast, dataclass_transform
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, StructMeta, UnsetType

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
# What stands in an annotation: a class, `list[Id]`, `Annotated[…]`, a union; there is no narrower type for it yet.
TypeForm: TypeAlias = object


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class WireMeta(StructMeta):
    """Makes structs that are frozen and take keywords only; msgspec lets a subclass inherit neither."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, object], **options: object
    ) -> "WireMeta":
        settled: dict[str, Any] = {"frozen": True, "kw_only": True, **options}
        return super().__new__(cls, name, bases, namespace, **settled)


class Wire(Struct, metaclass=WireMeta, forbid_unknown_fields=True):
    """An object on the wire. A member that may be absent is `Kind | UnsetType = UNSET`.

    `rules` says limits and descriptions, and in words what a member may be, where the words made from its type
    (`members.allowed`) would not do.
    """


def rules(
    description: str | None = None,
    *,
    format: str | None = None,  # noqa: A002 - as JSON Schema calls it
    allowed: str | None = None,
    refusal: str | None = None,
    also: str | None = None,
    source: str | None = None,
    schema: Mapping[str, Json] | None = None,
    **limits: Any,
) -> Meta:
    """What a member may be: msgspec's `Meta` with its `limits`, said shorter.

    `allowed` ends the sentence "batchSize must be …", `refusal` is the whole of it; without them, the words are
    made from the type. `also` is another name under which clients send the member. `source` is the attribute of
    the domain's object, or of one in it (`owner.name`), that an answer has here (`from_attributes`). `schema` is
    what the limits do not say in JSON Schema.
    """
    extra_schema = {**({"format": format} if format else {}), **(schema or {})}
    words = {"allowed": allowed, "refusal": refusal, "also": also, "source": source}
    extra = {name: said for name, said in words.items() if said}
    return Meta(description=description, extra_json_schema=extra_schema or None, extra=extra or None, **limits)


Kind = TypeVar("Kind", bound=Wire)


class OpenWire(Wire, forbid_unknown_fields=False):
    """An object from clients whose other members, of whatever names, are ignored."""


class Text(str):
    """Text by a rule that no `Meta` expresses: one of some `words`, or what `is_good` says.

    A subclass says the rule in words and as JSON Schema, too.
    """

    __slots__ = ()
    allowed: ClassVar[str]  # ends the sentence "deviceID must be …"
    description: ClassVar[str] = ""
    words: ClassVar[Sequence[str]] = ()
    schema: ClassVar[Mapping[str, Json]] = {}

    @classmethod
    def is_good(cls, text: str) -> bool:
        return text in cls.words


Id = UUID
# An id as a client sends it. What never was one is as unknown as one that was never issued (`values.parse_id`).
SentId = Annotated[str, Meta(extra_json_schema={"format": "uuid"}, extra={"allowed": "text"})]
Time = Annotated[datetime, Meta(tz=True, description="UTC, ISO 8601.")]
# A character that is neither NUL nor blank. Python takes more for blank than the expressions of JSON Schema do.
NON_BLANK = r"[^\s\x00\x1c-\x1f\x85]"
Url = Annotated[str, Meta(extra_json_schema={"format": "uri"})]
Count = Annotated[int, Meta(ge=0)]


def one_of(words: Iterable[str], *, also: Iterable[str] = ()) -> TypeForm:
    """The type of one of these words. `also` are taken as well, but not named to who sends a wrong one."""
    named = list(words)
    taken: Any = Literal[(*named, *also)]
    return Annotated[taken, Meta(extra={"allowed": f"one of {quoted(named)}"})]


def some_of(words: Iterable[str]) -> TypeForm:
    """The type of a list of these words."""
    word: Any = Literal[tuple(words)]
    return list[word]


def quoted(words: Iterable[object]) -> str:
    return ", ".join(json.dumps(word, ensure_ascii=False) for word in words)


def with_members(
    members: Mapping[str, TypeForm], *, always: Collection[str] = ()
) -> Callable[[type[Kind]], type[Kind]]:
    """Gives a wire type further members, whose names and types come from the domain.

    Those not in `always` may be absent. Their attributes have `_` for `-`.
    """
    attributes = {wire_name: wire_name.replace("-", "_") for wire_name in members}
    optional = members.keys() - set(always)

    def extended(kind: type[Kind]) -> type[Kind]:
        wire_names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
        wire_names |= {attribute: wire_name for wire_name, attribute in attributes.items()}
        namespace: dict[str, object] = {
            "__module__": kind.__module__,
            "__doc__": kind.__doc__,
            "__annotations__": {
                attributes[name]: one | UnsetType if name in optional else one for name, one in members.items()
            },
            **{attributes[name]: UNSET for name in optional},
        }
        return cast("type[Kind]", WireMeta(kind.__name__, (kind,), namespace, rename=wire_names))

    return extended
