"""The objects of the document, and the two envelopes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from photos.objects.coco import NAMES
from pickeez_site.dialects.openapi.describe import (
    Schema,
    answer,
    array,
    examples_in,
    nullable,
    parameter,
    record,
    ref,
    text,
    words,
)
from pickeez_site.dialects.pictopy.payload import MAX_DESCRIPTION, MAX_NAME, MAX_PATH
from pickeez_site.dialects.pictopy.serializers import NONE
from pickeez_site.dialects.pictopy.viewsets import MAX_ROWS

PATH, PATHS = ref("Path"), array(ref("Path"))
NEXT = text(f"What to send as `after` for the rest, where there are more than {MAX_ROWS} rows.", minLength=1)

COMPONENTS: dict[str, Schema] = {
    "AlbumName": text("One of the caller's own albums.", minLength=1, maxLength=MAX_NAME, format="album-name"),
    "Description": text(maxLength=MAX_DESCRIPTION),
    "Path": text(
        "The path by which the image was imported, or its storage key.",
        minLength=1,
        maxLength=MAX_PATH,
        format="image-path",
    ),
    "FolderPath": text(
        "The folder below which all imported images of the answer lie; empty when there are none.",
        maxLength=MAX_PATH,
    ),
    "ClassName": words(NAMES, description="One of the classes of COCO."),
    "None": {"const": NONE, "description": "No objects were found, or the image has not been looked at yet."},
    "Album": record({"album_name": ref("AlbumName"), "photos": PATHS, "folder_path": ref("FolderPath")}),
    "ListedAlbum": record(
        {
            "album_name": text("Empty where another client has given none."),
            "image_paths": PATHS,
            "description": text(),
        }
    ),
    "Images": record({"image_files": PATHS, "folder_path": ref("FolderPath")}),
    "Objects": record(
        {
            "images": {
                "type": "object",
                "description": "Paths, each with the classes on it, the surest first.",
                "additionalProperties": {"anyOf": [ref("ClassNames"), ref("None")]},
            },
            "folder_path": ref("FolderPath"),
        }
    ),
    "ClassNames": array(ref("ClassName"), minItems=1, uniqueItems=True),
    "SimilarPair": record(
        {
            "image1": text("The last part of the path."),
            "image2": text("The last part of the path."),
            "similarity": {
                "type": "number",
                "minimum": -1,
                "maximum": 1,
                "description": "The cosine of the two faces that are most alike; six decimals.",
            },
        }
    ),
    "Failure": record(
        {
            "status_code": {"type": "integer", "minimum": 400, "maximum": 599},
            "content": record(
                {
                    "success": {"const": False},
                    "error": text("What is wrong.", minLength=1),
                    "message": text("The same in a sentence.", minLength=1),
                }
            ),
        }
    ),
}

AFTER = parameter(
    "after",
    text("An answer's `next_after`.", maxLength=MAX_PATH),
    description="Goes on with a list where an answer ended.",
)


def success(description: str, data: Schema, message: str, *, goes_on: bool = False, example: Any) -> Schema:
    """The answer in the success's envelope, with `next_after` where a list may go on; `example` is of its data."""
    enveloped = record(
        {"data": data, "message": text(minLength=1), "success": {"const": True}},
        {"next_after": NEXT} if goes_on else {},
    )
    return answer(description, enveloped, example={"data": example, "message": message, "success": True})


def members(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """A body; members that nobody knows are ignored."""
    return record(required, optional, additionalProperties=True)


def naming_album(
    documented: str, required: Mapping[str, Schema] | None = None, optional: Mapping[str, Schema] | None = None
) -> Schema:
    """A body that names an album as `album_name` or as `name`; `documented` goes first unless it is empty."""
    other = "name" if documented == "album_name" else "album_name"
    empty = nullable(text(maxLength=0))
    return {
        "anyOf": [
            members({documented: ref("AlbumName"), **(required or {})}, optional),
            members({other: ref("AlbumName"), **(required or {})}, {documented: empty, **(optional or {})}),
        ]
    }


PLACES = {"{folder}": "/pictures/trip", "{extra}": "/pictures/other/4.png"}
EXAMPLES = Path(__file__).parents[1] / "examples"


def _placed(value: Any) -> Any:
    """The same with paths in place of the placeholders."""
    filled = json.dumps(value)
    for placeholder, path in PLACES.items():
        filled = filled.replace(placeholder, path)
    return json.loads(filled)


# The first request to each path in the document's session, and its answer.
_STEPS = {step["request"]["path"]: step for step in reversed(_placed(examples_in(EXAMPLES)["session"])["steps"])}


def sent(path: str) -> Any:
    return _STEPS[path]["request"]["json"]


def answered(path: str) -> Any:
    return _STEPS[path]["answer"]["json"]["data"]
