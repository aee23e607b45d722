"""An action takes the members of a request as keyword-only parameters."""

import json
from typing import Annotated

import pytest
from django.test import RequestFactory
from msgspec import UNSET, UnsetType
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from core.tests.answers import Json
from pickeez_site.dialects import viewsets
from pickeez_site.dialects.openapi.operations import Describer
from pickeez_site.dialects.pixoneye.dialect import DIALECT
from pickeez_site.dialects.wire import SentId, Wire
from pickeez_site.dialects.wire.types import rules


class Camel(Wire, rename="camel"): ...


class Sent(Wire):
    given: list[str]


class AlbumViewSet(viewsets.DialectViewSet):
    dialect = DIALECT
    section = "Albums"
    parser_classes = [JSONParser]

    @viewsets.operation("Changes an album", base=Camel)
    def update(
        self,
        request: Request,
        album_id: SentId,
        *,
        new_name: Annotated[str, rules("As members see it.", max_length=5)],
        order: int | UnsetType = UNSET,
        deleted: bool = False,
    ) -> Sent:
        return Sent(given=[album_id, new_name, str(order), str(deleted)])


def send(members: Json) -> tuple[int, Json]:
    request = RequestFactory().post("/", members, content_type="application/json")
    answer = AlbumViewSet.as_view({"post": "update"})(request, album_id="7")
    return answer.status_code, json.loads(answer.render().content)


def test_members_are_parameters_under_their_names_on_the_wire() -> None:
    assert send({"newName": "Here", "order": 3}) == (200, {"given": ["7", "Here", "3", "False"]})


def test_what_is_not_sent_has_the_default_of_the_parameter() -> None:
    assert send({"newName": ""}) == (200, {"given": ["7", "", "UNSET", "False"]})


def test_a_parameter_without_default_is_required() -> None:
    assert send({"order": 3}) == (400, {"error": "newName is missing."})


@pytest.mark.parametrize("name", ["Longer", 1])
def test_what_is_not_allowed_is_named(name: Json) -> None:
    assert send({"newName": name}) == (400, {"error": "newName must be text of at most 5 characters."})


def test_the_members_are_described_where_they_stand() -> None:
    describer = Describer(DIALECT)
    described = describer.describe(AlbumViewSet, vars(AlbumViewSet.update)["operation"], "post")
    (content,) = described["requestBody"]["content"].values()
    name = {"type": "string", "description": "As members see it.", "maxLength": 5}
    assert content["schema"] == {
        "type": "object",
        "properties": {
            "newName": name,
            "order": {"type": "integer"},
            "deleted": {"type": "boolean", "default": False},
        },
        "required": ["newName"],
        "additionalProperties": False,
    }
    assert [one["name"] for one in described["parameters"]] == ["album_id"]
    assert set(describer.components) == {"Error", "Sent"}


def test_of_a_get_the_members_are_in_the_query() -> None:
    described = Describer(DIALECT).describe(AlbumViewSet, vars(AlbumViewSet.update)["operation"], "get")
    named = [(one["name"], one["in"], one["required"]) for one in described["parameters"]]
    assert named == [
        ("album_id", "path", True),
        ("newName", "query", True),
        ("order", "query", False),
        ("deleted", "query", False),
    ]
