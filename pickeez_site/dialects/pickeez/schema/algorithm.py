"""The algorithm's side, behind a password."""

from dataclasses import replace

from pickeez_site.dialects.openapi.describe import (
    BOOLEAN,
    COUNT,
    ID,
    TIME,
    Operation,
    Schema,
    answer,
    array,
    content,
    nullable,
    record,
    ref,
    text,
)
from pickeez_site.dialects.pickeez.algorithm import DEFAULT_PICTURES, MAX_DECIDED_PHOTOS, MAX_PICTURES
from pickeez_site.dialects.pickeez.schema.errors import READING, THE_PASSWORD, WRITING
from pickeez_site.dialects.pickeez.schema.inputs import (
    FORMS,
    SCALARS,
    an_id,
    at_most,
    fields,
    in_query,
    json_in_form,
    needed_id,
    parameters,
)

QUEUE, FACES = "The algorithm: albums", "The algorithm: face models"
PHOTOS_AFTER = an_id("photo", "`photos_next` of the answer before.", type=SCALARS)
FORCED_ALBUM = an_id("album", "This album; nothing is taken from the queue.")
FORCED_USER = an_id("user", "This user; nothing is marked.")
USER_ID = needed_id("user")
PICTURES = at_most(MAX_PICTURES, default=DEFAULT_PICTURES, description="Of tagged pictures.")
DECISIONS_EXAMPLE = {"photos": {"photo_id": {"user_id_1": True, "user_id_2": False}}}
DECISIONS: Schema = {
    "required": True,
    "content": {
        **content(
            fields(
                {
                    "photos": {
                        "type": "object",
                        "description": "By photo id and user id: whether it shows them.",
                        "maxProperties": MAX_DECIDED_PHOTOS,
                        "propertyNames": an_id("photo"),
                        "additionalProperties": {
                            "type": "object",
                            "propertyNames": an_id("user"),
                            "additionalProperties": BOOLEAN,
                        },
                    }
                }
            ),
            example=DECISIONS_EXAMPLE,
        ),
        **content(
            fields({"photos": json_in_form("The same object.", format="json-decisions", minLength=2)}),
            media_types=FORMS,
        ),
    },
}
# Anything but null, which is no model.
ANY_MODEL: Schema = {"type": ["object", "array", "string", "number", "boolean"]}
MODEL: Schema = {
    "required": True,
    "content": {
        **content(fields({"user_id": USER_ID, "model": ANY_MODEL})),
        **content(
            fields({"user_id": USER_ID, "model": json_in_form("Any JSON but null.", format="json", minLength=1)}),
            media_types=FORMS,
        ),
    },
}
IMAGE = {"image": ref("Picture")}
PERCENT: Schema = {"type": "number", "description": "Percent of the picture's width or height."}


def both(
    name: str,
    section: str,
    summary: str,
    answered: Schema,
    optional: dict[str, Schema] | None = None,
    *,
    description: str = "",
) -> dict[tuple[str, str], Operation]:
    """A GET of the document that changes something: POST does the same."""
    operation = Operation(
        section=section,
        summary=summary,
        security=THE_PASSWORD,
        answers={200: answered},
        errors=(*READING, 404) if optional else READING,
        description=description,
    )
    if not optional:
        return {(name, "get"): operation, (name, "post"): operation}
    return {
        (name, "get"): replace(operation, parameters=in_query({}, optional)),
        (name, "post"): replace(operation, takes=parameters({}, optional), errors=(*WRITING, 404)),
    }


def counted(name: str, example: int) -> Schema:
    return answer("Done.", record({"msg": text(), name: COUNT}), example={"msg": "ok", name: example})


OPERATIONS = {
    **both(
        "algo-get-pending",
        QUEUE,
        "Takes the next pending album",
        answer(
            "The album with its photos; or that there is none.",
            {"oneOf": [ref("PendingAlbum"), ref("NothingPending")]},
            empty={"status": "empty", "msg": "empty"},
        ),
        {"forced_album_id": FORCED_ALBUM, "photos_after": PHOTOS_AFTER},
        description="It is handed out to nobody else, until it is touched or set pending again.",
    ),
    **both(
        "algo-all-pending",
        QUEUE,
        "All albums in the queue",
        answer(
            "Also those that are not quiet yet; nothing is taken.",
            record(
                {
                    "pending_albums": array(
                        record({"album_id": ID, "time_updated": TIME, "done_uploading": BOOLEAN})
                    ),
                    "msg": text(),
                }
            ),
            example={"pending_albums": [], "msg": "ok"},
        ),
    ),
    **both("algo-set-all-as-pending", QUEUE, "Queues every album", counted("pending_count", 2)),
    **both("algo-remove-pending", QUEUE, "Empties the queue", counted("removed_count", 2)),
    ("algo-set-photos", "post"): Operation(
        section=QUEUE,
        summary="Says who is on which photo",
        description="What is known is applied, what is unknown named in `log`. Users who are set true get a push.",
        security=THE_PASSWORD,
        takes=DECISIONS,
        answers={
            200: answer(
                "Done.",
                record(
                    {
                        "msg": text(),
                        "log": record(
                            {
                                "photos_set": COUNT,
                                "unknown_photos": array(text()),
                                "unknown_users": array(text()),
                            }
                        ),
                    }
                ),
                example={
                    "msg": "ok, set",
                    "log": {"photos_set": 0, "unknown_photos": ["photo_id"], "unknown_users": ["user_id_1"]},
                },
            )
        },
        errors=WRITING,
    ),
    **both(
        "algo-pending-model",
        FACES,
        "Takes the next user without a face model",
        answer(
            "The user with their pictures; or that there is none.",
            {"oneOf": [ref("PendingModel"), ref("Message")]},
            empty={"msg": "empty"},
        ),
        {"forced_user_id": FORCED_USER, "limit": PICTURES},
    ),
    **both("algo-make-all-pending", FACES, "Has a model made of every user anew", counted("pending_count", 2)),
    ("algo-get-model", "get"): Operation(
        section=FACES,
        summary="A user's face model",
        security=THE_PASSWORD,
        parameters=in_query(
            {},
            {
                "user_id": an_id("user", "Needed without `forced_user_id`."),
                "forced_user_id": an_id("user", "Goes before `user_id`."),
            },
        ),
        answers={
            200: answer(
                'As it was set; "empty" for none.',
                record({"model": {}}),
                none={"model": "empty"},
                set={"model": {"nose": 3}},
            )
        },
        errors=(*READING, 404),
    ),
    ("algo-set-model", "post"): Operation(
        section=FACES,
        summary="Sets a user's face model",
        security=THE_PASSWORD,
        takes=MODEL,
        answers={200: answer("Set.", ref("Message"), example={"msg": "ok"})},
        errors=(*WRITING, 404),
    ),
}

COMPONENTS = {
    "NothingPending": record({"status": {"const": "empty"}, "msg": {"const": "empty"}}),
    "PendingModel": record(
        {
            "user_id": ID,
            "fb_data": record(
                {
                    "user_fb_id": nullable(text()),
                    "profile_pics": array(record(IMAGE), description="Without Facebook: `pic_url` and selfies."),
                    "tagged_pics": array(record({**IMAGE, "tag": nullable(record({"x": PERCENT, "y": PERCENT}))})),
                }
            ),
        }
    ),
}
