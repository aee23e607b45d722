"""The document's session as examples for OpenAPI, with paths in place of its placeholders."""

import json
from typing import TypedDict

from pickeez_site.dialects.openapi.examples import examples_of
from pickeez_site.dialects.pictopy.wire import Success, success
from pickeez_site.dialects.wire import Json

PLACES = {"{folder}": "/pictures/trip", "{extra}": "/pictures/other/4.png"}


class Examples(TypedDict):
    """Of an operation."""

    example: Json
    answer_example: Success[Json]


def _steps() -> dict[str, dict[str, dict[str, Json]]]:
    """The first request to each path, and its answer."""
    text = json.dumps(examples_of("pictopy")["session"]["steps"])
    for placeholder, path in PLACES.items():
        text = text.replace(placeholder, path)
    return {step["request"]["path"]: step for step in reversed(json.loads(text))}


STEPS = _steps()


def session(path: str, message: str) -> Examples:
    """What the session sends to a path, and what it gets; the document leaves the answer's message open."""
    request, answer = STEPS[path]["request"], STEPS[path]["answer"]["json"]
    assert isinstance(answer, dict)  # noqa: S101 - of JSON
    return {"example": request.get("json"), "answer_example": success(answer["data"], message)}
