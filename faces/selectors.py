"""Reads faces and sightings. Each function takes many ids and costs one query."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from albums.models import PendingAlbum, PendingAlbumQuerySet
from faces.models import Face, FaceSearch, Sighting
from photos.models import UNFINISHED, Like, Original, Photo, PhotoQuerySet


def processable_albums() -> PendingAlbumQuerySet:
    """Returns the pending albums whose photos are all done or failed."""
    unfinished = Photo.objects.alive().filter(album=OuterRef("album"), original__status__in=UNFINISHED)
    return PendingAlbum.objects.ready().exclude(Exists(unfinished))


def originals_to_search(engine: str) -> QuerySet[Original]:
    """Returns the ready originals that this engine has not searched for faces."""
    searched = FaceSearch.objects.filter(original=OuterRef("pk"), engine=engine)
    return Original.objects.filter(~Exists(searched), status=Original.Status.READY)


def boxes_by_original(original_ids: Collection[UUID]) -> dict[UUID, list[dict[str, int]]]:
    """Returns the rectangles of the faces on each original, from left to right."""
    boxes: dict[UUID, list[dict[str, int]]] = defaultdict(list)
    columns = ("x", "y", "width", "height")
    rows = Face.objects.filter(original__in=original_ids).order_by("x", "y")
    for original_id, *values in rows.values_list("original_id", *columns):
        boxes[original_id].append(dict(zip(columns, values, strict=True)))
    return boxes


def count_filtered(user: User, album_ids: Collection[UUID]) -> dict[UUID, int]:
    """Returns the number of photos of each album that the user likes or is on; without those they dislike."""
    mine = {"user": user, "photo": OuterRef("pk")}
    likes = Like.objects.filter(**mine, kind=Like.Kind.LIKE)
    dislikes = Like.objects.filter(**mine, kind=Like.Kind.DISLIKE)
    wanted = Exists(likes) | Exists(Sighting.objects.shown().filter(**mine))
    photos = Photo.objects.alive().filter(wanted, ~Exists(dislikes), album__in=album_ids)
    return dict(photos.order_by().values("album_id").annotate(n=Count("pk")).values_list("album_id", "n"))


def count_showing(user: User, album_ids: Collection[UUID]) -> dict[UUID, int]:
    """Returns the number of photos of each album that show the user; albums without any are missing."""
    photos = photos_showing(Photo.objects.alive().filter(album__in=album_ids), user.pk)
    return dict(photos.order_by().values("album_id").annotate(n=Count("pk")).values_list("album_id", "n"))


def newest_showing(user: User, album_ids: Collection[UUID], *, of_each: int) -> list[UUID]:
    """Returns the ids of the newest ready photos that show the user, at most `of_each` of each album."""
    ready = Photo.objects.alive().filter(album__in=album_ids, original__status=Original.Status.READY)
    place = Window(RowNumber(), partition_by="album_id", order_by="-pk")
    ranked = photos_showing(ready, user.pk).annotate(place=place).filter(place__lte=of_each)
    return list(ranked.values_list("pk", flat=True))


def photos_showing(photos: PhotoQuerySet, user_id: UUID | None) -> PhotoQuerySet:
    """Returns those of the photos that show the user."""
    return photos.filter(Exists(Sighting.objects.shown().filter(photo=OuterRef("pk"), user=user_id)))


def count_by_user_shown(photos: PhotoQuerySet) -> dict[UUID, int]:
    """Returns how many of the photos show each user; who is on none of them is left out."""
    shown = Sighting.objects.shown().filter(photo__in=photos.order_by().values("pk"))
    return dict(shown.order_by().values("user_id").annotate(n=Count("pk")).values_list("user_id", "n"))


def sightings_by_photo(photo_ids: Collection[UUID]) -> dict[UUID, list[Sighting]]:
    """Returns all sightings of each photo, including those that deny that it shows a user."""
    sightings: dict[UUID, list[Sighting]] = defaultdict(list)
    for sighting in Sighting.objects.filter(photo__in=photo_ids).order_by("user_id"):
        sightings[sighting.photo_id].append(sighting)
    return sightings
