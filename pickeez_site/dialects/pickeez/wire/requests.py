"""What clients send, by section of the document. Texts are taken from numbers and booleans, too (`reading`)."""

from functools import partial
from typing import Annotated, Literal

from django.core.files.uploadedfile import UploadedFile
from msgspec import field

from pickeez_site.dialects.pickeez.wire.base import MAX_NUMBER, PickeezWire
from pickeez_site.dialects.pickeez.wire.photos import Rectangle
from pickeez_site.dialects.wire import Id, Text
from pickeez_site.dialects.wire.types import NON_BLANK, rules
from profiles.identifiers import MAX_ID, is_id

MAX_TEXT = 500
MAX_PHONES = 1000
MAX_RECTANGLES = 1000
MAX_DECIDED_PHOTOS = 5000

filled = partial(rules, min_length=1, pattern=NON_BLANK)
FreeText = Annotated[str, rules(max_length=MAX_TEXT)]  # may be empty
NewLocalId = Annotated[FreeText, rules("How the caller's own device names it.")]
MembersOwn = Annotated[FreeText, rules("Each member's own.")]
Date = Annotated[str, rules("Kept as given.", max_length=100)]
Code = Annotated[str, filled("The six digits of the SMS.", format="code", max_length=MAX_TEXT)]
Phone = Annotated[
    str,
    rules(
        "3 to 15 digits: with country code, or as dialled where the caller's own phone is from.",
        format="phone",
        min_length=1,
        max_length=MAX_TEXT,
    ),
]
Phones = Annotated[
    list[Annotated[str, rules(format="phone")]],
    rules(allowed=f"a list of 1 to {MAX_PHONES} texts", min_length=1, max_length=MAX_PHONES),
]
PhotosAfter = Annotated[Id | None, rules("`photos_next` of the answer before.")]
PictureFile = Annotated[UploadedFile, rules("A picture.", allowed="one file, sent as multipart/form-data")]


class DeviceId(Text):
    """As it came: blanks may be part of it."""

    allowed = f"1 to {MAX_ID} printable characters"
    description = "The device it comes from; goes with the key of the app that runs there."
    schema = {"maxLength": MAX_ID, "format": "device-id"}
    is_good = staticmethod(is_id)


class Credentials(PickeezWire):
    """What stands for a header, in any request."""

    token: FreeText | None = None
    password: FreeText | None = None


# The caller

PicUrl = Annotated[str, filled(format="pic-url", max_length=2000)]
BAD_FIELD = rules(refusal="bad_field")


class PushWish(PickeezWire):
    field: Annotated[Literal["send_push_notifs"], BAD_FIELD]
    val: bool


class PushToken(PickeezWire):
    field: Annotated[Literal["push_notif_token"], BAD_FIELD]
    val: Annotated[str, rules("The device's; empty takes it back.", max_length=4096)]


# No blank, and no character without width, soft hyphen, or mark of direction.
_SEEN = r"[^\s\x00\x1c-\x1f\x85\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
_BREAKS = r"\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029"
ONE_LINE = rf"^[^\x00{_BREAKS}]*{_SEEN}[^\x00{_BREAKS}]*$"
ONE_LINE_OR_NONE = rf"^$|{ONE_LINE}"


class NewName(PickeezWire):
    field: Annotated[Literal["name"], BAD_FIELD]
    val: Annotated[
        str,
        rules(
            "One line. Messages to others call the caller so.",
            refusal="bad_field",
            min_length=1,
            max_length=200,
            pattern=ONE_LINE,
        ),
    ]


class PhonesToLookUp(PickeezWire):
    phones: Phones = field(name="phones[]")


# Photos


class NewPhoto(PickeezWire):
    album_id: Id
    s3_server_id: Annotated[FreeText, rules("Kept and given back.")] = ""
    photo_local_id: NewLocalId = ""
    photo_creation_date: Date = ""
    local_creation_date: Date = ""
    num_faces: Annotated[int, rules("How many faces the client has found.", ge=0, le=MAX_NUMBER)] | None = None
    device_id: DeviceId | None = None


class PhotoAsFile(NewPhoto, kw_only=True):
    file: PictureFile


class PhotoByKey(NewPhoto, kw_only=True):
    s3_path: Annotated[
        str,
        filled(
            "A key of the storage, or an `https://BUCKET…/KEY` URL of it. Its file may still be on its way.",
            format="s3-path",
            max_length=2048,
        ),
    ]


Rectangles = Annotated[
    list[Rectangle],
    rules(
        allowed=f"a list of at most {MAX_RECTANGLES} rectangles of x, y, width and height",
        max_length=MAX_RECTANGLES,
    ),
]
Decisions = Annotated[
    dict[str, dict[str, bool]],
    rules(
        "By photo id and user id: whether it shows them.",
        allowed="{photo id: {user id: true or false}}",
        schema={"maxProperties": MAX_DECIDED_PHOTOS, "propertyNames": {"format": "uuid"}},
    ),
]
