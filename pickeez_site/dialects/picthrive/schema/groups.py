"""Groups: albums, as shops know them."""

from pickeez_site.dialects.openapi.describe import (
    BOOLEAN,
    COUNT,
    ID,
    Operation,
    Schema,
    answer,
    array,
    body,
    in_path,
    nullable,
    parameter,
    record,
    ref,
    text,
)
from pickeez_site.dialects.picthrive.groups import MAX_GROUPS
from pickeez_site.dialects.picthrive.schema import examples
from pickeez_site.dialects.picthrive.schema.errors import OF_A_BODY
from pickeez_site.dialects.picthrive.schema.shared import NAME, REGION, UNIX, WHEN

SECTION = "Groups"
GROUP_ID = in_path("group_id", ref("Id"), example=examples.GROUP_ID)
AFTER = parameter("After", text(format="next"), description="The Next of the answer before, to go on after it.")
THE_GROUP = answer("The group.", ref("Group"), example=examples.GROUP)

COMPONENTS: dict[str, Schema] = {
    "Group": record(
        {
            "OwnerId": ID,
            "GroupId": ID,
            "Name": text("Empty where another API made the group without a name."),
            "Token": text("Opens the public view.", minLength=1),
            "Count": {**COUNT, "description": "Photos in it."},
            "Thumb": nullable(ref("Suffix")),
            "ThumbRegion": nullable(REGION),
            "WhenUnix": {**UNIX, "type": ["integer", "null"], "description": "When it took place; Unix seconds."},
            "Deleted": BOOLEAN,
            "LastUpdatedUnix": {**UNIX, "description": "Of the group or one of its photos; Unix seconds."},
            "UploadingUnix": {
                **UNIX,
                "type": ["integer", "null"],
                "description": "When a client last said that it uploads; Unix seconds.",
            },
        }
    ),
    "NewGroup": record({"Name": NAME}, {"WhenUnix": WHEN}, additionalProperties=True),
    "GroupChange": record({}, {"Name": NAME, "WhenUnix": WHEN}, additionalProperties=True),
}

OPERATIONS = {
    ("picthrive-groups", "get"): Operation(
        section=SECTION,
        summary="The caller's groups",
        description="Own ones and those that the caller was invited to, the newest first.",
        parameters=[AFTER],
        answers={
            200: answer(
                f"At most {MAX_GROUPS} groups, and Next when there are more.",
                record({"Groups": array(ref("Group"), maxItems=MAX_GROUPS)}, {"Next": ref("Id")}),
                example={"Groups": [examples.GROUP]},
            )
        },
    ),
    ("picthrive-groups", "post"): Operation(
        section=SECTION,
        summary="Creates a group",
        takes=body(ref("NewGroup"), example={"Name": "Summer", "WhenUnix": examples.GROUP["WhenUnix"]}),
        answers={200: THE_GROUP},
        errors=(413,),
    ),
    ("picthrive-group", "get"): Operation(
        section=SECTION,
        summary="A group",
        description="Also a deleted one, to its owner, until it is purged.",
        parameters=[GROUP_ID],
        answers={200: THE_GROUP},
        errors=(404,),
    ),
    ("picthrive-group", "put"): Operation(
        section=SECTION,
        summary="Changes a group's name or time",
        description="For its owner. What is not given stays; a WhenUnix of null is taken away.",
        parameters=[GROUP_ID],
        takes=body(ref("GroupChange"), required=False, example={"Name": "Autumn"}),
        answers={200: THE_GROUP},
        errors=(403, *OF_A_BODY),
    ),
    ("picthrive-group", "delete"): Operation(
        section=SECTION,
        summary="Deletes a group",
        description="For its owner. Its photos are deleted with it, and purged 30 days later. It may be repeated.",
        parameters=[GROUP_ID],
        answers={200: answer("It is deleted.", record({}), example={})},
        errors=(403, 404),
    ),
    ("picthrive-upload-status", "put"): Operation(
        section=SECTION,
        summary="Notes that an upload is going on",
        description="Files that have arrived in a bucket are looked for at once.",
        parameters=[GROUP_ID],
        answers={200: THE_GROUP},
        errors=(404,),
    ),
}
