"""A group's photos, its public view, uploads into it."""

from django.conf import settings

from photos.images import EXTENSIONS
from pickeez_site.dialects.openapi.describe import (
    ID,
    URL,
    Operation,
    Schema,
    answer,
    array,
    body,
    nullable,
    record,
    ref,
)
from pickeez_site.dialects.picthrive.group_photos import MAX_PHOTOS, MAX_SLOTS
from pickeez_site.dialects.picthrive.schema import examples
from pickeez_site.dialects.picthrive.schema.errors import OF_A_BODY
from pickeez_site.dialects.picthrive.schema.groups import AFTER, GROUP_ID
from pickeez_site.dialects.picthrive.schema.photos import FACTS
from pickeez_site.dialects.picthrive.schema.security import PUBLIC_VIEW
from pickeez_site.dialects.picthrive.schema.shared import UNIX
from pickeez_site.dialects.picthrive.serializers import PUBLIC

SECTION = "A group's photos"
NEXT = {"Next": ref("Id")}

COMPONENTS: dict[str, Schema] = {
    "PublicPhoto": record(
        {**FACTS, **dict.fromkeys(PUBLIC, nullable(ref("Suffix")))},
        description="As whoever has the group's Token sees it.",
    ),
    "PhotosToAdd": record(
        {"AddPhotos": {"type": "integer", "minimum": 1, "maximum": MAX_SLOTS}},
        {
            "ContentType": {
                "enum": [*EXTENSIONS, "", None],
                "description": "Of all the files; signed. Empty: any of these.",
            },
            "Size": {
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": settings.MAX_PHOTO_BYTES,
                "description": "Bytes of each file; signed.",
            },
        },
        additionalProperties=True,
    ),
    "AddedPhoto": record(
        {
            "PhotoId": {**ID, "description": "Of the photo that there will be once its file has arrived."},
            "UploadUrl": {**URL, "description": "Where to PUT the file, as it is and without a token."},
            "Expires": UNIX,
        }
    ),
}

OPERATIONS = {
    ("picthrive-group-photos", "get"): Operation(
        section=SECTION,
        summary="A group's photos, or its public view",
        description="In SortOrder. Members get Photos; whoever else has the group's Token gets Public.",
        security=PUBLIC_VIEW,
        parameters=[GROUP_ID, AFTER],
        answers={
            200: answer(
                f"At most {MAX_PHOTOS} photos, and Next when there are more.",
                {
                    "oneOf": [
                        record({"Photos": array(ref("Photo"), maxItems=MAX_PHOTOS)}, NEXT),
                        record({"Public": array(ref("PublicPhoto"), maxItems=MAX_PHOTOS)}, NEXT),
                    ]
                },
                members={"Photos": [examples.PHOTO]},
                public={"Public": [examples.PUBLIC_PHOTO]},
            )
        },
        errors=(404,),
    ),
    ("picthrive-group-photos", "post"): Operation(
        section=SECTION,
        summary="Leave to upload photos",
        description="Each UploadUrl takes one file by PUT, without a token, for "
        f"{settings.UPLOAD_SLOT_SECONDS // 3600} hours. The photo exists once its file has arrived.",
        parameters=[GROUP_ID],
        takes=body(
            ref("PhotosToAdd"),
            two={"AddPhotos": 2},
            announced={"AddPhotos": 1, "ContentType": "image/jpeg", "Size": 2_000_000},
        ),
        answers={
            200: answer(
                "The URLs, in the order in which their photos will be sorted.",
                record({"AddedPhotos": array(ref("AddedPhoto"), minItems=1, maxItems=MAX_SLOTS)}),
                example={"AddedPhotos": [examples.ADDED_PHOTO]},
            )
        },
        errors=OF_A_BODY,
    ),
}
