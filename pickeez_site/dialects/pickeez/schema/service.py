"""The document's first routes."""

from pickeez_site.dialects.openapi.describe import Operation, answer, ref, text
from pickeez_site.dialects.pickeez.schema.errors import A_TOKEN_OR_NONE, NOT_NEEDED, READING

SECTION = "Service"

OPERATIONS = {
    ("root", "get"): Operation(
        section=SECTION,
        summary="Where you are",
        security=A_TOKEN_OR_NONE,
        answers={200: answer("A greeting.", ref("Message"), example={"msg": "Pickeez. See /routes."})},
        errors=READING,
    ),
    ("ping", "get"): Operation(
        section=SECTION,
        summary="The health probe",
        security=NOT_NEEDED,
        answers={200: answer("Alive.", ref("Message"), example={"msg": "pong"})},
        errors=(400,),
    ),
    ("routes", "get"): Operation(
        section=SECTION,
        summary="The routes, one on a line",
        security=A_TOKEN_OR_NONE,
        answers={
            200: answer("Methods and paths.", text(), media_types=("text/plain",), example="GET        /me\n")
        },
        errors=READING,
    ),
}
