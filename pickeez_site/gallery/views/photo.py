"""One photo: large, with the next and previous one of its tab, and what members can do with it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faces.member_view import Entry, Moment, PhotoSeen, photo_alone, place_in
from photos.models import Like, Original, Photo, Rendition
from photos.services import may_delete, photo_to_delete, set_like, trash_photo
from pickeez_site.gallery.views.album import words_for
from pickeez_site.gallery.views.base import AlbumView
from pickeez_site.gallery.views.tabs import Tab, names_of
from pickeez_site.serving.media import MediaPaths

MOST_NAMED = 20  # people below a photo
# What browsers show: of other originals (HEIC, TIFF) a rendition is the largest picture.
SHOWN_BY_BROWSERS = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")


class OnePhotoView(AlbumView):
    """A page of one photo of the album. Its query names the tab in which one came to it."""

    @property
    def tab(self) -> Tab:
        return Tab.of_query(self.album, self.viewer, self.request.GET)

    def path(self, photo_id: UUID) -> str:
        """Returns the path of a photo's page, in the same tab."""
        return reverse("gallery:photo", args=[self.album.pk, photo_id]) + self.tab.query

    def find_photo(self, photo_id: UUID) -> Photo:
        """Returns a photo of this album that the viewer sees. Raises `Photo.DoesNotExist`."""
        visible = Photo.objects.visible_to(self.viewer).filter(album=self.album)
        return visible.select_related("original", "album").get(pk=photo_id)


class PhotoView(OnePhotoView):
    """The photo with its neighbours; `part=panel` asks only for what is said of it and can be done with it."""

    def get(self, request: HttpRequest, album_id: UUID, photo_id: UUID) -> HttpResponse:
        photo = self.find_photo(photo_id)
        tab = self.tab
        seen, opinions = photo_alone(photo, self.viewer)
        place = place_in(tab.photos, photo)
        likes = [user_id for user_id, kind in opinions.likes.items() if kind == Like.Kind.LIKE]
        names = names_of(self.album, {seen.uploader_id, *opinions.shown, *likes})
        context = {
            "album": self.album,
            "photo": seen,
            "query": tab.query,
            "page": self.path(photo.pk),
            "words": words_for(Entry(seen, place.moment, place.is_dated), names.get(seen.uploader_id, "")),
            "uploader": names.get(seen.uploader_id, ""),
            "clock": place.moment.clock,
            "is_dated": place.is_dated,
            "shown": _some([names[user_id] for user_id in opinions.shown if user_id in names]),
            "liked_by": _some([names[user_id] for user_id in likes if user_id in names]),
            "may_delete": may_delete(user=self.viewer, photo=photo),
            "keeps_copy": photo.owner_id != self.viewer.pk,
            "is_failed": seen.status == Original.Status.FAILED,
            **_pictures(seen, with_original=self.may_add),
        }
        if request.GET.get("part") == "panel":
            return self.page("parts/panel.html", context)
        context |= {
            "newer": self.path(place.newer.photo_id) if place.newer else "",
            "older": self.path(place.older.photo_id) if place.older else "",
            "back": _page_from(tab, place.newer),
        }
        return self.page("photo.html", context)


class LikeView(OnePhotoView):
    def post(self, request: HttpRequest, album_id: UUID, photo_id: UUID) -> HttpResponse:
        photo, wish = self.find_photo(photo_id), request.POST.get("like", "")
        if wish not in ("yes", "no"):
            return self.refused(_("Nothing was changed: it was not said whether you like the photo."), status=400)
        set_like(photo=photo, user=self.viewer, kind=Like.Kind.LIKE if wish == "yes" else Like.Kind.NONE)
        return self.done(self.path(photo.pk), {"liked": wish == "yes"})


class DeleteView(OnePhotoView):
    """Deletes a photo as `docs/one-life.md` says. It may be repeated: the first time counts."""

    def post(self, request: HttpRequest, album_id: UUID, photo_id: UUID) -> HttpResponse:
        tab = self.tab
        try:
            photo = photo_to_delete(user=self.viewer, photo_id=photo_id)
        except PermissionDenied:
            return self.refused(_("Only who added a photo, or the album's owner, may delete it."), status=403)
        if photo.album_id != self.album.pk:
            raise Photo.DoesNotExist
        newer = place_in(tab.photos, photo).newer
        trash_photo(photo=photo, by=self.viewer)
        if not self.wants_json:
            messages.success(request, _("The photo is deleted."))
        return self.done(_page_from(tab, newer), {"deleted": str(photo.pk)})


def _page_from(tab: Tab, newer: Moment | None) -> str:
    """Returns the path of the tab, from the photo on that follows `newer`."""
    return f"{tab.path}?after={newer.cursor}" if newer else tab.path


def _some(names: list[str]) -> str:
    """Returns the names as a page lists them: of very many, the first ones and the number of the others."""
    some, more = ", ".join(names[:MOST_NAMED]), len(names[MOST_NAMED:])
    if not more:
        return some
    words = ngettext("%(names)s and %(number)d more", "%(names)s and %(number)d more", more)
    return words % {"names": some, "number": more}


def _pictures(photo: PhotoSeen, *, with_original: bool) -> dict[str, object]:
    """What shows the photo; `original` is the file, where browsers can show it and the viewer may have it."""
    media = MediaPaths()
    sizes = {rendition.kind: rendition for rendition in photo.renditions}
    medium, small = sizes.get(Rendition.Kind.MEDIUM), sizes.get(Rendition.Kind.SMALL)
    is_shown = with_original and photo.content_type in SHOWN_BY_BROWSERS
    path = media.rendition(photo.id, Rendition.Kind.MEDIUM) if medium else ""
    return {
        "medium": path,
        "medium_size": medium,
        "small": media.rendition(photo.id, Rendition.Kind.SMALL) if small else "",
        "small_size": small,
        "original": media.original(photo.id, photo.content_type) if is_shown else "",
        "download": media.download(photo.id, photo.content_type) if with_original else path,
    }
