"""Wire types as JSON Schema, OpenAPI's dialect of it (3.1)."""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.core.files.uploadedfile import UploadedFile
from msgspec import Raw

from pickeez_site.dialects.wire.types import Text, TypeForm

Schema = dict[str, Any]


def schemas_of(kinds: Iterable[TypeForm], prefix: str = "") -> tuple[list[Schema], dict[str, Schema]]:
    """The schema of each type, and the components that they refer to by name, behind the prefix.

    A generic type (`Success[Album]`), or the members that an action takes (`AlbumViewSet.create`), has no name of
    its own: it is described where it stands.
    """
    template = f"#/components/schemas/{prefix}{{name}}"
    schemas, components = msgspec.json.schema_components(kinds, schema_hook=_schema_of, ref_template=template)
    unnamed = {name: one for name, one in components.items() if not one.get("title", name).isidentifier()}
    in_place = {template.format(name=name): one for name, one in unnamed.items()}
    written = [_tidied(in_place.get(one.get("$ref", ""), one)) for one in schemas]
    return written, {prefix + name: _tidied(one) for name, one in components.items() if name not in unnamed}


def _schema_of(kind: type) -> Schema:
    """The schema of a type that msgspec does not know."""
    if issubclass(kind, Text):
        words = {"enum": [*kind.words]} if kind.words else {}
        return {"type": "string", "description": kind.description, **words, **kind.schema}
    if issubclass(kind, UploadedFile):
        return {"type": "string", "format": "binary"}
    if kind is Raw:
        return {}
    raise NotImplementedError(kind)


def _tidied(value: Any) -> Any:
    """Without what says nothing, or the line breaks of docstrings; words have a type, one word is `const`."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy = {name: _tidied(item) for name, item in value.items() if not _says_nothing(name, item, value)}
    if isinstance(docstring := tidy.get("description"), str):
        tidy["description"] = " ".join(docstring.split())
    match tidy:
        case {"anyOf": [{"type": "integer", **limits}, {"type": "number", **same}], **others} if limits == same:
            return {"type": "number", **limits, **others}
        case {"enum": [word], **others}:
            return {"const": word, **others}
        case {"enum": [*words]} if all(isinstance(word, str) for word in words):
            return {"type": "string", **tidy}
    return tidy


def _says_nothing(name: str, value: object, schema: Schema) -> bool:
    """A title that repeats a class's name, a default that is as good as nothing, a list of no members."""
    if name == "title":
        return isinstance(value, str) and ("type" in schema or "enum" in schema)
    return (name in ("default", "description") and value in (None, "")) or (name == "required" and value == [])
