"""Photos: in an album, alone, and as the algorithm gets them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self, cast

from msgspec import Meta

from accounts.models import User
from faces.member_view import Opinions, PhotoSeen, photo_alone
from photos.models import Like, Original
from photos.models import Photo as StoredPhoto
from photos.models import Rendition as StoredRendition
from pickeez_site.dialects.pickeez.wire.base import MAX_NUMBER, AsGiven, CallersOwn, PickeezWire
from pickeez_site.dialects.wire import Count, Id, Time, Url, Wire
from pickeez_site.dialects.wire.types import one_of, with_members
from pickeez_site.dialects.wire.values import timestamp
from pickeez_site.serving.media import MediaPaths

Limits = Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)
Pixel = Annotated[int, Limits] | Annotated[float, Limits]  # 1 stays 1, and is not answered as 1.0
Pixels = Annotated[int, Meta(ge=1, description="Pixels.")]


class Rectangle(PickeezWire):
    """Pixels of the upright picture."""

    x: Pixel
    y: Pixel
    width: Pixel
    height: Pixel


class Rendition(PickeezWire):
    url: Url
    width: Pixels
    height: Pixels


if TYPE_CHECKING:
    PhotoStatus = str
    LikeKind = str
    Renditions = dict[str, Rendition]
else:
    PhotoStatus = one_of(Original.Status.values)
    LikeKind = one_of(Like.Kind.values)

    @with_members(dict.fromkeys(StoredRendition.Kind.values, Rendition))
    class Renditions(Wire):
        """Empty until they are made; then all of them. They are made before faces are searched for, so a photo
        whose status is still `processing` may have them and can be shown.
        """


Filters = Annotated[dict[str, LikeKind], Meta(description="What each member said, by user id.")]
ComputedFilters = Annotated[list[Id], Meta(description="The users that the photo shows.")]
AlgoDecision = Annotated[dict[str, bool], Meta(description="What the algorithm's last call said, by user id.")]


class PhotoMembers(PickeezWire):
    """What everybody gets of a photo, the algorithm too."""

    id: Id
    owner_id: Id
    s3_path: Annotated[str, Meta(description="As it was registered; the server's own key of an uploaded file.")]
    url: Annotated[Url, Meta(description="The original, as uploaded; signed, good for a day or two.")]
    photo_creation_date: Annotated[
        str | None,
        Meta(description="As the client gave it, or the time in the picture (UTC, ISO 8601)."),
    ]
    local_creation_date: AsGiven
    num_faces: Count | None
    rectangles: Annotated[list[Rectangle], Meta(description="The client's, or else those that were found.")]
    detected_data: Annotated[dict[str, Any] | None, Meta(description="As `detected_faces_data` was given.")]

    @classmethod
    def _made(cls, photo: PhotoSeen, media: MediaPaths, **others: object) -> Self:
        """The photo with its `others`: the members of a subclass."""
        creation = photo.photo_creation_date
        return cls(
            id=photo.id,
            owner_id=photo.owner_id,
            s3_path=photo.s3_path,
            url=media.original(photo.id, photo.content_type),
            photo_creation_date=timestamp(creation) if isinstance(creation, datetime) else creation,
            local_creation_date=photo.local_creation_date or None,
            num_faces=photo.num_faces,
            rectangles=cast("list[Rectangle]", photo.rectangles),  # of that form already, and thousands
            detected_data=photo.detected_data,
            **others,
        )


class MemberPhotoMembers(PhotoMembers):
    """What members get of a photo."""

    album_id: Id | None
    s3_server_id: str | None
    renditions: Renditions
    photo_local_id: CallersOwn
    created_at: Time
    updated_at: Time
    status: PhotoStatus
    error: Annotated[str | None, Meta(description="Why the photo failed.")]

    @classmethod
    def _made(cls, photo: PhotoSeen, media: MediaPaths, **others: object) -> Self:
        photo_id = str(photo.id)
        renditions = {
            kind: Rendition(url=media.rendition(photo_id, kind), width=width, height=height)
            for kind, width, height in photo.renditions
        }
        return super()._made(
            photo,
            media,
            album_id=photo.album_id,
            s3_server_id=photo.s3_server_id or None,
            renditions=renditions,
            photo_local_id=photo.local_id,
            created_at=photo.created_at,
            updated_at=photo.updated_at,
            status=photo.status,
            error=photo.error or None,
            **others,
        )


class PhotoInAlbum(MemberPhotoMembers):
    manually_filtered: Annotated[bool, Meta(description="The caller likes it.")]
    manually_unfiltered: Annotated[bool, Meta(description="The caller dislikes it.")]
    computed: Annotated[bool, Meta(description="It shows the caller.")]

    @classmethod
    def of(cls, photo: PhotoSeen, media: MediaPaths) -> Self:
        return cls._made(
            photo,
            media,
            manually_filtered=photo.liked,
            manually_unfiltered=photo.disliked,
            computed=photo.shows_viewer,
        )


class Photo(MemberPhotoMembers):
    filters: Filters
    computed_filters: ComputedFilters
    algo_decision: AlgoDecision

    @classmethod
    def of(cls, photo: StoredPhoto, viewer: User, media: MediaPaths) -> Self:
        seen, opinions = photo_alone(photo, viewer)
        return cls._made(seen, media, **opinion_members(opinions))


class PhotoForAlgorithm(PhotoMembers):
    filters: Filters
    computed_filters: ComputedFilters
    algo_decision: AlgoDecision

    @classmethod
    def of(cls, photo: PhotoSeen, opinions: Opinions, media: MediaPaths) -> Self:
        return cls._made(photo, media, **opinion_members(opinions))


def opinion_members(opinions: Opinions) -> dict[str, object]:
    """The members that say what everybody thinks of a photo."""
    return {
        "filters": {str(user_id): kind for user_id, kind in opinions.likes.items()},
        "computed_filters": opinions.shown,
        "algo_decision": {str(user_id): shows for user_id, shows in opinions.decided.items()},
    }
