"""The operations of a dialect's viewsets, and the components they share, as OpenAPI has them."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from operator import or_
from types import MappingProxyType, NoneType, UnionType
from typing import cast, get_args

import msgspec
from django.urls import URLPattern

from pickeez_site.dialects.dialect import Dialect, Schema
from pickeez_site.dialects.errors import described_error
from pickeez_site.dialects.viewsets import Answer, DialectViewSet, operation
from pickeez_site.dialects.wire import Json, Wire, to_json
from pickeez_site.dialects.wire.members import is_file, members_of
from pickeez_site.dialects.wire.schemas import schemas_of
from pickeez_site.dialects.wire.types import TypeForm

JSON = "application/json"
MULTIPART = "multipart/form-data"


class Describer:
    """Describes a dialect's operations one by one; `components` collects what they refer to.

    Names of components begin with `prefix`, so that they are the dialect's own among those of all.
    """

    def __init__(self, dialect: Dialect, prefix: str = "") -> None:
        self.dialect, self.prefix = dialect, prefix
        self.components: dict[str, Schema] = {}

    def describe(
        self,
        viewset: type[DialectViewSet],
        action: operation,
        method: str,
        examples: Mapping[str, object] = MappingProxyType({}),
    ) -> Schema:
        """OpenAPI's Operation Object, without its id. `examples` are those of `shown_examples_of`."""
        path = action.path or {}
        parameters = [_parameter(name, "path", self.schema(kind), required=True) for name, kind in path.items()]
        security = next(
            said for said in (action.security, viewset.security, self.dialect.security) if said is not None
        )
        described: Schema = {
            "tags": [viewset.section],
            "summary": action.summary,
            "description": action.description,
            "parameters": parameters,
            "security": [dict(alternative) for alternative in security],
            "responses": {
                str(status): self._answer(answer, examples.get(str(status)))
                for status, answer in action.answers.items()
            },
        }
        statuses = set(self.dialect.always)
        if not security:  # who need not be known is never refused as unknown
            statuses.discard(401)
        elif 401 in statuses:
            statuses.add(429)  # after too many wrong credentials
        statuses |= {*action.errors, *(self.dialect.path_errors if path else ())}
        if action.takes is not None and method == "get":
            parameters += self._query(cast("type[Wire]", action.takes))
        elif action.takes is not None:
            described["requestBody"] = self._body(action.takes, examples.get("request"))
            statuses |= set(self.dialect.body_errors)
        errors = sorted(statuses - action.answers.keys())
        described["responses"] |= {str(status): self._error(status) for status in errors}
        return described

    def schema(self, kind: TypeForm) -> Schema:
        """The schema of a type. Raises `ValueError` when one name of a component would mean two things."""
        if isinstance(kind, UnionType):  # of wire types; msgspec knows those only with a tag
            return {"oneOf": [self.schema(one) for one in get_args(kind)]}
        (schema,), components = schemas_of([kind], self.prefix)
        for name, component in components.items():
            if self.components.setdefault(name, component) != component:
                raise ValueError(f"{self.dialect.title} has two wire types of the name {name}.")
        return schema

    def _query(self, kind: type[Wire]) -> list[Schema]:
        """The members of a wire type, which itself becomes no component."""
        (schema,), components = schemas_of([kind], self.prefix)
        properties = components.pop(schema.get("$ref", "").rpartition("/")[2], schema)["properties"]
        self.components.update(components)
        return [
            _parameter(member.wire_name, "query", properties[member.wire_name], required=member.required)
            for member in members_of(kind)
        ]

    def _body(self, takes: TypeForm, example: object) -> Schema:
        """Each kind in the one content type that carries it: a form where there are files, JSON elsewhere.

        Where there is a choice of content types, none is said to be required: programs that make clients get that
        wrong (openapi-python-client makes one that cannot be imported).
        """
        kinds: dict[str, list[type[Wire]]] = defaultdict(list)
        for kind in get_args(takes) or (takes,):
            kinds[MULTIPART if _has_file(kind) else JSON].append(kind)
        content: Schema = {name: {"schema": self.schema(reduce(or_, some))} for name, some in kinds.items()}
        content[JSON if JSON in content else MULTIPART].update(_examples(example))
        needed = any(member.required for some in kinds.values() for kind in some for member in members_of(kind))
        return {"required": needed and len(content) == 1, "content": content}

    def _answer(self, answer: Answer, example: object) -> Schema:
        if answer.kind is NoneType:
            example = self.dialect.done
            answer = replace(answer, kind=None if example is None else type(example))
        described: Schema = {"description": answer.description}
        if answer.headers:
            described["headers"] = {
                name: {"schema": schema, "required": True} for name, schema in answer.headers.items()
            }
        content: Schema = {kind: {"schema": self.schema(one)} for kind, one in answer.media_types.items()}
        if answer.kind is not None:
            content[JSON] = {"schema": self.schema(answer.kind), **_examples(example)}
        return {**described, "content": content} if content else described

    def _error(self, status: int) -> Schema:
        error, failures = described_error(self.dialect, status)
        bodies = {failure.words: self.dialect.envelope(failure) for failure in failures}
        answer = Answer(error.description, kind=self.dialect.error, headers=error.headers)
        return self._answer(answer, {"several": bodies})


def _has_file(kind: type[Wire]) -> bool:
    return any(is_file(member.kind) for member in members_of(kind))


def _parameter(name: str, where: str, schema: Schema, *, required: bool) -> Schema:
    """OpenAPI's Parameter Object. Of the query, the description is told beside the schema, where it is shown.

    A query has no null: there, what may be null may be missing.
    """
    if where == "query":
        schema = _without_null(schema)
    described: Schema = {"name": name, "in": where, "required": required, "schema": schema}
    if where == "query" and "description" in schema:
        described["description"] = schema.pop("description")
    if examples := schema.pop("examples", None):
        described["example"] = examples[0]
    return described


def _without_null(schema: Schema) -> Schema:
    match schema:
        case {"anyOf": [kind, {"type": "null"}], **others}:
            return {**kind, **others}
    return schema


def _examples(example: object) -> Schema:
    """An example, or `{"several": …}` of them by name, as OpenAPI has it."""
    several = example["several"] if isinstance(example, dict) and example.keys() == {"several"} else {"": example}
    if len(several) == 1:
        (example,) = several.values()
        return {} if example is None else {"example": _plain(example)}
    return {"examples": {name: {"value": _plain(value)} for name, value in several.items()}}


def _plain(value: object) -> Json:
    plain: Json = msgspec.json.decode(to_json(value))
    return plain


def actions_of(route: URLPattern) -> dict[str, tuple[type[DialectViewSet], operation]]:
    """The viewset and the described action of each method (in lower case) of a route.

    Raises `AttributeError` for an action that does not say what it takes and answers (`viewsets.operation`).
    """
    callback = vars(route.callback)
    viewset = callback["cls"]
    actions = callback["actions"].items()
    return {method: (viewset, getattr(viewset, name).operation) for method, name in actions if method != "head"}


def path_of(route: URLPattern, paths: Mapping[str, str]) -> str:
    """The route's path as OpenAPI writes it: as the dialect says, or else as Django's pattern.

    What Django takes as one, the action's `path` names one by one.
    """
    ((_, action), *_) = actions_of(route).values()
    names = action.path or {}

    def described(converter: re.Match[str]) -> str:
        parts = [converter[1]] if converter[1] in names else names
        return "/".join(f"{{{name}}}" for name in parts)

    return paths.get(str(route.name)) or re.sub(r"<(?:\w+:)?(\w+)>", described, f"/{route.pattern}")
