"""What is answered beside albums and photos."""

from typing import Annotated, Any, Literal, Self

from faces.models import Selfie as StoredSelfie
from pickeez_site.dialects.pickeez.wire.base import Digits, Person, PickeezWire, Pixels
from pickeez_site.dialects.pickeez.wire.photos import Photo
from pickeez_site.dialects.wire import Count, Id, Time, Url, Wire, from_attributes
from pickeez_site.dialects.wire.types import rules

MAX_INVITE_PHOTOS = 10


class Message(PickeezWire):
    msg: str


class NewId(PickeezWire):
    id: Id


# Signing in

NewToken = Annotated[str, rules("Send it with every further request.")]


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


class Me(Person):
    """A user, to itself."""

    email: str | None
    send_push_notifs: bool
    push_notif_token: str | None
    created_at: Time
    updated_at: Time


class SelfieVerdict(PickeezWire):
    id: Id
    faces: Annotated[Count | None, rules(source="num_faces")]
    taken: bool

    @classmethod
    def of(cls, selfie: StoredSelfie) -> Self:
        return from_attributes(cls, selfie, taken=selfie.status == StoredSelfie.Status.ACCEPTED)


class SelfieRefused(SelfieVerdict):
    msg: Annotated[str, rules("Why.", source="error")]


class Selfie(SelfieVerdict):
    status: Annotated[str, rules(schema={"enum": StoredSelfie.Status.values})]
    error: Annotated[str | None, rules("Why it was refused.")]
    created_at: Time


class Selfies(PickeezWire):
    selfies: list[Selfie]


class SelfiesRemoved(Message):
    removed: Count


# Albums


class AlbumIds(NewId):
    """The same id twice."""

    album_id: Id


class Invited(PickeezWire):
    updated_album_phones: list[Digits]
    link_id: Id


class InvitePhoto(PickeezWire):
    url: Url


class InvitePage(PickeezWire):
    album_name: Annotated[str, rules(source="name")]
    owner_name: Annotated[str | None, rules(source="owner.name")]
    photos: Annotated[list[InvitePhoto], rules("The newest; no originals.", max_length=MAX_INVITE_PHOTOS)]


# Photos


class PhotoRemoved(Message):
    removed_photo: Photo


# The algorithm


class NothingPending(PickeezWire):
    status: Literal["empty"]
    msg: Literal["empty"]


class AlbumInQueue(PickeezWire):
    album_id: Id
    time_updated: Annotated[Time, rules(source="touched_at")]
    done_uploading: bool


class AlbumsInQueue(PickeezWire):
    pending_albums: list[AlbumInQueue]
    msg: str


class Queued(Message):
    pending_count: Count


class Dequeued(Message):
    removed_count: Count


class DecisionLog(PickeezWire):
    photos_set: Count
    unknown_photos: list[str]
    unknown_users: list[str]


class Decided(Message):
    log: DecisionLog


class Picture(PickeezWire):
    source: Annotated[str, rules("Its URL.")]
    width: Pixels | None
    height: Pixels | None


class PictureOfUser(PickeezWire):
    image: Picture


Percent = Annotated[float, rules("Percent of the picture's width or height.")]


class Tag(Wire):
    """The user's own, of all that are on the picture, as the Graph gives it."""

    id: Annotated[str, rules("The user's id at Facebook.")]
    name: str | None
    x: Percent | None
    y: Percent | None
    created_time: Annotated[str | None, rules("ISO 8601.")]


class PictureWithTag(PictureOfUser):
    tag: Tag | None


class Looks(PickeezWire):
    user_fb_id: str | None
    profile_pics: Annotated[list[PictureOfUser], rules("Without Facebook: `pic_url` and selfies.")]
    tagged_pics: list[PictureWithTag]


class PendingModel(PickeezWire):
    user_id: Id
    fb_data: Looks


class UserModel(PickeezWire):
    model: Annotated[Any, rules('As it was set; "empty" for none, `{"retrieved_at": time}` while it is made.')]
