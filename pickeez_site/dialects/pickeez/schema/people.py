"""Signing in, the caller's own record, phones and codes, selfies."""

from pickeez_site.dialects.openapi.describe import (
    COUNT,
    ID,
    INK,
    JSON,
    MULTIPART,
    URL,
    Operation,
    Schema,
    answer,
    array,
    body,
    nullable,
    record,
    ref,
    text,
)
from pickeez_site.dialects.pickeez.facebook import MAX_CODE
from pickeez_site.dialects.pickeez.parameters import MAX_PHONES
from pickeez_site.dialects.pickeez.people import MAX_PUSH_TOKEN, MAX_URL
from pickeez_site.dialects.pickeez.schema.errors import NOT_NEEDED, READING, RETRY_AFTER, WRITING
from pickeez_site.dialects.pickeez.schema.inputs import (
    FORMS,
    PHONE,
    SCALARS,
    WISH,
    an_id,
    fields,
    in_query,
    parameters,
    some_text,
)

SIGNING_IN, YOU = "Signing in", "The caller"
OK = answer("Done.", ref("Message"), example={"msg": "ok"})
ME = answer("The caller.", ref("Me"))
CODE = some_text("The six digits of the SMS.", format="code")
CODE_EXAMPLE = "345678"
NEW_TOKEN = text("Send it with every further request.")
PRIVATE: Schema = {"Cache-Control": {"schema": {"const": "no-store"}, "required": True}}

FACEBOOK = Operation(
    section=SIGNING_IN,
    summary="Signs in with what Facebook gave",
    description="With the `state` of `/fb`, `code` is an authorization code, and the cookie of `/fb` comes along. "
    "Without: `code` is a user's access token from a mobile SDK, given to this server's own app.",
    security=NOT_NEEDED,
    parameters=in_query(
        {"code": text(minLength=1, maxLength=MAX_CODE, pattern=INK, format="facebook-code")},
        {"state": text("As it came back from the dialog.", maxLength=500), "error": text(maxLength=500)},
    ),
    answers={
        200: answer(
            "Signed in; the user was made if new.",
            record({"token": NEW_TOKEN, "fb_id": text()}),
            headers=PRIVATE,
            example={"token": "wqQjsY0j4-3biVLi8C0EYwCa18RFzzBrNqBVduipoo-w", "fb_id": "10152"},
        )
    },
    errors=(400, 401, 429),
)


def wrong_code(description: str, example: str, *, headers: Schema | None = None) -> Schema:
    """Of a code the document says `err`; of all else every route says `msg`."""
    refused = {"anyOf": [record({"err": text()}), ref("Error")]}
    return answer(description, refused, headers=headers, example={"err": example})


