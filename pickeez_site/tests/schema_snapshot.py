"""Schemas as files: what clients were promised when the file was written, and how a schema differs from that.

`python -m pickeez_site.tests.schema_snapshot` writes them anew, with `--compare` it only prints the differences.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

Schema = dict[str, Any]
FOLDER = Path(__file__).resolve().parents[1] / "dialects"
COMPONENT = "#/components/schemas/"
# Lists in which the order says nothing.
SETS = frozenset(("required", "enum", "anyOf", "oneOf", "allOf", "type", "parameters", "security", "tags"))


def snapshot_path(dialect: str) -> Path:
    return FOLDER / dialect / "schema.json"


def generated(dialect: str) -> Schema:
    """The schema of one dialect as plain JSON."""
    from pickeez_site.dialects.openapi.generator import Generator

    schema: Schema = json.loads(json.dumps(Generator(dialect=dialect).get_schema(public=True)))
    return schema


def write_snapshot(dialect: str) -> Path:
    path = snapshot_path(dialect)
    path.write_text(json.dumps(generated(dialect), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return path


def read_snapshot(dialect: str) -> Schema:
    written: Schema = json.loads(snapshot_path(dialect).read_text())
    return written


def normalised(schema: Schema) -> Schema:
    """The same without what says nothing to a client: names of components, order, other ways to write the same."""
    components = schema["components"]["schemas"]
    return {
        "info": schema["info"],
        "paths": _normalised(schema["paths"], components),
        "security": _normalised(schema["components"]["securitySchemes"], components),
    }


def _normalised(value: Any, components: Schema) -> Any:
    if isinstance(value, list):
        return [_normalised(item, components) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(reference := value.get("$ref"), str):
        return _normalised(components[reference.removeprefix(COMPONENT)], components)
    value = _with_one_null(value)
    if value.get("additionalProperties") is True:  # as without it
        value = {name: item for name, item in value.items() if name != "additionalProperties"}
    if "const" in value:  # one word that is allowed
        value = {**{name: item for name, item in value.items() if name != "const"}, "enum": [value["const"]]}
    if isinstance(value.get("enum"), list):  # whose words say what they are
        value = {name: item for name, item in value.items() if name != "type"}
    members = {name: _normalised(item, components) for name, item in value.items()}
    return {
        name: sorted(item, key=_written) if name in SETS and isinstance(item, list) else item
        for name, item in members.items()
    }


def _with_one_null(value: Schema) -> Schema:
    """`type: [string, null]`, and words with null among them, as `anyOf` of the one and of null."""
    said = {name: item for name, item in value.items() if name in ("description", "default")}
    one = {name: item for name, item in value.items() if name not in said}
    types, words = value.get("type"), value.get("enum")
    if isinstance(types, list) and "null" in types and "anyOf" not in value:
        others = [name for name in types if name != "null"]
        one["type"] = others[0] if len(others) == 1 else others
    elif isinstance(words, list) and None in words and len(words) > 1:
        one["enum"] = [word for word in words if word is not None]
    else:
        return value
    return {**said, "anyOf": [one, {"type": "null"}]}


def _written(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def differences(before: object, after: object, place: str = "") -> Iterator[str]:
    """Where two normalised schemas differ, a line each."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            where = f"{place}/{name}"
            if name not in after:
                yield f"- {where}: {_written(before[name])[:200]}"
            elif name not in before:
                yield f"+ {where}: {_written(after[name])[:200]}"
            else:
                yield from differences(before[name], after[name], where)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{place}/{number}")
    elif before != after:
        yield f"~ {place}: {_written(before)[:200]} -> {_written(after)[:200]}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the schema of each API to its file.")
    parser.add_argument("--compare", action="store_true", help="only print how the schemas differ from the files")
    compare: bool = parser.parse_args().compare
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pickeez_site.settings")
    django.setup()
    from pickeez_site.dialects.openapi.generator import dialect_names

    for dialect in dialect_names():
        sys.stdout.write(f"{dialect}:\n")
        if compare:
            before, after = normalised(read_snapshot(dialect)), normalised(generated(dialect))
            sys.stdout.writelines(f"{line}\n" for line in differences(before, after))
        else:
            sys.stdout.write(f"{write_snapshot(dialect)}\n")


if __name__ == "__main__":
    main()
