"""Photos."""

from pickeez_site.dialects.openapi.describe import (
    FORM,
    MULTIPART,
    Operation,
    Schema,
    answer,
    array,
    content,
    in_path,
    record,
    ref,
    text,
)
from pickeez_site.dialects.pickeez.photos import MAX_PATH, MAX_RECTANGLES
from pickeez_site.dialects.pickeez.schema.errors import READING, WITH_APP_KEY, WRITING
from pickeez_site.dialects.pickeez.schema.inputs import (
    FORMS,
    NUMBER,
    an_id,
    fields,
    free_text,
    in_json,
    json_in_form,
    needed_id,
    needed_text,
    parameters,
    some_text,
)
from profiles.identifiers import MAX_ID

PHOTOS = "Photos"
PHOTO_ID = in_path("photo_id", an_id("photo"))
OK = answer("Done.", ref("Message"), example={"msg": "ok"})
PHOTO = answer("The photo.", ref("Photo"))

ALBUM_ID = needed_id("album")
FACTS: dict[str, Schema] = {
    "s3_server_id": free_text("Kept and given back."),
    "photo_local_id": free_text("How the caller's own device names it."),
    "photo_creation_date": free_text("Kept as given.", max_length=100),
    "local_creation_date": free_text("Kept as given.", max_length=100),
    "num_faces": {**NUMBER, "description": "How many faces the client has found."},
    "device_id": {
        "type": "string",
        "maxLength": MAX_ID,
        "format": "device-id",
        "description": "The device it comes from; goes with the key of the app that runs there.",
    },
}
S3_PATH = some_text(
    "A key of the storage, or an `https://BUCKET…/KEY` URL of it. Its file may still be on its way.",
    max_length=MAX_PATH,
    format="s3-path",
)
BY_KEY = {"album_id": ALBUM_ID, "s3_path": S3_PATH}
BY_KEY_EXAMPLE = {"album_id": "00000000-0000-4000-8000-000000000001", "s3_path": "camera/a.png"}
AS_FILE = fields(
    {"album_id": ALBUM_ID, "file": text("The picture; or `s3_path` in its place.", format="binary")}, FACTS
)
NEW_PHOTO: Schema = {
    "required": True,
    "content": {
        **content(in_json(BY_KEY, FACTS), example=BY_KEY_EXAMPLE),
        **content(fields(BY_KEY, FACTS), media_types=(FORM,), example=BY_KEY_EXAMPLE),
        **content(AS_FILE, media_types=(MULTIPART,)),
    },
}
FACES_EXAMPLE = {
    "rectangles": [{"x": 1, "y": 2, "width": 3, "height": 4}, {"x": 5.1, "y": 6, "width": 7, "height": 8}],
    "detected_faces_data": {"face": "yes", "eyes": "no"},
}
FACES: Schema = {
    "required": False,
    "content": {
        **content(
            in_json(
                {},
                {
                    "rectangles": array(ref("Rectangle"), maxItems=MAX_RECTANGLES),
                    "detected_faces_data": {"type": "object"},
                },
            ),
            example=FACES_EXAMPLE,
        ),
        **content(
            fields(
                {},
                {
                    "rectangles": json_in_form("An array of rectangles.", format="json-rectangles"),
                    "detected_faces_data": json_in_form("An object.", format="json-object"),
                },
            ),
            media_types=FORMS,
        ),
    },
}

OPERATIONS = {
    ("photos", "post"): Operation(
        section=PHOTOS,
        summary="Adds a photo to an album",
        description="Any member. By its key in the storage, or as a file. The same again is the same photo.",
        security=WITH_APP_KEY,
        takes=NEW_PHOTO,
        answers={200: answer("The photo's id.", ref("Id"))},
        errors=(*WRITING, 403, 404),
    ),
    ("photo", "get"): Operation(
        section=PHOTOS,
        summary="A photo, with what the members said of it",
        description="`renditions` may be there while `status` is still `processing`: it can be shown before "
        "its faces are known.",
        parameters=[PHOTO_ID],
        answers={200: PHOTO},
        errors=(*READING, 404),
    ),
    ("photo-set-filter", "post"): Operation(
        section=PHOTOS,
        summary="Likes or dislikes a photo",
        parameters=[PHOTO_ID],
        takes=parameters(
            {}, {"type": free_text("`like` or `dislike`; anything else takes it back.")}, example={"type": "like"}
        ),
        answers={200: OK},
        errors=(*WRITING, 404),
    ),
    ("photo-local-id", "post"): Operation(
        section=PHOTOS,
        summary="Says how the caller's device names the photo",
        parameters=[PHOTO_ID],
        takes=parameters({"photo_local_id": needed_text("Each member's own.")}, example={"photo_local_id": "123"}),
        answers={200: OK},
        errors=(*WRITING, 404),
    ),
    ("photo-faces-data", "post"): Operation(
        section=PHOTOS,
        summary="Says where faces are on a photo",
        description="The photo's owner only. It goes before what the server finds.",
        parameters=[PHOTO_ID],
        takes=FACES,
        answers={200: PHOTO},
        errors=(*WRITING, 403, 404),
    ),
    ("photo-delete", "post"): Operation(
        section=PHOTOS,
        summary="Deletes a photo",
        description="The photo's owner only. It is kept for 30 days, and seen by nobody.",
        parameters=[PHOTO_ID],
        answers={200: answer("As it was.", record({"msg": text(), "removed_photo": ref("Photo")}))},
        errors=(*READING, 403, 404),
    ),
}
