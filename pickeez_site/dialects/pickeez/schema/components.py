"""What is answered: the document's objects, member by member. All members are always there; null is unknown."""

from faces.member_view import MAX_PHOTOS
from faces.models import Selfie
from photos.models import Like, Original, Rendition
from pickeez_site.dialects.openapi.describe import (
    BOOLEAN,
    COUNT,
    ID,
    TIME,
    URL,
    Schema,
    array,
    nullable,
    record,
    ref,
    text,
    words,
)
from pickeez_site.dialects.pickeez.parameters import MAX_NUMBER
from pickeez_site.dialects.pickeez.schema.errors import ERROR
from pickeez_site.dialects.pickeez.schema.inputs import INPUTS

DIGITS = text("Digits with country code, without `+`.", pattern="^[0-9]{3,15}$")
PIXEL: Schema = {"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
PIXELS: Schema = {"type": "integer", "minimum": 1, "description": "Pixels."}

ME = {
    "_id": ID,
    "name": nullable(text()),
    "email": nullable(text()),
    "pic_url": nullable(text("As it was given.")),
    "fb_id": nullable(text()),
    "phone": nullable(ref("Digits")),
    "verified_phone": nullable(ref("Digits")),
    "send_push_notifs": BOOLEAN,
    "push_notif_token": nullable(text()),
    "created_at": TIME,
    "updated_at": TIME,
}
USER = {
    "_id": ID,
    "fb_id": nullable(text()),
    "name": nullable(text()),
    "pic_url": nullable(text("As it was given.")),
    "phone": nullable(ref("Digits")),
    "verified_phone": nullable(ref("Digits")),
    "is_owner": BOOLEAN,
}
PHOTO = {
    "_id": ID,
    "album_id": nullable(ID),
    "owner_id": ID,
    "s3_path": text("As it was registered; the server's own key of an uploaded file."),
    "s3_server_id": nullable(text()),
    "url": {**URL, "description": "The original, as uploaded; signed, good for a day or two."},
    "renditions": ref("Renditions"),
    "photo_creation_date": nullable(text("As the client gave it, or the time in the picture (UTC, ISO 8601).")),
    "local_creation_date": nullable(text("As the client gave it.")),
    "photo_local_id": nullable(text("The caller's own.")),
    "num_faces": nullable(COUNT),
    "rectangles": array(ref("Rectangle"), description="The client's, or else those that were found."),
    "detected_data": nullable({"type": "object", "description": "As `detected_faces_data` was given."}),
    "created_at": TIME,
    "updated_at": TIME,
    "status": words(Original.Status.values),
    "error": nullable(text("Why the photo failed.")),
}
OPINIONS = {
    "filters": {
        "type": "object",
        "description": "What each member said, by user id.",
        "additionalProperties": words(Like.Kind.values),
    },
    "computed_filters": array(ID, description="The users that the photo shows."),
    "algo_decision": {
        "type": "object",
        "description": "What the algorithm's last call said, by user id.",
        "additionalProperties": BOOLEAN,
    },
}
VERDICT = {"_id": ID, "faces": nullable(COUNT), "taken": BOOLEAN}
FOR_ALGORITHM = (
    *("_id", "s3_path", "url", "owner_id", "num_faces", "rectangles", "detected_data"),
    *("photo_creation_date", "local_creation_date"),
)
OWN_VIEW = {
    "manually_filtered": {**BOOLEAN, "description": "The caller likes it."},
    "manually_unfiltered": {**BOOLEAN, "description": "The caller dislikes it."},
    "computed": {**BOOLEAN, "description": "It shows the caller."},
}
ALBUM = {
    "_id": ID,
    "name": text(),
    "owner_id": ID,
    "owner_name": nullable(text()),
    "owner": record({"_id": ID, "name": nullable(text()), "pic_url": nullable(text())}),
    "created_at": TIME,
    "updated_at": TIME,
    "deleted": BOOLEAN,
    "invited_phones": array(ref("Digits")),
    "users_viewed": array(ID),
    "times_filtered": array(TIME, description="When it was decided who is on which photo."),
    "ever_filtered": BOOLEAN,
    "album_local_id": nullable(text("The caller's own.")),
    "processing": ref("Processing"),
}
PHOTOS_NEXT = nullable(
    text(f"Of an album with more than {MAX_PHOTOS} photos: go on with this as `photos_after`.", format="uuid")
)

COMPONENTS: dict[str, Schema] = {
    **INPUTS,
    "Error": ERROR,
    "Message": record({"msg": text()}),
    "Id": record({"_id": ID}),
    "Digits": DIGITS,
    "Me": record(ME, description="A user, to itself."),
    "User": record(USER, description="A member, to the others."),
    "Selfie": record(
        {
            "_id": ID,
            "faces": nullable(COUNT),
            "taken": BOOLEAN,
            "status": words(Selfie.Status.values),
            "error": nullable(text("Why it was refused.")),
            "created_at": TIME,
        }
    ),
    "SelfieVerdict": record(VERDICT),
    "SelfieRefused": record({**VERDICT, "msg": text("Why.")}),
    "Rectangle": record(
        dict.fromkeys(("x", "y", "width", "height"), PIXEL),
        description="Pixels of the upright picture.",
    ),
    "Rendition": record({"url": URL, "width": PIXELS, "height": PIXELS}),
    "Renditions": record(
        {},
        dict.fromkeys(Rendition.Kind.values, ref("Rendition")),
        description="Empty until they are made; then all of them. They are made before faces are searched for, so "
        "a photo whose status is still `processing` may have them and can be shown.",
    ),
    "Photo": record({**PHOTO, **OPINIONS}),
    "PhotoInAlbum": record({**PHOTO, **OWN_VIEW}),
    "PhotoForAlgorithm": record({**{name: PHOTO[name] for name in FOR_ALGORITHM}, **OPINIONS}),
    "Processing": record(
        {
            "state": words(["idle", "queued", "running", "done"]),
            "photos_total": COUNT,
            "photos_done": COUNT,
            "photos_failed": COUNT,
        },
        description="How far the album's photos are; finished when total is done and failed together.",
    ),
    "PlainAlbum": record(ALBUM, description="An album without its people and photos."),
    "Album": record(
        {
            **ALBUM,
            "pending_phones": array(text(), description="Invited numbers that nobody has verified, as dialled."),
            "total_filtered": {
                **COUNT,
                "description": "Photos that the caller likes or that show them, without those they dislike.",
            },
            "users": array(
                record({**USER, "photos": array(ref("PhotoInAlbum"), description="Oldest first.")}),
                description="The members, the owner last.",
            ),
            "photos_next": PHOTOS_NEXT,
        }
    ),
    "Picture": record(
        {"source": text("Its URL."), "width": nullable(PIXELS), "height": nullable(PIXELS)},
    ),
}
