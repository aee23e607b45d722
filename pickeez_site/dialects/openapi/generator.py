"""drf-spectacular's generator, fed with what the dialects write down instead of with serializers."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.views import APIView

from pickeez_site.dialects.openapi.describe import Description, Operation, Schema

DIALECTS = "pickeez_site.dialects."
COMPONENT = "#/components/schemas/"


def dialect_names() -> list[str]:
    """The dialects that this server speaks and describes, in the order of its URLs."""
    return [name for name in _patterns_of() if find_spec(f"{DIALECTS}{name}.schema")]


def routes_of(dialect: str) -> dict[str, URLPattern]:
    """The routes of a dialect by name. Other spellings of a path have no name."""
    return {pattern.name: pattern for pattern in _patterns_of()[dialect] if pattern.name}


def methods_of(route: URLPattern) -> set[str]:
    """In lower case."""
    return set(vars(route.callback)["actions"]) - {"head"}


def description_of(dialect: str) -> Description:
    described = import_module(f"{DIALECTS}{dialect}.schema").DESCRIPTION
    assert isinstance(described, Description)  # noqa: S101
    return described


def _patterns_of() -> dict[str, list[Any]]:
    included = [entry for entry in get_resolver().url_patterns if isinstance(entry, URLResolver)]
    modules = {getattr(entry.urlconf_name, "__name__", ""): entry.url_patterns for entry in included}
    return {
        name.removeprefix(DIALECTS).split(".")[0]: patterns
        for name, patterns in modules.items()
        if name.startswith(DIALECTS)
    }


class WrittenSchema(AutoSchema):
    """An operation that was written down."""

    def __init__(self, operation: Schema) -> None:
        super().__init__()
        self.operation = operation

    def get_operation(self, *args: Any) -> Schema:
        return self.operation


class Generator(SchemaGenerator):
    """The schema of one dialect, or of all: there, names carry the dialect's."""

    def __init__(self, *args: Any, dialect: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dialect = dialect

    def _initialise_endpoints(self) -> None:
        self.endpoints = []

    def _get_paths_and_endpoints(self) -> list[tuple[str, str, str, APIView]]:
        names = [self.dialect] if self.dialect else dialect_names()
        return [endpoint for name in names for endpoint in self._endpoints(name)]

    def _endpoints(self, dialect: str) -> Iterator[tuple[str, str, str, APIView]]:
        """What is in the URL configuration and not described, the tests notice."""
        described, routes = description_of(dialect), routes_of(dialect)
        for (name, method), operation in described.operations.items():
            route = routes[name]
            path = described.paths.get(name) or re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{route.pattern}")
            view = self.create_view(route.callback, method.upper())
            written = self._written(dialect, described, operation, _operation_id(name, method, route))
            self._set_schema_to_view(view, WrittenSchema(written))
            yield path, str(route.pattern), method.upper(), view

    def _written(self, dialect: str, described: Description, operation: Operation, name: str) -> Schema:
        """OpenAPI's Operation Object."""
        errors = {status: described.errors[status] for status in sorted({*operation.errors, *described.always})}
        security = described.security if operation.security is None else operation.security
        written: Schema = {
            "operationId": name,
            "tags": [operation.section],
            "summary": operation.summary,
            "description": operation.description,
            "parameters": list(operation.parameters),
            "security": [dict(alternative) for alternative in security],
            "responses": {str(status): said for status, said in {**operation.answers, **errors}.items()},
        }
        if operation.takes:
            written["requestBody"] = operation.takes
        if self.dialect:
            return written
        written["operationId"] = f"{dialect}-{name}"
        written["tags"] = [f"{described.title}: {operation.section}"]
        return _renamed(written, described.title)

    def get_schema(self, request: Any = None, public: bool = False) -> Schema:
        schema: Schema = super().get_schema(request, public)
        schema["components"] = {"schemas": {}, "securitySchemes": {}}
        for name in [self.dialect] if self.dialect else dialect_names():
            self._join(schema["components"], description_of(name))
        if self.dialect:
            described = description_of(self.dialect)
            schema["info"] |= {"title": described.title, "description": described.description}
        return schema

    def _join(self, components: Schema, described: Description) -> None:
        """Raises `ValueError` when one name of a security scheme means two things."""
        for name, scheme in described.security_schemes.items():
            if components["securitySchemes"].setdefault(name, scheme) != scheme:
                raise ValueError(f"{described.title} means something else by {name}.")
        if self.dialect:
            components["schemas"].update(described.components)
        else:
            renamed = _renamed(dict(described.components), described.title)
            components["schemas"].update({f"{described.title}{name}": one for name, one in renamed.items()})


def _operation_id(name: str, method: str, route: URLPattern) -> str:
    return name if len(methods_of(route)) == 1 else f"{name}-{method}"


def _renamed(value: Any, prefix: str) -> Any:
    """The same with every reference to a component pointing to the one with the prefix."""
    if isinstance(value, Mapping):
        return {key: _renamed(item, prefix) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, prefix) for item in value]
    if isinstance(value, str) and value.startswith(COMPONENT):
        return COMPONENT + prefix + value.removeprefix(COMPONENT)
    return value
