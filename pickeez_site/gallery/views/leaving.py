"""Leaving an album, and deleting oneself, each after a page that says what goes and what stays."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.services import delete_user
from albums.models import Album
from albums.services import leave_album
from photos.models import Photo
from pickeez_site.gallery.views.base import AlbumView, SignedInView


class LeaveView(AlbumView):
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        if self.is_owner:
            return self._own()
        photos = Photo.objects.alive().filter(album=self.album, uploader=self.viewer)
        return self.page("leave.html", {"album": self.album, "count": photos.count()})

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        if self.is_owner:
            return self._own()
        leave_album(album=self.album, user=self.viewer)
        messages.success(request, _("You have left the album."))
        return self.done(reverse("gallery:home"))

    def _own(self) -> HttpResponse:
        words = _("This is your own album. You cannot leave it, but you can delete it in its settings.")
        return self.refused(words, status=400)


class DeleteMeView(SignedInView):
    """Deletes the viewer and all that is theirs for good, once they have typed the word that the page asks for."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = " ".join(request.POST.get("sure", "").split()).casefold()
        if typed != self.word.casefold():
            words = _("Nothing was deleted. To delete yourself, type the word “%(word)s”.") % {"word": self.word}
            return self.refused(words, status=400) if self.wants_json else self.shown(words, status=400)
        delete_user(user=self.viewer)
        logout(request)
        messages.success(request, _("You and all that was yours are deleted."))
        return self.done(reverse("gallery:sign-in"))

    @property
    def word(self) -> str:
        return _("delete")

    def shown(self, error: str = "", *, status: int = 200) -> HttpResponse:
        context = {
            "albums": Album.objects.alive().filter(owner=self.viewer).count(),
            "photos": Photo.objects.filter(owner=self.viewer, deleted_at=None).count(),
            "word": self.word,
            "error": error,
        }
        return self.page("delete_me.html", context, status=status)
