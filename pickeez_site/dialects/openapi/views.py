"""The schemas over HTTP, as JSON or, on request, as YAML."""

from django.http import Http404
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pickeez_site.dialects.dialect import Schema
from pickeez_site.dialects.openapi.generator import Generator, dialect_names


class SchemaView(APIView):
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2]

    def get(self, request: Request, dialect: str | None = None) -> Response:
        if dialect and dialect not in dialect_names():
            raise Http404
        return Response(schema_of(dialect))


def schema_of(dialect: str | None) -> Schema:
    return Generator(dialect=dialect).get_schema(public=True)