OPERATIONS = {
    ("fb", "get"): Operation(
        section=SIGNING_IN,
        summary="Redirects to Facebook's dialog",
        description="It asks for `email,user_photos` and comes back to `/fb_enter`.",
        security=NOT_NEEDED,
        answers={
            302: answer(
                "To the dialog; the cookie ties its `state` to this browser.",
                headers={
                    "Location": {"schema": URL, "required": True},
                    "Set-Cookie": {"schema": text(), "required": True},
                    **PRIVATE,
                },
            )
        },
        errors=(400,),
    ),
    ("fb-enter", "get"): FACEBOOK,
    ("fb-enter-browser", "get"): FACEBOOK,
    ("login-phone", "post"): Operation(
        section=SIGNING_IN,
        summary="Sends a code to a phone",
        description="Known and unknown phones get the same answer.",
        security=NOT_NEEDED,
        takes=parameters({"phone": PHONE}, example={"phone": "+12025550143"}),
        answers={200: answer("Sent.", ref("Message"), example={"msg": "sent"})},
        errors=(400, 413, 415, 429),
    ),
    ("login-phone-confirm", "post"): Operation(
        section=SIGNING_IN,
        summary="Signs in with the code",
        security=NOT_NEEDED,
        takes=parameters({"phone": PHONE, "code": CODE}, example={"phone": "+12025550143", "code": CODE_EXAMPLE}),
        answers={
            200: answer(
                "Signed in; the user was made if new.", record({"token": NEW_TOKEN, "_id": ID}), headers=PRIVATE
            )
        },
        errors=(400, 401, 413, 415, 429),
    ),
    ("logout", "post"): Operation(
        section=SIGNING_IN, summary="Revokes the token that was used", answers={200: OK}, errors=READING
    ),
    ("me", "get"): Operation(section=YOU, summary="The caller", answers={200: ME}, errors=READING),
    ("selfie", "get"): Operation(
        section=YOU,
        summary="The caller's selfies",
        answers={200: answer("Oldest first.", record({"selfies": array(ref("Selfie"))}))},
        errors=READING,
    ),
    ("selfie", "post"): Operation(
        section=YOU,
        summary="Adds a picture to recognise the caller by",
        description="Of the caller alone. The same picture again is the same selfie.",
        takes=body(fields({"file": text("A picture.", format="binary")}), media_types=(MULTIPART,)),
        answers={
            200: answer("It shows one face, and is taken.", ref("SelfieVerdict")),
            202: answer("Stored, and not looked at yet: see the list later.", ref("Id")),
            400: answer(
                "There is no file; or it shows nobody or several: then with `_id`, `faces` and `taken`.",
                {"anyOf": [ref("SelfieRefused"), ref("Error")]},
                example={"msg": "Missing parameter: file"},
            ),
        },
        errors=(401, 413, 415),
    ),
    ("selfie-delete", "post"): Operation(
        section=YOU,
        summary="Removes one selfie, or all",
        takes=parameters({}, {"_id": an_id("selfie", "All of them go without.")}),
        answers={
            200: answer("Done.", record({"msg": text(), "removed": COUNT}), example={"msg": "ok", "removed": 1})
        },
        errors=(*WRITING, 404),
    ),
    ("set-phone", "post"): Operation(
        section=YOU,
        summary="Gives the caller's phone, and has a code sent to it",
        description="Not verified before the code is confirmed. A new call voids the code before.",
        takes=parameters({"phone": PHONE}, example={"phone": "4567"}),
        answers={200: ME},
        errors=(*WRITING, 429),
    ),
    ("resend-code", "post"): Operation(
        section=YOU,
        summary="Sends a fresh code",
        answers={200: answer("Sent.", ref("Message"), example={"msg": "resent"})},
        errors=(*READING, 429),
    ),
    ("confirm-phone", "post"): Operation(
        section=YOU,
        summary="Verifies the phone with the code",
        description="Albums that had invited this number show up from now on.",
        takes=parameters({"code": CODE}, example={"code": CODE_EXAMPLE}),
        answers={
            200: answer("Verified.", record({"ok": {"const": True}}), example={"ok": True}),
            400: wrong_code("A wrong code, or none.", "wrong code"),
            429: wrong_code("Too many tries: the code is dead.", "too many attempts", headers=RETRY_AFTER),
        },
        errors=(401, 413, 415),
    ),
    ("set-pic-url", "post"): Operation(
        section=YOU,
        summary="Sets the address of the caller's picture",
        description="Kept as given; a scheme must be http(s). Such a picture is looked at like a selfie.",
        takes=parameters(
            {"pic_url": some_text(max_length=MAX_URL, format="pic-url")}, example={"pic_url": "blabla"}
        ),
        answers={200: ME},
        errors=WRITING,
    ),
    ("set-fields", "post"): Operation(
        section=YOU,
        summary="Says whether the caller wants pushes, and where to",
        takes=body(
            {
                "oneOf": [
                    fields({"field": {"const": "send_push_notifs"}, "val": WISH}),
                    fields(
                        {
                            "field": {"const": "push_notif_token"},
                            "val": {
                                "type": SCALARS,
                                "maxLength": MAX_PUSH_TOKEN,
                                "description": "The device's; empty takes it back.",
                            },
                        }
                    ),
                ]
            },
            media_types=(JSON, *FORMS),
            wish={"field": "send_push_notifs", "val": "false"},
            device={"field": "push_notif_token", "val": "123abc"},
        ),
        answers={200: OK},
        errors=WRITING,
    ),
    ("which-phones", "get"): Operation(
        section=YOU,
        summary="Which of these phones are somebody's here",
        parameters=in_query({"phones[]": array(text(format="phone"), minItems=1, maxItems=MAX_PHONES)}),
        answers={
            200: answer(
                "By phone as it was sent: a user's id, or null.",
                {"type": "object", "additionalProperties": nullable(ID)},
                example={"972522934321": None, "20": None},
            )
        },
        errors=READING,
    ),
    ("delete-me", "post"): Operation(
        section=YOU,
        summary="Deletes the caller and all that is theirs",
        description="Their albums, their photos anywhere, what is known of their face, tokens, files. For good.",
        takes=parameters({"sure": {"const": "yes"}}, example={"sure": "yes"}),
        answers={200: OK},
        errors=WRITING,
    ),
}
