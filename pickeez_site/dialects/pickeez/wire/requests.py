"""What clients send, by section of the document. Texts are taken from numbers and booleans, too (`reading`)."""

from typing import Annotated, Any, Literal

from django.core.files.uploadedfile import UploadedFile
from msgspec import Meta, field

from faces.member_view import MAX_ALBUMS
from pickeez_site.dialects.pickeez.wire.base import MAX_NUMBER, PickeezWire
from pickeez_site.dialects.pickeez.wire.photos import Rectangle
from pickeez_site.dialects.wire import Id, Text
from pickeez_site.dialects.wire.types import NON_BLANK
from profiles.identifiers import MAX_ID, is_id

MAX_TEXT = 500
MAX_DATE = 100
MAX_CODE = 4096  # of Facebook
MAX_URL = 2000
MAX_PUSH_TOKEN = 4096
MAX_PHONES = 1000
MAX_PATH = 2048
MAX_RECTANGLES = 1000
MAX_DECIDED_PHOTOS = 5000
DEFAULT_PICTURES, MAX_PICTURES = 100, 1000

FreeText = Annotated[str, Meta(max_length=MAX_TEXT)]  # may be empty
SomeText = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT, pattern=NON_BLANK)]
NewLocalId = Annotated[FreeText, Meta(description="How the caller's own device names it.")]
MembersOwn = Annotated[FreeText, Meta(description="Each member's own.")]
Date = Annotated[str, Meta(max_length=MAX_DATE, description="Kept as given.")]
Code = Annotated[SomeText, Meta(description="The six digits of the SMS.", extra_json_schema={"format": "code"})]
Phone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_TEXT,
        description="3 to 15 digits: with country code, or as dialled where the caller's own phone is from.",
        extra_json_schema={"format": "phone"},
    ),
]
Phones = Annotated[
    list[Annotated[str, Meta(extra_json_schema={"format": "phone"})]],
    Meta(min_length=1, max_length=MAX_PHONES, extra={"allowed": f"a list of 1 to {MAX_PHONES} texts"}),
]
PictureFile = Annotated[
    UploadedFile,
    Meta(description="A picture.", extra={"allowed": "one file, sent as multipart/form-data"}),
]


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


# Signing in


class FacebookCode(PickeezWire):
    error: FreeText | None = None
    code: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=MAX_CODE,
                pattern=NON_BLANK,
                description="Needed without `error`.",
                extra_json_schema={"format": "facebook-code"},
            ),
        ]
        | None
    ) = None
    state: Annotated[FreeText | None, Meta(description="As it came back from the dialog.")] = None


class PhoneToProve(PickeezWire):
    phone: Phone


class PhoneAndCode(PickeezWire):
    phone: Phone
    code: Code


class CodeOfPhone(PickeezWire):
    code: Code


# The caller


class NewSelfie(PickeezWire):
    file: PictureFile


class SelfieToRemove(PickeezWire):
    id: Annotated[Id | None, Meta(description="All of them go without.")] = None


class NewPicUrl(PickeezWire):
    pic_url: Annotated[
        str, Meta(min_length=1, max_length=MAX_URL, pattern=NON_BLANK, extra_json_schema={"format": "pic-url"})
    ]


BAD_FIELD = Meta(extra={"refusal": "bad_field"})


class PushWish(PickeezWire):
    field: Annotated[Literal["send_push_notifs"], BAD_FIELD]
    val: bool


class PushToken(PickeezWire):
    field: Annotated[Literal["push_notif_token"], BAD_FIELD]
    val: Annotated[str, Meta(max_length=MAX_PUSH_TOKEN, description="The device's; empty takes it back.")]


class PhonesToLookUp(PickeezWire):
    phones: Phones = field(name="phones[]")


class Farewell(PickeezWire):
    sure: Annotated[Literal["yes"], Meta(extra={"refusal": "Deleting yourself needs sure=yes."})]


# Albums


