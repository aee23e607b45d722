"""drf-spectacular's generator, fed with the operations of the dialects' viewsets instead of with serializers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.request import Request
from rest_framework.views import APIView

from pickeez_site.dialects.dialect import Dialect, Schema
from pickeez_site.dialects.openapi.operations import Describer, actions_of, path_of

DIALECTS = "pickeez_site.dialects."
COMPONENT = "#/components/schemas/"


def dialect_names() -> list[str]:
    """The dialects that this server speaks, in the order of its URLs."""
    return list(_patterns_of())


def routes_of(dialect: str) -> dict[str, URLPattern]:
    """The routes of a dialect by name. Other spellings of a path have no name."""
    return {pattern.name: pattern for pattern in _patterns_of()[dialect] if pattern.name}


def methods_of(route: URLPattern) -> set[str]:
    """In lower case."""
    return set(vars(route.callback)["actions"]) - {"head"}


def _patterns_of() -> dict[str, list[Any]]:
    included = [entry for entry in get_resolver().url_patterns if isinstance(entry, URLResolver)]
    modules = {getattr(entry.urlconf_name, "__name__", ""): entry.url_patterns for entry in included}
    return {
        name.removeprefix(DIALECTS).split(".")[0]: patterns
        for name, patterns in modules.items()
        if name.startswith(DIALECTS)
    }


@dataclass(frozen=True)
class Described:
    """A dialect as OpenAPI has it."""

    title: str
    description: str
    security_schemes: Mapping[str, Schema]
    components: Mapping[str, Schema]
    operations: Mapping[tuple[str, str], Schema]  # by the route's name and the method in lower case
    paths: Mapping[str, str]  # by the route's name


def description_of(name: str) -> Described:
    dialect: Dialect = import_module(f"{DIALECTS}{name}.dialect").DIALECT
    describer, routes = Describer(dialect), routes_of(name)
    operations = {}
    for route_name, route in routes.items():
        actions = actions_of(route)
        for method, (viewset, action) in actions.items():
            described = describer.describe(viewset, action, method)
            described["operationId"] = route_name if len(actions) == 1 else f"{route_name}-{method}"
            operations[route_name, method] = described
    return Described(
        title=dialect.title,
        description=dialect.description,
        security_schemes=dialect.security_schemes,
        components=describer.components,
        operations=operations,
        paths={route_name: path_of(route, dialect.paths) for route_name, route in routes.items()},
    )


class WrittenSchema(AutoSchema):
    """An operation that is described already."""

    def __init__(self, operation: Schema) -> None:
        super().__init__()
        self.operation = operation

    def get_operation(self, *args: object) -> Schema:
        return self.operation


class Generator(SchemaGenerator):
    """The schema of one dialect, or of all: there, names carry the dialect's."""

    def __init__(self, dialect: str | None = None, **options: object) -> None:
        super().__init__(**options)
        self.dialect = dialect
        self.described: dict[str, Described] = {}

    def _initialise_endpoints(self) -> None:
        self.endpoints = []

    def _get_paths_and_endpoints(self) -> list[tuple[str, str, str, APIView]]:
        return [endpoint for name in self.described for endpoint in self._endpoints(name)]

    def _endpoints(self, name: str) -> Iterator[tuple[str, str, str, APIView]]:
        described, routes = self.described[name], routes_of(name)
        for (route_name, method), operation in described.operations.items():
            route = routes[route_name]
            view = self.create_view(route.callback, method.upper())
            written = operation if self.dialect else _of_all(operation, name, described.title)
            self._set_schema_to_view(view, WrittenSchema(written))
            yield described.paths[route_name], str(route.pattern), method.upper(), view

    def get_schema(self, request: Request | None = None, public: bool = False) -> Schema:
        names = [self.dialect] if self.dialect else dialect_names()
        self.described = {name: description_of(name) for name in names}
        schema: Schema = super().get_schema(request, public)
        schema["components"] = {"schemas": {}, "securitySchemes": {}}
        for described in self.described.values():
            self._join(schema["components"], described)
        if self.dialect:
            described = self.described[self.dialect]
            schema["info"] |= {"title": described.title, "description": described.description}
        return schema

    def _join(self, components: Schema, described: Described) -> None:
        """Raises `ValueError` when one name of a security scheme means two things."""
        for name, scheme in described.security_schemes.items():
            if components["securitySchemes"].setdefault(name, scheme) != scheme:
                raise ValueError(f"{described.title} means something else by {name}.")
        if self.dialect:
            components["schemas"].update(described.components)
        else:
            renamed = _renamed(dict(described.components), described.title)
            components["schemas"].update({f"{described.title}{name}": one for name, one in renamed.items()})


def _of_all(operation: Schema, dialect: str, title: str) -> Schema:
    """The operation among those of all dialects."""
    names = {
        "operationId": f"{dialect}-{operation['operationId']}",
        "tags": [f"{title}: {tag}" for tag in operation["tags"]],
    }
    renamed: Schema = _renamed({**operation, **names}, title)
    return renamed


def _renamed(value: Any, prefix: str) -> Any:
    """The same with every reference to a component pointing to the one with the prefix."""
    if isinstance(value, Mapping):
        return {key: _renamed(item, prefix) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, prefix) for item in value]
    if isinstance(value, str) and value.startswith(COMPONENT):
        return COMPONENT + prefix + value.removeprefix(COMPONENT)
    return value
