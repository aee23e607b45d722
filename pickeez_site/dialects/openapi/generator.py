"""drf-spectacular's generator, fed with the operations of the dialects' viewsets instead of with serializers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request

from pickeez_site.dialects.dialect import Dialect, Schema
from pickeez_site.dialects.openapi.examples import shown_examples_of
from pickeez_site.dialects.openapi.operations import Describer, actions_of, path_of

DIALECTS = "pickeez_site.dialects."


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


def description_of(name: str, *, among_all: bool = False) -> Described:
    """The dialect by itself, or with names that are its own among those of all."""
    dialect: Dialect = import_module(f"{DIALECTS}{name}.dialect").DIALECT
    describer = Describer(dialect, prefix=dialect.title if among_all else "")
    routes, examples = routes_of(name), shown_examples_of(name)
    operations = {}
    for route_name, route in routes.items():
        actions = actions_of(route)
        for method, (viewset, action) in actions.items():
            operation_id = route_name if len(actions) == 1 else f"{route_name}-{method}"
            shown = examples.get(operation_id) or examples.get(route_name, {})
            described = {**describer.describe(viewset, action, method, shown), "operationId": operation_id}
            if among_all:
                described |= {
                    "operationId": f"{name}-{operation_id}",
                    "tags": [f"{dialect.title}: {viewset.section}"],
                }
            operations[route_name, method] = described
    return Described(
        title=dialect.title,
        description=dialect.description,
        security_schemes=dialect.security_schemes,
        components=describer.components,
        operations=operations,
        paths={route_name: path_of(route, dialect.paths) for route_name, route in routes.items()},
    )


class Generator(SchemaGenerator):
    """The schema of one dialect, or of all: there, names carry the dialect's."""

    def __init__(self, dialect: str | None = None, **options: object) -> None:
        super().__init__(**options)
        self.only = description_of(dialect) if dialect else None
        all_described = (description_of(name, among_all=True) for name in dialect_names())
        self.described = [self.only] if self.only else list(all_described)

    def parse(self, input_request: Request | None, public: bool) -> Schema:
        """The paths, in the documents' order."""
        paths: dict[str, Schema] = defaultdict(dict)
        for described in self.described:
            for (route_name, method), operation in described.operations.items():
                paths[described.paths[route_name]][method] = operation
        return paths

    def get_schema(self, request: Request | None = None, public: bool = False) -> Schema:
        """Raises `ValueError` when one name of a security scheme means two things."""
        schema: Schema = super().get_schema(request, public)
        components: Schema = {"schemas": {}, "securitySchemes": {}}
        for described in self.described:
            components["schemas"].update(described.components)
            for name, scheme in described.security_schemes.items():
                if components["securitySchemes"].setdefault(name, scheme) != scheme:
                    raise ValueError(f"{described.title} means something else by {name}.")
        if self.only:
            schema["info"] |= {"title": self.only.title, "description": self.only.description}
        return {**schema, "components": components}
