"""The documents' own examples, and those that OpenAPI shows."""

import json
from functools import cache
from pathlib import Path
from typing import Any

DIALECTS = Path(__file__).resolve().parents[1]


@cache
def examples_of(dialect: str) -> dict[str, Any]:
    """The examples in a dialect's folder, by the file's name without `.json`."""
    folder = DIALECTS / dialect / "examples"
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def shown_examples_of(dialect: str) -> dict[str, dict[str, Any]]:
    """What OpenAPI shows, by the operation's id, or by its route's name for all methods: `openapi_examples.json`.

    There, `request` is an example of the body, and `200` or another status of an answer; in place of one there may
    be `{"several": {name: example}}`. `{"$ref": "photo.json#/owner"}` is the part of a document's example at that
    JSON Pointer, `{"$ref": "#/shared/photo"}` one of the same file; members beside `$ref` are put in or replaced.
    """
    path = DIALECTS / dialect / "openapi_examples.json"
    files = {"": json.loads(path.read_text()) if path.exists() else {}, **examples_of(dialect)}

    def resolved(value: Any) -> Any:
        if isinstance(value, list):
            return [resolved(item) for item in value]
        if not isinstance(value, dict):
            return value
        members = {name: resolved(item) for name, item in value.items() if name != "$ref"}
        if "$ref" not in value:
            return members
        file, _, pointer = value["$ref"].partition("#")
        referred = files[file.removesuffix(".json")]
        for part in pointer.split("/")[1:]:
            referred = referred[int(part) if isinstance(referred, list) else part]
        return {**resolved(referred), **members} if members else resolved(referred)

    shown: dict[str, dict[str, Any]] = resolved(files[""])
    return shown
