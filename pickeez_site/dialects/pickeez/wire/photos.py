"""Photos: in an album, alone, and as the algorithm gets them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

from faces.member_view import Opinions, PhotoSeen
from photos import models
from pickeez_site.dialects.pickeez.wire.base import MAX_NUMBER, AsGiven, CallersOwn, PickeezWire, Pixels
from pickeez_site.dialects.wire import Count, Id, Time, Url, Wire, from_attributes
from pickeez_site.dialects.wire.types import rules, with_members
from pickeez_site.dialects.wire.values import timestamp
from pickeez_site.serving.media import MediaPaths

LIMITS = rules(ge=-MAX_NUMBER, le=MAX_NUMBER)
Pixel = Annotated[int, LIMITS] | Annotated[float, LIMITS]  # 1 stays 1, and is not answered as 1.0
LikeKind = Annotated[str, rules(schema={"enum": models.Like.Kind.values})]
Filters = Annotated[dict[Id, LikeKind], rules("What each member said, by user id.")]
ComputedFilters = Annotated[list[Id], rules("The users that the photo shows.")]
AlgoDecision = Annotated[dict[Id, bool], rules("What the algorithm's last call said, by user id.")]


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
    Renditions = dict[str, Rendition]
else:

    @with_members(dict.fromkeys(models.Rendition.Kind.values, Rendition))
    class Renditions(Wire):
        """Empty until they are made; then all of them. They are made before faces are searched for, so a photo
        whose status is still `processing` may have them and can be shown.
        """


class PhotoMembers(PickeezWire):
    """What everybody gets of a photo, the algorithm too."""

    id: Id
    owner_id: Id
    s3_path: Annotated[
        str,
        rules(
            "As it was registered; the server's own key of an uploaded file. Of a file that was imported from the "
            "server's disk the path there, to whoever imported it; to others the server's own key."
        ),
    ]
    url: Annotated[Url, rules("The original, as uploaded; signed, good for a day or two.")]
    photo_creation_date: Annotated[
        str | None, rules("As the client gave it, or the time in the picture (UTC, ISO 8601).")
    ]
    local_creation_date: AsGiven
    num_faces: Count | None
    rectangles: Annotated[list[Rectangle], rules("The client's, or else those that were found.")]
    detected_data: Annotated[dict[str, Any] | None, rules("As `detected_faces_data` was given.")]
    renditions: Renditions
    status: Annotated[str, rules(schema={"enum": models.Original.Status.values})]
    error: Annotated[str | None, rules("Why the photo failed.")]

    @classmethod
    def of(cls, photo: PhotoSeen, media: MediaPaths, **others: object) -> Self:
        """The photo with its `others`: the members of a subclass. Its rectangles have their form already."""
        date = photo.photo_creation_date
        date = timestamp(date) if isinstance(date, datetime) else date
        photo_id = str(photo.id)
        renditions = {
            kind: Rendition(url=media.rendition(photo_id, kind), width=width, height=height)
            for kind, width, height in photo.renditions
        }
        url = media.original(photo.id, photo.content_type)
        return from_attributes(cls, photo, url=url, photo_creation_date=date, renditions=renditions, **others)


class MemberPhotoMembers(PhotoMembers):
    """What members get of a photo."""

    album_id: Id | None
    s3_server_id: str | None
    photo_local_id: CallersOwn
    created_at: Time
    updated_at: Time


class PhotoInAlbum(MemberPhotoMembers):
    manually_filtered: Annotated[bool, rules("The caller likes it.", source="liked")]
    manually_unfiltered: Annotated[bool, rules("The caller dislikes it.", source="disliked")]
    computed: Annotated[bool, rules("It shows the caller.", source="shows_viewer")]


class Photo(MemberPhotoMembers):
    filters: Filters
    computed_filters: ComputedFilters
    algo_decision: AlgoDecision


class PhotoForAlgorithm(PhotoMembers):
    filters: Filters
    computed_filters: ComputedFilters
    algo_decision: AlgoDecision


def opinion_members(said: Opinions) -> dict[str, object]:
    """What the members of `Photo` and `PhotoForAlgorithm` are that no other photo has."""
    return {"filters": said.likes, "computed_filters": said.shown, "algo_decision": said.decided}
