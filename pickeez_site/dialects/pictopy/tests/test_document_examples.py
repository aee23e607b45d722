"""The document's requests, each route once, sent by a program on this machine to a running server, with no token."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from conftest import Person
from pickeez_site.dialects.pictopy.urls import urlpatterns

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def places(settings: Settings, owner: Person, root: Path, put: Callable[..., str]) -> dict[str, str]:
    settings.LOCAL_LIBRARY_USER = owner.phone
    for name, people in (("1", (0,)), ("2", (0,)), ("3", ())):
        put(f"trip/{name}.png", *people)
    return {"folder": str(root / "trip"), "extra": put("other/4.png", 5)}


def steps(places: dict[str, str]) -> list[dict[str, Any]]:
    text = (EXAMPLES / "session.json").read_text()
    for name, path in places.items():
        text = text.replace(f"{{{name}}}", json.dumps(path)[1:-1])
    return json.loads(text)["steps"]


def matches(expected: Any, got: Any) -> bool:
    if expected == "ANY":
        return bool(got)
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(matches(expected[name], got[name]) for name in expected)
    return expected == got


def send(server: str, request: dict[str, Any], **headers: str) -> requests.Response:
    return requests.request(
        request["method"],
        server + request["path"],
        params=request.get("query"),
        json=request.get("json"),
        headers=headers,
        timeout=20,
    )


def test_a_desktop_clients_session_works_as_written(live_server: LiveServer, places: dict[str, str]) -> None:
    for step in steps(places):
        answer = send(live_server.url, step["request"])
        assert answer.status_code == step["answer"]["status"], (step["request"], answer.text)
        assert matches(step["answer"]["json"], answer.json()), (step["request"], answer.text)


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "192.0.2.1"}, {"Origin": "https://evil.example"}])
def test_none_of_it_works_from_elsewhere(
    live_server: LiveServer, places: dict[str, str], headers: dict[str, str]
) -> None:
    for step in steps(places):
        assert send(live_server.url, step["request"], **headers).status_code == 401


def test_none_of_it_works_with_the_setting_empty(
    live_server: LiveServer, places: dict[str, str], settings: Settings
) -> None:
    settings.LOCAL_LIBRARY_USER = ""
    for step in steps(places):
        assert send(live_server.url, step["request"]).status_code == 401


def test_the_examples_use_every_route(places: dict[str, str]) -> None:
    used = {step["request"]["path"].strip("/") for step in steps(places)}
    assert used == {str(pattern.pattern).rstrip("/") for pattern in urlpatterns}
