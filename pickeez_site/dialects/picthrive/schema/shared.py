"""What the objects of several sections are made of."""

from pickeez_site.dialects.openapi.describe import ID, INK, Schema, text
from pickeez_site.dialects.picthrive.members import EARLIEST, LATEST, MAX_TEXT

TEXT = r"^[^\x00]*$"  # no NUL: it cannot be stored
NOT_BLANK = rf"^[^\x00]*{INK}[^\x00]*$"

UNIX: Schema = {"type": "integer", "description": "Unix seconds."}
WHEN: Schema = {**UNIX, "type": ["integer", "null"], "minimum": EARLIEST, "maximum": LATEST}
NAME = text("Not blank.", maxLength=MAX_TEXT, pattern=NOT_BLANK)
REGION = text("A name of `GET /v1/Region/`.")

COMPONENTS: dict[str, Schema] = {
    "Id": ID,
    "Suffix": text(
        "To be put behind the base of the Region. Works with a plain GET for one to two days.",
        format="uri-reference",
        pattern="^/",
    ),
}
