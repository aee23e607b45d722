"""The document's own requests, sent to a running server; `../examples/` holds them with their answers.

In an answer `"ANY"` stands for any value, and a member `"..."` for all members that are not named. `{album}` and the like
are the ids of this run; `{created:set}` takes the value from the answer for the steps that follow.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from albums.models import Album
from conftest import MakePicture, Person
from photos import storage

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.json"))
PASSWORD = "for-the-algorithm"


def filled(value: Any, known: dict[str, str]) -> Any:
    """The value with the names of this run's things replaced."""
    if isinstance(value, dict):
        return {filled(key, known): filled(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    if isinstance(value, str):
        for name, text in known.items():
            value = value.replace(f"{{{name}}}", text)
    return value


def note_new_names(expected: Any, got: Any, known: dict[str, str]) -> None:
    for member, value in expected.items() if isinstance(expected, dict) else ():
        if isinstance(value, str) and value.endswith(":set}"):
            known[value[1:].removesuffix(":set}")] = got[member]
            expected[member] = got[member]


def differences(expected: Any, got: Any, where: str = "answer") -> list[str]:
    if expected == "ANY":
        return []
    if isinstance(expected, dict) and isinstance(got, dict):
        members = set(expected) - {"..."}
        if members != set(got) and not ("..." in expected and members <= set(got)):
            return [f"{where} has the members {sorted(got)}"]
        return [fault for name in members for fault in differences(expected[name], got[name], f"{where}.{name}")]
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        pairs = enumerate(zip(expected, got, strict=True))
        return [fault for index, pair in pairs for fault in differences(*pair, f"{where}[{index}]")]
    return [] if expected == got else [f"{where} is {got!r} and not {expected!r}"]


@pytest.fixture
def known(
    settings: Settings,
    live_server: LiveServer,
    owner: Person,
    member: Person,
    album: Album,
    make_picture: MakePicture,
) -> dict[str, str]:
    settings.ALGO_PASSWORD = PASSWORD
    settings.ALBUM_PROCESSOR = "external"
    storage.save("camera/a.png", make_picture(0).read())
    people = {"owner": owner.id, "member": member.id, "token": owner.token}
    return {"album": str(album.pk), "password": PASSWORD, **people}


def send(server: str, request: dict[str, Any]) -> requests.Response:
    return requests.request(
        request["method"],
        server + request["path"],
        params=request.get("query"),
        data=request.get("form"),
        json=request.get("json"),
        timeout=20,
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_documents_requests_get_their_answers(
    live_server: LiveServer, known: dict[str, str], path: Path
) -> None:
    with time_machine.travel(timezone.now()) as clock:
        for number, step in enumerate(json.loads(path.read_text())["steps"]):
            if "wait" in step:
                clock.shift(step["wait"])
                continue
            answer = send(live_server.url, filled(step["request"], known))
            expected = step["answer"]
            note_new_names(expected["json"], answer.json(), known)
            faults = differences(filled(expected["json"], known), answer.json())
            assert (number, answer.status_code, faults) == (number, expected["status"], []), step["request"]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 6
