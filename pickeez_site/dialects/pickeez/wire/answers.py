"""What is answered beside albums, photos and users."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from pickeez_site.dialects.pickeez.wire.base import Digits, PickeezWire
from pickeez_site.dialects.pickeez.wire.photos import Photo, Pixels
from pickeez_site.dialects.pickeez.wire.users import Selfie
from pickeez_site.dialects.wire import Count, Id, Time, Url

MAX_INVITE_PHOTOS = 10


class Message(PickeezWire):
    msg: str


OK = Message(msg="ok")


class NewId(PickeezWire):
    id: Id


# Signing in

NewToken = Annotated[str, Meta(description="Send it with every further request.")]


class FacebookSignIn(PickeezWire):
    token: NewToken
    fb_id: str


class PhoneSignIn(PickeezWire):
    token: NewToken
    id: Id


class Verified(PickeezWire):
    ok: Literal[True]


class CodeRefused(PickeezWire):
    """Of a code the document says `err`; of all else every route says `msg`."""

    err: str


# The caller


class Selfies(PickeezWire):
    selfies: list[Selfie]


class SelfieVerdict(PickeezWire):
    id: Id
    faces: Count | None
    taken: bool


class SelfieRefused(SelfieVerdict):
    msg: Annotated[str, Meta(description="Why.")]


class SelfiesRemoved(PickeezWire):
    msg: str
    removed: Count


# Albums


class AlbumIds(PickeezWire):
    """The same id twice."""

    id: Id
    album_id: Id


class Invited(PickeezWire):
    updated_album_phones: list[Digits]
    link_id: Id


class InvitePhoto(PickeezWire):
    url: Url


class InvitePage(PickeezWire):
    album_name: str
    owner_name: str | None
    photos: Annotated[
        list[InvitePhoto], Meta(max_length=MAX_INVITE_PHOTOS, description="The newest; no originals.")
    ]


# Photos


class PhotoRemoved(PickeezWire):
    msg: str
    removed_photo: Photo


# The algorithm


class NothingPending(PickeezWire):
    status: Literal["empty"]
    msg: Literal["empty"]


class AlbumInQueue(PickeezWire):
    album_id: Id
    time_updated: Time
    done_uploading: bool


class AlbumsInQueue(PickeezWire):
    pending_albums: list[AlbumInQueue]
    msg: str


class Queued(PickeezWire):
    msg: str
    pending_count: Count


class Dequeued(PickeezWire):
    msg: str
    removed_count: Count


class DecisionLog(PickeezWire):
    photos_set: Count
    unknown_photos: list[str]
    unknown_users: list[str]


class Decided(PickeezWire):
    msg: str
    log: DecisionLog


class Picture(PickeezWire):
    source: Annotated[str, Meta(description="Its URL.")]
    width: Pixels | None
    height: Pixels | None


class PictureOfUser(PickeezWire):
    image: Picture


Percent = Annotated[float, Meta(description="Percent of the picture's width or height.")]


class Tag(PickeezWire):
    x: Percent
    y: Percent


class PictureWithTag(PictureOfUser):
    tag: Tag | None


class Looks(PickeezWire):
    user_fb_id: str | None
    profile_pics: Annotated[list[PictureOfUser], Meta(description="Without Facebook: `pic_url` and selfies.")]
    tagged_pics: list[PictureWithTag]


class PendingModel(PickeezWire):
    user_id: Id
    fb_data: Looks


class UserModel(PickeezWire):
    model: Annotated[Any, Meta(description='As it was set; "empty" for none.')]
