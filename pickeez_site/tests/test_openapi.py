"""The schemas: valid, complete, of one dialect or of all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from core.tests.answers import Answer, Json
from pickeez_site.dialects.openapi import examples, generator
from pickeez_site.dialects.openapi.examples import shown_examples_of
from pickeez_site.dialects.openapi.generator import description_of, dialect_names, methods_of, routes_of
from pickeez_site.tests.test_architecture import DIALECTS

ALL = [None, *dialect_names()]


def schema(client: Client, dialect: str | None, **headers: str) -> Answer:
    answer = client.get(f"/api/schema/{dialect}/" if dialect else "/api/schema/", headers=headers)
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_route_and_method_is_described(dialect: str) -> None:
    served = {(name, method) for name, route in routes_of(dialect).items() for method in methods_of(route)}
    assert served
    assert set(description_of(dialect).operations) == served


@pytest.mark.parametrize("dialect", ALL)
def test_the_schema_is_valid(client: Client, dialect: str | None) -> None:
    validate_schema(schema(client, dialect).json())


def test_nothing_is_warned_about(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json")
    assert json.loads(capsys.readouterr().out)["paths"].keys() >= {"/v1/users/post-profile"}


@pytest.mark.parametrize("dialect", ALL)
def test_every_reference_leads_somewhere_and_nothing_is_unused(client: Client, dialect: str | None) -> None:
    described = schema(client, dialect).json()
    components = described["components"]
    named = {f"#/components/schemas/{name}" for name in components["schemas"]}
    assert set(_references(described)) == named
    required = {
        name for _, _, one in _operations(described) for alternative in one["security"] for name in alternative
    }
    assert required == set(components["securitySchemes"])


@pytest.mark.parametrize("dialect", ALL)
def test_every_path_parameter_is_described(client: Client, dialect: str | None) -> None:
    for path, _, operation in _operations(schema(client, dialect).json()):
        described = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert described == {part.split("}")[0] for part in path.split("{")[1:]}, path


@pytest.mark.parametrize("dialect", ALL)
def test_every_example_is_as_described(client: Client, dialect: str | None) -> None:
    described = schema(client, dialect).json()
    for path, method, operation in _operations(described):
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for one in (media for said in contents for media in said.get("content", {}).values()):
            examples = [value["value"] for value in one.get("examples", {}).values()]
            for example in [*examples, *([one["example"]] if "example" in one else [])]:
                validator = Draft202012Validator({**one["schema"], "components": described["components"]})
                assert not list(validator.iter_errors(example)), (path, method, example)


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_example_belongs_to_an_operation(dialect: str) -> None:
    names = {"shared", *routes_of(dialect)}
    names |= {one["operationId"] for one in description_of(dialect).operations.values()}
    assert set(shown_examples_of(dialect)) <= names


def test_examples_refer_to_those_of_the_document(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    document = {"photo": {"Id": "a", "Sizes": [1, 2]}}
    shown = {
        "shared": {"small": {"$ref": "album.json#/photo", "Id": "b"}},
        "photo": {
            "request": {"$ref": "album.json#/photo/Sizes/1"},
            "200": {"Photos": [{"$ref": "#/shared/small"}]},
        },
        "album": {"200": {"$ref": "album.json"}},
    }
    (tmp_path / "ours/examples").mkdir(parents=True)
    (tmp_path / "ours/examples/album.json").write_text(json.dumps(document))
    (tmp_path / "ours/openapi_examples.json").write_text(json.dumps(shown))
    monkeypatch.setattr(examples, "DIALECTS", tmp_path)
    small = {"Id": "b", "Sizes": [1, 2]}
    assert shown_examples_of("ours") == {
        "shared": {"small": small},
        "photo": {"request": 2, "200": {"Photos": [small]}},
        "album": {"200": document},
    }


def test_names_in_the_schema_of_all_carry_the_dialects(client: Client) -> None:
    joined = schema(client, None).json()
    for dialect in dialect_names():
        title = description_of(dialect).title
        own = schema(client, dialect).json()
        assert own["info"]["title"] == title
        assert joined["paths"].items() >= {path: joined["paths"][path] for path in own["paths"]}.items()
        assert {f"{title}{name}" for name in own["components"]["schemas"]} <= set(joined["components"]["schemas"])


def test_json_unless_yaml_is_asked_for(client: Client) -> None:
    assert schema(client, None)["Content-Type"] == "application/json"
    assert schema(client, None, accept="text/html, */*")["Content-Type"] == "application/json"
    yaml = schema(client, "pixoneye", accept="application/yaml")
    assert yaml["Content-Type"] == "application/yaml; charset=utf-8"
    assert yaml.content.startswith(b"openapi: 3.1.1\n")


def test_an_unknown_dialect_is_not_found(client: Client) -> None:
    for name in ("esperanto", "openapi", "base", "..", "pixoneye.schema"):
        assert client.get(f"/api/schema/{name}/").status_code == 404


def _operations(described: dict[str, Json]) -> Iterator[tuple[str, str, dict[str, Json]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_a_security_scheme_means_the_same_in_every_dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    pixoneye = description_of("pixoneye")
    other = {**pixoneye.security_schemes, "token": {"type": "http", "scheme": "basic"}}
    descriptions = iter([pixoneye, replace(pixoneye, security_schemes=other)])
    monkeypatch.setattr(generator, "dialect_names", lambda: ["pixoneye", "another"])
    monkeypatch.setattr(generator, "description_of", lambda *_, **__: next(descriptions))
    with pytest.raises(ValueError, match="means something else by token"):
        generator.Generator().get_schema(public=True)
