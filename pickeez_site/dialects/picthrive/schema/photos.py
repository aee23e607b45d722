"""Single photos."""

from photos.models import MAX_SORT_ORDER
from pickeez_site.dialects.openapi.describe import (
    BOOLEAN,
    ID,
    Operation,
    Schema,
    answer,
    body,
    in_path,
    nullable,
    record,
    ref,
    text,
)
from pickeez_site.dialects.picthrive.schema import examples
from pickeez_site.dialects.picthrive.schema.errors import OF_A_BODY
from pickeez_site.dialects.picthrive.schema.shared import NOT_BLANK, REGION, UNIX
from pickeez_site.dialects.picthrive.serializers import RENDITIONS

SECTION = "Photos"
PHOTO_ID = in_path("photo_id", ref("Id"), example=examples.PHOTO_ID)

SIZE: Schema = {"type": ["integer", "null"], "minimum": 1, "description": "Pixels of the upright picture."}
FACTS: dict[str, Schema] = {
    "OwnerId": ID,
    "GroupId": nullable({**ID, "description": "Null: in its owner's library."}),
    "PhotoId": ID,
    "Created": UNIX,
    "Deleted": BOOLEAN,
    "SortOrder": text("The file's name without its ending, unless set."),
    "Ratio": {"type": ["number", "null"], "exclusiveMinimum": 0, "description": "Width / Height."},
    "Width": SIZE,
    "Height": SIZE,
    "Megapixels": {"type": ["number", "null"], "minimum": 0},
    "Region": REGION,
    "Hue": nullable(text("The overall colour.", pattern="^#[0-9a-f]{6}$")),
    "LastUpdatedUnix": UNIX,
}

COMPONENTS: dict[str, Schema] = {
    "Photo": record(
        {**FACTS, **dict.fromkeys((*RENDITIONS, "Original"), nullable(ref("Suffix")))},
        description="As members see it. Until it is processed its renditions, sizes, Ratio and Hue are null; of a "
        "deleted one, which its owner sees for 30 days, all suffixes are.",
    ),
    "Placing": record(
        {"GroupId": ID},
        {
            "DoCopy": {"type": ["boolean", "null"], "default": False},
            "SortOrder": {"enum": [None, ""], "description": "Not together with GroupId."},
        },
        additionalProperties=True,
        description="Moves the photo to the group, or copies it there.",
    ),
    "Sorting": record(
        {"SortOrder": text("Not blank.", maxLength=MAX_SORT_ORDER, pattern=NOT_BLANK)},
        {"GroupId": {"not": {}, "description": "Not together with SortOrder."}},
        additionalProperties=True,
        description="Changes the photo's place among others.",
    ),
    "Placed": record({"PhotoId": {**ID, "description": "Of the photo, or of the new one that is its copy."}}),
}

OPERATIONS = {
    ("picthrive-photo", "get"): Operation(
        section=SECTION,
        summary="A photo",
        description="Also a deleted one, to its owner, until it is purged.",
        parameters=[PHOTO_ID],
        answers={
            200: answer("The photo.", ref("Photo"), processed=examples.PHOTO, unprocessed=examples.UNPROCESSED)
        },
        errors=(404,),
    ),
    ("picthrive-photo", "delete"): Operation(
        section=SECTION,
        summary="Deletes a photo",
        description="The photo's or the group's owner. Its files go when the last photo that uses them is purged, "
        "30 days later. It may be repeated.",
        parameters=[PHOTO_ID],
        answers={200: answer("It is deleted.", record({}), example={})},
        errors=(403, 404),
    ),
    ("picthrive-photo", "put"): Operation(
        section=SECTION,
        summary="Moves, copies or sorts a photo",
        description="Moving keeps the PhotoId, and is for the photo's or the group's owner; so is sorting. "
        "Copying is for whoever sees the photo, and makes a new one of the same files: nothing is stored or "
        "recognised again. The caller must be a member of the other group.",
        parameters=[PHOTO_ID],
        takes=body(
            {"oneOf": [ref("Placing"), ref("Sorting")]},
            move=examples.MOVE,
            copy={**examples.MOVE, "DoCopy": True},
            sort={"SortOrder": examples.PHOTO["SortOrder"]},
        ),
        answers={200: answer("The photo's id.", ref("Placed"), example={"PhotoId": examples.PHOTO_ID})},
        errors=(403, 409, *OF_A_BODY),
    ),
}
