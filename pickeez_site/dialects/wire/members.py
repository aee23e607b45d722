"""What a wire type says of its members: their names, their kinds, and in words what they may be."""

from dataclasses import dataclass
from functools import cache

import msgspec
from django.core.files.uploadedfile import UploadedFile
from msgspec import UnsetType, inspect

from pickeez_site.dialects.wire.types import Text, TypeForm, Wire, quoted


@dataclass(frozen=True)
class Member:
    name: str  # the attribute
    wire_name: str
    annotation: TypeForm
    kind: inspect.Type  # without limits, null and absence
    required: bool
    nullable: bool
    # What `types.rules` says:
    allowed: str  # ends the sentence "batchSize must be …"
    refusal: str = ""  # the whole sentence for what is not allowed; empty: as the reader makes it
    also: str = ""  # another name, under which it is taken when it is missing under its own; empty: none
    source: str = ""  # the attribute of the domain's object, `owner.name`, where it is called otherwise


@cache
def members_of(kind: type[Wire]) -> tuple[Member, ...]:
    """The members of a wire type in the order of their declaration."""
    return tuple(_member(field, inspect.type_info(field.type)) for field in msgspec.structs.fields(kind))


def _member(field: msgspec.structs.FieldInfo, kind: inspect.Type) -> Member:
    said = kind.extra or {} if isinstance(kind, inspect.Metadata) else {}
    return Member(
        name=field.name,
        wire_name=field.encode_name,
        annotation=field.type,
        kind=_plain(kind),
        required=field.required,
        nullable=_is_nullable(kind),
        **{"allowed": allowed(kind), **said},
    )


def is_file(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.CustomType) and issubclass(kind.cls, UploadedFile)


def _plain(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.Metadata):
        return _plain(kind.type)
    if isinstance(kind, inspect.UnionType):
        others = [one for one in kind.types if not _is_nothing(one)]
        return _plain(others[0]) if len(others) == 1 else kind
    return kind


def _is_nullable(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.Metadata):
        return _is_nullable(kind.type)
    return isinstance(kind, inspect.UnionType) and any(isinstance(one, inspect.NoneType) for one in kind.types)


def _is_nothing(kind: inspect.Type) -> bool:
    """Null, or the absence of a member."""
    return isinstance(kind, inspect.NoneType) or getattr(kind, "cls", None) is UnsetType


def allowed(kind: inspect.Type) -> str:  # noqa: C901 - a table
    """What a value may be, as the end of a sentence: `a whole number from 1 to 100`."""
    match kind:
        case inspect.Metadata(extra={"allowed": str(words)}):
            return words
        case inspect.Metadata(type=inner):
            return allowed(inner)
        case inspect.UnionType(types=types):
            return " or ".join(allowed(one) for one in types if not _is_nothing(one))
        case inspect.CustomType(cls=cls) if issubclass(cls, Text):
            return cls.allowed
        case inspect.UUIDType():
            return "an id"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case inspect.StrType(max_length=most):
            return f"text of at most {most} characters" if most else "text"
        case inspect.LiteralType(values=values):
            return f"one of {quoted(values)}"
        case inspect.ListType(item_type=item, max_length=most):
            return f"a list of at most {most} items" if most else f"a list of {_items(item)}"
        case inspect.DictType() | inspect.StructType():
            return "an object"
    return "of another form"


def _items(kind: inspect.Type) -> str:
    inner = _plain(kind)
    return quoted(inner.values) if isinstance(inner, inspect.LiteralType) else "items"
