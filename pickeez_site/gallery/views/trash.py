"""The trash: albums and photos that the viewer has deleted and can bring back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from albums.models import Album
from albums.selectors import trashed_albums
from albums.services import LookOnly, restore_albums
from photos import storage
from photos.models import Photo, Rendition
from photos.services import PictureRemoved, restore_deleted_photo, trashed_photos
from pickeez_site.gallery.views.base import SignedInView
from pickeez_site.gallery.views.paths import album_path
from pickeez_site.serving.media import PRESIGNED_FOR, RENDITION_TYPE

PAGE = 50


@dataclass(frozen=True)
class Trashed:
    """An album or a photo in the trash, and in how many days it is purged."""

    what: Album | Photo
    days_left: int


class TrashView(SignedInView):
    """The albums first, then the photos, fifty of each at a time."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        albums = Paginator(trashed_albums(self.viewer).order_by("-deleted_at", "-pk"), PAGE)
        page_of_albums = albums.get_page(request.GET.get("albums"))
        photos = trashed_photos(self.viewer).select_related("album").order_by("-deleted_at", "-pk")
        page = Paginator(photos, PAGE).get_page(request.GET.get("page"))
        context = {
            "albums": [_trashed(album) for album in page_of_albums.object_list],
            "page_of_albums": page_of_albums,
            "photos": [_trashed(photo) for photo in page.object_list],
            "page": page,
            "days": settings.TRASH_DAYS,
        }
        return self.page("trash.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Brings back the album or the photo of this id."""
        try:
            if written := request.POST.get("album"):
                album = trashed_albums(self.viewer).get(pk=_id_in(written))
                restore_albums(albums=trashed_albums(self.viewer).filter(pk=album.pk))
                messages.success(request, _("The album is back, with its guests and photos."))
                return self.done(album_path(album), {"id": str(album.pk)})
            photo = restore_deleted_photo(user=self.viewer, photo_id=_id_in(request.POST.get("photo", "")))
        except PictureRemoved:
            words = _("Somebody else has deleted this photo as well. Only they can bring it back.")
            return self.refused(words, status=403)
        except LookOnly:
            words = _("You may only look at this album now, so that you cannot bring photos back into it.")
            return self.refused(words, status=403)
        messages.success(request, _("The photo is back."))
        return self.done(reverse("gallery:trash"), {"id": str(photo.pk)})


class TrashedPictureView(SignedInView):
    """A small picture of a photo in the trash, for who can bring it back. Its usual address is refused."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
        photo = trashed_photos(self.viewer).select_related("original").get(pk=photo_id)
        key = photo.original.renditions.get(kind=Rendition.Kind.SQUARE).key
        where = storage.presigned_url(key, content_type=RENDITION_TYPE, seconds=PRESIGNED_FOR)
        if where:
            return HttpResponseRedirect(where)
        try:
            with storage.open_file(key) as file:
                return HttpResponse(file.read(), content_type=RENDITION_TYPE)
        except FileNotFoundError:
            raise Photo.DoesNotExist from None


def _trashed(what: Album | Photo) -> Trashed:
    deleted_at = what.deleted_at or timezone.now()
    return Trashed(what, days_left(deleted_at))


def days_left(deleted_at: datetime) -> int:
    """Returns in how many days, rounded up, what was deleted then is purged."""
    left = deleted_at + timedelta(days=settings.TRASH_DAYS) - timezone.now()
    return max(1, ceil(left / timedelta(days=1)))


def _id_in(written: str) -> UUID:
    """Raises `Photo.DoesNotExist` for what is no id."""
    try:
        return UUID(written)
    except ValueError:
        raise Photo.DoesNotExist from None
