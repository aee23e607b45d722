"""Archives, and where pictures are."""

from django.conf import settings

from photos.models import ORIGINAL, Rendition
from pickeez_site.dialects.openapi.describe import (
    URL,
    Operation,
    Schema,
    answer,
    array,
    body,
    in_path,
    nullable,
    record,
    ref,
    text,
)
from pickeez_site.dialects.picthrive.members import MAX_TEXT
from pickeez_site.dialects.picthrive.schema import examples
from pickeez_site.dialects.picthrive.schema.errors import OF_A_BODY
from pickeez_site.dialects.picthrive.schema.groups import GROUP_ID
from pickeez_site.dialects.picthrive.schema.shared import REGION, TEXT
from pickeez_site.dialects.picthrive.zips import MAX_FILES, MAX_SUFFIX

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KINDS = "|".join([ORIGINAL, *Rendition.Kind.values])
FILE = rf"^/media/{UUID}/({KINDS})/[^/\x00]*$"

COMPONENTS: dict[str, Schema] = {
    "WantedPicture": record(
        {
            "File": text(
                "A suffix of a photo of the group; it may have expired.",
                maxLength=MAX_SUFFIX,
                pattern=FILE,
                format="picture",
            )
        },
        {
            "FileName": nullable(text("Its name in the archive.", maxLength=MAX_TEXT, pattern=TEXT)),
            "Region": {"enum": [settings.REGION_NAME, "", None]},
        },
        additionalProperties=True,
    ),
    "WantedZip": record(
        {"Photos": array(ref("WantedPicture"), minItems=1, maxItems=MAX_FILES)},
        {"Name": nullable(text("The archive's; the group's if blank.", maxLength=MAX_TEXT, pattern=TEXT))},
        additionalProperties=True,
    ),
    "Zip": record(
        {
            "Progress": {"type": "number", "minimum": 0, "maximum": 1},
            "Url": nullable(ref("Suffix")),
            "Region": REGION,
        },
        {"Error": text("Why it cannot be made.", minLength=1)},
    ),
}

OPERATIONS = {
    ("picthrive-zips", "post"): Operation(
        section="Archives",
        summary="Asks for an archive of a group's pictures",
        description="The worker makes it; it is kept for a day.",
        parameters=[GROUP_ID],
        takes=body(
            ref("WantedZip"),
            example={
                "Photos": [{"File": examples.media("original"), "FileName": "IMG_01.jpg"}],
                "Name": "Summer",
            },
        ),
        answers={
            200: answer(
                "Where to ask how far it is.",
                record({"Status": {**URL, "description": "Takes the token of who asked for the archive."}}),
                example={"Status": f"{examples.BASE}/v1/Zip/{examples.ZIP_ID}"},
            )
        },
        errors=OF_A_BODY,
    ),
    ("picthrive-zip", "get"): Operation(
        section="Archives",
        summary="How far an archive is",
        description="Only to who asked for it.",
        parameters=[in_path("zip_id", ref("Id"), example=examples.ZIP_ID)],
        answers={
            200: answer(
                "How far it is.",
                ref("Zip"),
                going_on={"Progress": 0.5, "Url": None, "Region": examples.REGION},
                ready={"Progress": 1, "Url": examples.media("zip", "zip"), "Region": examples.REGION},
            )
        },
        errors=(404,),
    ),
    ("picthrive-regions", "get"): Operation(
        section="Regions",
        summary="Where pictures are",
        description="What to put before a suffix, by the Region beside it.",
        answers={
            200: answer(
                "Each region's base URL.",
                record({"Regions": {"type": "object", "minProperties": 1, "additionalProperties": URL}}),
                example={"Regions": {examples.REGION: examples.BASE}},
            )
        },
    ),
}
