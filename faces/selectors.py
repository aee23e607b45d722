"""Reads of faces and sightings: everything here takes many ids and costs one query."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from accounts.models import User
from albums.models import PendingAlbum, PendingAlbumQuerySet
from faces.models import Face, Sighting
from photos.models import UNFINISHED, Like, Photo, PhotoQuerySet


def processable_albums() -> PendingAlbumQuerySet:
    """Pending albums whose photos are all done or failed."""
    waiting_for = Photo.objects.alive().filter(album=OuterRef("album"), original__status__in=UNFINISHED)
    return PendingAlbum.objects.ready().exclude(Exists(waiting_for))


def boxes_of(original_ids: Collection[UUID]) -> dict[UUID, list[dict[str, int]]]:
    """The rectangles of the faces on each original, from left to right."""
    found: dict[UUID, list[dict[str, int]]] = defaultdict(list)
    columns = ("x", "y", "width", "height")
    rows = Face.objects.filter(original__in=original_ids).order_by("x", "y")
    for original_id, *values in rows.values_list("original_id", *columns):
        found[original_id].append(dict(zip(columns, values, strict=True)))
    return found


def count_filtered(user: User, album_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many photos of each album the user likes or is shown on; disliked ones do not count."""
    mine = {"user": user, "photo": OuterRef("pk")}
    likes = Like.objects.filter(**mine, kind=Like.Kind.LIKE)
    dislikes = Like.objects.filter(**mine, kind=Like.Kind.DISLIKE)
    wanted = Exists(likes) | Exists(Sighting.objects.shown().filter(**mine))
    photos = Photo.objects.alive().filter(wanted, ~Exists(dislikes), album__in=album_ids)
    return dict(photos.order_by().values("album_id").annotate(n=Count("pk")).values_list("album_id", "n"))


def showing(photos: PhotoQuerySet, user_id: UUID | None) -> PhotoQuerySet:
    """Those of the photos that are known or decided to show the user."""
    return photos.filter(Exists(Sighting.objects.shown().filter(photo=OuterRef("pk"), user=user_id)))


def sightings_on(photo_ids: Collection[UUID]) -> dict[UUID, list[Sighting]]:
    """All that was said about who is on each photo, the algorithm's denials too."""
    found: dict[UUID, list[Sighting]] = defaultdict(list)
    for sighting in Sighting.objects.filter(photo__in=photo_ids).order_by("user_id"):
        found[sighting.photo_id].append(sighting)
    return found
