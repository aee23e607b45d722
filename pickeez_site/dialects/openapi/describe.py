"""The words in which a dialect describes its routes; schemas are JSON Schema (OpenAPI 3.1)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pickeez_site.dialects.dialect import Alternatives, Schema
from pickeez_site.dialects.security import API_KEYS, OPEN, TOKEN, TOKEN_PARAMETER

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
__all__ = ["API_KEYS", "OPEN", "TOKEN", "TOKEN_PARAMETER", "Alternatives", "Schema"]
# A character that is no NUL and not blank. Python takes more for blank than the expressions of JSON Schema do.
INK = r"[^\s\x00\x1c-\x1f\x85]"


def ref(name: str) -> Schema:
    """A component of the dialect."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, **more: Any) -> Schema:
    """An object with these members and no others, unless `more` says `additionalProperties`."""
    optional = optional or {}
    names = {"required": list(required)} if required else {}
    return {
        "type": "object",
        **names,
        "properties": {**required, **optional},
        "additionalProperties": False,
        **more,
    }


def text(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def words(allowed: Iterable[str], **more: Any) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(allowed), **more}


def array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def nullable(schema: Schema) -> Schema:
    """This, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


ID = text(format="uuid")
TIME = text("UTC, ISO 8601.", format="date-time")
URL = text(format="uri")
BOOLEAN: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}


def parameter(name: str, schema: Schema, *, where: str = "query", required: bool = False, **more: Any) -> Schema:
    """A parameter in the `query` or in a `header`; `more` as in OpenAPI's Parameter Object."""
    return {"name": name, "in": where, "required": required or where == "path", "schema": schema, **more}


def in_path(name: str, schema: Schema, **more: Any) -> Schema:
    return parameter(name, schema, where="path", **more)


def content(
    schema: Schema, *, media_types: Iterable[str] = (JSON,), example: Any = None, **examples: Any
) -> Schema:
    """OpenAPI's map of media types; `example`, or several by name."""
    described: Schema = {"schema": schema}
    if example is not None:
        described["example"] = example
    if examples:
        described["examples"] = {name: {"value": value} for name, value in examples.items()}
    return dict.fromkeys(media_types, described)


def answer(
    description: str, schema: Schema | None = None, *, headers: Schema | None = None, **options: Any
) -> Schema:
    """OpenAPI's Response Object; options as of `content`. Without a schema: an empty body."""
    described: Schema = {"description": description}
    if headers:
        described["headers"] = headers
    if schema is not None:
        described["content"] = content(schema, **options)
    return described


def body(schema: Schema, *, required: bool = True, **options: Any) -> Schema:
    """OpenAPI's Request Body Object; options as of `content`."""
    return {"required": required, "content": content(schema, **options)}


def examples_in(folder: Path) -> dict[str, Any]:
    """The documents' examples in a dialect's folder `examples`, by the file's name without `.json`."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What one method of a route takes and answers."""

    section: str  # of the document
    summary: str
    answers: Mapping[int, Schema]  # without errors
    errors: Sequence[int] = ()  # beside those that every route may answer
    description: str = ""
    parameters: Sequence[Schema] = ()
    takes: Schema | None = None  # the body
    security: Alternatives | None = None  # None: as the dialect says


@dataclass(frozen=True, kw_only=True)
class Description:
    """A dialect as its `schema` module describes it, under the name `DESCRIPTION`."""

    title: str
    description: str
    security_schemes: Mapping[str, Schema]
    security: Alternatives
    components: Mapping[str, Schema]
    errors: Mapping[int, Schema]  # every error's answer
    always: Sequence[int]  # the errors that every route may answer
    operations: Mapping[tuple[str, str], Operation]  # by the route's name and the method in lower case
    paths: Mapping[str, str] = field(
        default_factory=dict
    )  # by the route's name, where Django's pattern is not the document's
