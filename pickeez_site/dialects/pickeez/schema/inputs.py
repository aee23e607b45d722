"""What the routes take. Parameters are read as text, so that numbers and booleans of JSON may stand for it."""

from collections.abc import Mapping

from pickeez_site.dialects.openapi.describe import (
    BOOLEAN,
    FORM,
    INK,
    JSON,
    MULTIPART,
    Schema,
    array,
    content,
    nullable,
    parameter,
    record,
    ref,
    text,
    words,
)
from pickeez_site.dialects.pickeez.parameters import MAX_NUMBER, MAX_PHONES, MAX_TEXT, NO, YES

FORMS = (FORM, MULTIPART)
SCALARS = ["string", "number", "boolean"]


def free_text(description: str = "", *, max_length: int = MAX_TEXT) -> Schema:
    """Text that may be left out, or empty."""
    said = {"description": description} if description else {}
    return {"type": SCALARS, "maxLength": max_length, **said}


def some_text(description: str = "", *, max_length: int = MAX_TEXT, **more: object) -> Schema:
    """Text that must be there, and be more than blanks."""
    said = {"description": description} if description else {}
    return {"type": SCALARS, "maxLength": max_length, "pattern": INK, **said, **more}


def needed_text(description: str) -> Schema:
    """Text that must be there, and may be empty."""
    return {"type": SCALARS, "maxLength": MAX_TEXT, "description": description}


def at_most(maximum: int, *, default: int, description: str = "") -> Schema:
    """How many are wanted, in the query; nothing counts as missing."""
    said = {"description": description} if description else {}
    counted = {"type": "integer", "minimum": 1, "maximum": maximum}
    return {"anyOf": [counted, text(maxLength=MAX_TEXT, pattern="^[ \t\r\n]*$")], "default": default, **said}


def json_in_form(description: str, **more: object) -> Schema:
    return text(f"{description} As JSON text.", contentMediaType=JSON, **more)


def an_id(of: str, description: str = "", **more: object) -> Schema:
    """An id of an album, a photo, a user or a selfie. What was never one is as unknown as one never issued."""
    return text(description, format=f"{of}-id", **more)


def needed_id(of: str) -> Schema:
    """An id in a parameter that may not be missing."""
    return an_id(of, minLength=1, maxLength=MAX_TEXT, pattern=INK)


WISH: Schema = {"anyOf": [BOOLEAN, words([word for word in (*YES, *NO) if word]), {"enum": [0, 1]}]}

INPUTS: dict[str, Schema] = {
    "Flag": {
        "anyOf": [BOOLEAN, words([*YES, *NO]), {"enum": [0, 1]}],
        "description": f"Yes is true or one of {', '.join(YES)}; no is false, nothing or one of "
        f"{', '.join(word for word in NO if word)}.",
    },
    "Number": {
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER},
            text(format="digits", maxLength=MAX_TEXT),
        ],
        "description": "A whole number, also as text.",
    },
    "Phone": {
        "anyOf": [
            text(format="phone", minLength=3, maxLength=40),
            {"type": "integer", "minimum": 100, "maximum": 10**15 - 1},
        ],
        "description": "3 to 15 digits: with country code, or as dialled where the caller's own phone is from.",
    },
}

FLAG, NUMBER, PHONE = ref("Flag"), ref("Number"), ref("Phone")
PHONES: Schema = array(PHONE, minItems=1, maxItems=MAX_PHONES)


def fields(
    required: Mapping[str, Schema] | None = None, optional: Mapping[str, Schema] | None = None, **more: object
) -> Schema:
    """A body with these parameters. Others are ignored."""
    return record(required or {}, optional, additionalProperties=True, **more)


def in_json(required: Mapping[str, Schema] | None = None, optional: Mapping[str, Schema] | None = None) -> Schema:
    """The same in JSON, where null is as good as missing."""
    return fields(required, {name: nullable(schema) for name, schema in (optional or {}).items()})


def parameters(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, *, example: object = None
) -> Schema:
    """The same parameters as JSON or in a form."""
    return {
        "required": bool(required),
        "content": {
            **content(in_json(required, optional), example=example),
            **content(record(required, optional), media_types=FORMS, example=example),
        },
    }


def in_query(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> list[Schema]:
    needed = [parameter(name, schema, required=True) for name, schema in required.items()]
    return needed + [parameter(name, schema) for name, schema in (optional or {}).items()]