class NewAlbum(PickeezWire):
    name: FreeText = ""
    album_local_id: NewLocalId = ""


class AlbumsPage(PickeezWire):
    limit: Annotated[int, Meta(ge=1, le=MAX_ALBUMS)] = MAX_ALBUMS
    before: Annotated[Id | None, Meta(description="`next_before` of the answer before.")] = None
    photos: bool = True


class PhotosPage(PickeezWire):
    photos_after: Annotated[Id | None, Meta(description="`photos_next` of the answer before.")] = None


class AlbumChange(PhotosPage):
    """What is not sent stays."""

    name: FreeText | None = None
    album_local_id: NewLocalId | None = None
    local_album_id: Annotated[FreeText | None, Meta(description="Another spelling of `album_local_id`.")] = None
    deleted: bool = False


class NewAlbumLocalId(PickeezWire):
    album_local_id: MembersOwn


class Invitations(PickeezWire):
    phones: Phones
    remove: bool = False


class AskedInvitePage(PickeezWire):
    album_id: Id
    filtered: Annotated[bool, Meta(description="Only photos that show the user of `user_id`.")] = False
    user_id: Id | None = None
    wide: Annotated[bool, Meta(description="Only photos that are wider than high.")] = False


# Photos


class NewPhoto(PickeezWire):
    album_id: Id
    s3_server_id: Annotated[FreeText, Meta(description="Kept and given back.")] = ""
    photo_local_id: NewLocalId = ""
    photo_creation_date: Date = ""
    local_creation_date: Date = ""
    num_faces: (
        Annotated[int, Meta(ge=0, le=MAX_NUMBER, description="How many faces the client has found.")] | None
    ) = None
    device_id: DeviceId | None = None


class PhotoAsFile(NewPhoto, kw_only=True):
    file: PictureFile


class PhotoByKey(NewPhoto, kw_only=True):
    s3_path: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_PATH,
            pattern=NON_BLANK,
            description="A key of the storage, or an `https://BUCKET…/KEY` URL of it. "
            "Its file may still be on its way.",
            extra_json_schema={"format": "s3-path"},
        ),
    ]


class Opinion(PickeezWire):
    type: Annotated[FreeText, Meta(description="`like` or `dislike`; anything else takes it back.")] = ""


class NewPhotoLocalId(PickeezWire):
    photo_local_id: MembersOwn


class FacesData(PickeezWire):
    rectangles: (
        Annotated[
            list[Rectangle],
            Meta(
                max_length=MAX_RECTANGLES,
                extra={"allowed": f"a list of at most {MAX_RECTANGLES} rectangles of x, y, width and height"},
            ),
        ]
        | None
    ) = None
    detected_faces_data: dict[str, Any] | None = None


# The algorithm


class AskedAlbum(PhotosPage):
    forced_album_id: Annotated[Id, Meta(description="This album; nothing is taken from the queue.")] | None = None


class Decisions(PickeezWire):
    photos: Annotated[
        dict[str, dict[str, bool]],
        Meta(
            description="By photo id and user id: whether it shows them.",
            extra={"allowed": "{photo id: {user id: true or false}}"},
            extra_json_schema={"maxProperties": MAX_DECIDED_PHOTOS, "propertyNames": {"format": "uuid"}},
        ),
    ]


class AskedUser(PickeezWire):
    forced_user_id: Annotated[Id | None, Meta(description="This user; nothing is marked.")] = None
    limit: Annotated[int, Meta(ge=1, le=MAX_PICTURES, description="Of tagged pictures.")] = DEFAULT_PICTURES


class AskedModel(PickeezWire):
    user_id: Annotated[Id | None, Meta(description="Needed without `forced_user_id`.")] = None
    forced_user_id: Annotated[Id | None, Meta(description="Goes before `user_id`.")] = None


class NewModel(PickeezWire):
    user_id: Id
    model: Annotated[Any, Meta(description="Any JSON but null.", extra_json_schema={"not": {"type": "null"}})]
