"""Albums, who is invited to them, and the page that an invitation links to."""

from pickeez_site.dialects.openapi.describe import (
    ID,
    JSON,
    URL,
    Operation,
    Schema,
    answer,
    array,
    content,
    in_path,
    nullable,
    record,
    ref,
    text,
)
from pickeez_site.dialects.pickeez.albums import MAX_ALBUMS
from pickeez_site.dialects.pickeez.invite_page import MAX_PHOTOS
from pickeez_site.dialects.pickeez.schema.errors import A_TOKEN_OR_NONE, READING, WRITING
from pickeez_site.dialects.pickeez.schema.inputs import (
    FLAG,
    FORMS,
    PHONE,
    PHONES,
    SCALARS,
    an_id,
    at_most,
    fields,
    free_text,
    in_json,
    in_query,
    needed_id,
    needed_text,
    parameters,
)

ALBUMS, INVITATIONS = "Albums", "Invitations"
ALBUM_ID = in_path("album_id", an_id("album"))
LOCAL_ID = free_text("How the caller's own device names it.")
PHOTOS_AFTER = an_id("photo", "`photos_next` of the answer before.", type=SCALARS)
OK = answer("Done.", ref("Message"), example={"msg": "ok"})
ALBUM = answer("The album with its people and photos.", ref("Album"))

INVITED: Schema = {
    "required": True,
    "content": {
        **content(
            in_json({"phones": {"anyOf": [PHONES, PHONE]}}, {"remove": FLAG}), example={"phones": ["555", "777"]}
        ),
        **content(
            fields({"phones[]": PHONES}, {"remove": FLAG}), media_types=FORMS, example={"phones[]": ["555", "777"]}
        ),
    },
}
PAGE = record(
    {
        "album_name": text(),
        "owner_name": nullable(text()),
        "photos": array(record({"url": URL}), maxItems=MAX_PHOTOS, description="The newest; no originals."),
    }
)

OPERATIONS = {
    ("album-create", "post"): Operation(
        section=ALBUMS,
        summary="Makes an album",
        takes=parameters({}, {"name": free_text(), "album_local_id": LOCAL_ID}, example={"name": "Summer"}),
        answers={200: answer("The same id twice.", record({"_id": ID, "album_id": ID}))},
        errors=WRITING,
    ),
    ("albums-mine", "get"): Operation(
        section=ALBUMS,
        summary="The caller's albums, newest first",
        description="Those they own, and those that have invited their verified phone.",
        parameters=in_query(
            {},
            {
                "limit": at_most(MAX_ALBUMS, default=MAX_ALBUMS),
                "before": an_id("album", "`next_before` of the answer before."),
                "photos": FLAG,
            },
        ),
        answers={
            200: answer(
                f"At most {MAX_ALBUMS}; fewer when they hold many photos.",
                ref("Albums"),
                example={"albums": [], "next_before": None},
            )
        },
        errors=READING,
    ),
    ("album", "get"): Operation(
        section=ALBUMS,
        summary="An album with its photos, grouped by users",
        parameters=[ALBUM_ID, *in_query({}, {"photos_after": PHOTOS_AFTER})],
        answers={200: ALBUM},
        errors=(*READING, 404),
    ),
    ("album", "post"): Operation(
        section=ALBUMS,
        summary="Changes an album, or deletes it",
        description="The owner only. What is not sent stays.",
        parameters=[ALBUM_ID],
        takes=parameters(
            {},
            {
                "name": free_text(),
                "album_local_id": LOCAL_ID,
                "local_album_id": free_text("Another spelling of `album_local_id`."),
                "deleted": FLAG,
                "photos_after": PHOTOS_AFTER,
            },
            example={"name": "donkey"},
        ),
        answers={200: ALBUM},
        errors=(*WRITING, 403, 404),
    ),
    ("album-local-id", "post"): Operation(
        section=ALBUMS,
        summary="Says how the caller's device names the album",
        parameters=[ALBUM_ID],
        takes=parameters({"album_local_id": needed_text("Each member's own.")}, example={"album_local_id": "123"}),
        answers={200: OK},
        errors=(*WRITING, 404),
    ),
    ("album-invite-phones", "post"): Operation(
        section=INVITATIONS,
        summary="Invites phones, or removes them",
        description="The owner only; a member may remove their own number, and leaves. Who is removed no longer "
        "sees the album, and their photos leave it; invited again, their photos are back.",
        parameters=[ALBUM_ID],
        takes=INVITED,
        answers={
            200: answer(
                "Who is invited now.",
                record({"updated_album_phones": array(ref("Digits")), "link_id": ID}),
                example={
                    "updated_album_phones": ["555", "777"],
                    "link_id": "01980000-0000-7000-8000-000000000001",
                },
            )
        },
        errors=(*WRITING, 403, 404),
    ),
    ("album-viewed", "post"): Operation(
        section=ALBUMS,
        summary="Notes that the caller has seen the album",
        parameters=[ALBUM_ID],
        answers={200: OK},
        errors=(*READING, 404),
    ),
    ("album-done-uploading", "post"): Operation(
        section=ALBUMS,
        summary="Says that the album is ready to be processed",
        description="Any member. The others get a push.",
        parameters=[ALBUM_ID],
        answers={200: answer("Queued.", ref("Message"), example={"msg": "updated done uploading"})},
        errors=(*READING, 404),
    ),
    ("album-delete", "post"): Operation(
        section=ALBUMS,
        summary="Deletes an album",
        description="The owner only. It is kept for 30 days, and seen by nobody.",
        parameters=[ALBUM_ID],
        answers={200: ALBUM},
        errors=(*READING, 403, 404),
    ),
    ("invite-page", "get"): Operation(
        section=INVITATIONS,
        summary="An album for somebody who was invited",
        description="For everybody who has the link; a page for browsers, JSON for programs, from any origin.",
        security=A_TOKEN_OR_NONE,
        parameters=in_query(
            {"album_id": needed_id("album")},
            {
                "filtered": {**FLAG, "description": "Only photos that show the user of `user_id`."},
                "user_id": an_id("user"),
                "wide": {**FLAG, "description": "Only photos that are wider than high."},
            },
        ),
        answers={
            200: {
                "description": "The album's newest photos.",
                "headers": {"Access-Control-Allow-Origin": {"schema": {"const": "*"}, "required": True}},
                "content": {
                    **content(
                        PAGE,
                        media_types=(JSON,),
                        example={"album_name": "donkey", "owner_name": "Owner", "photos": []},
                    ),
                    **content(text(), media_types=("text/html",)),
                },
            }
        },
        errors=(*READING, 404),
    ),
}
