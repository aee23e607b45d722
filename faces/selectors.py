"""Reads faces and sightings. Each function takes many ids and costs one query."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from albums.models import PendingAlbum, PendingAlbumQuerySet
from faces.models import FaceSearch, Sighting
from photos.models import UNFINISHED, Like, Original, Photo, PhotoQuerySet


def processable_albums() -> PendingAlbumQuerySet:
    """Returns the pending albums whose photos are all done or failed."""
    unfinished = Photo.objects.alive().filter(album=OuterRef("album"), original__status__in=UNFINISHED)
    return PendingAlbum.objects.ready().exclude(Exists(unfinished))


def originals_to_search(engine: str) -> QuerySet[Original]:
    """Returns the ready originals that this engine has not searched for faces."""
    searched = FaceSearch.objects.filter(original=OuterRef("pk"), engine=engine)
    return Original.objects.filter(~Exists(searched), status=Original.Status.READY)


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


def count_by_user_shown(photos: PhotoQuerySet, users: Collection[User]) -> dict[UUID, int]:
    """Returns how many of the photos show each of the users; who is on none of them is left out."""
    shown = Sighting.objects.shown().filter(photo__in=photos.order_by().values("pk"), user__in=users)
    return dict(shown.order_by().values("user_id").annotate(n=Count("pk")).values_list("user_id", "n"))
