"""Dialects that still write their schema down by hand."""

from importlib import import_module

from pickeez_site.dialects.openapi.describe import Description, Operation, Schema
from pickeez_site.dialects.openapi.generator import Described, methods_of, routes_of
from pickeez_site.dialects.openapi.operations import path_of


def written_description(name: str) -> Described:
    written: Description = import_module(f"pickeez_site.dialects.{name}.schema").DESCRIPTION
    routes = routes_of(name)
    methods = {route: methods_of(pattern) for route, pattern in routes.items()}
    return Described(
        title=written.title,
        description=written.description,
        security_schemes=written.security_schemes,
        components=written.components,
        operations={
            (route, method): _written(
                written, operation, route if len(methods[route]) == 1 else f"{route}-{method}"
            )
            for (route, method), operation in written.operations.items()
        },
        paths={route: path_of(pattern, written.paths) for route, pattern in routes.items()},
    )


def _written(described: Description, operation: Operation, name: str) -> Schema:
    errors = {status: described.errors[status] for status in sorted({*operation.errors, *described.always})}
    security = described.security if operation.security is None else operation.security
    return {
        "operationId": name,
        "tags": [operation.section],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": list(operation.parameters),
        "security": [dict(alternative) for alternative in security],
        "responses": {str(status): said for status, said in {**operation.answers, **errors}.items()},
        **({"requestBody": operation.takes} if operation.takes else {}),
    }
