"""`/o/TOKEN`, the open link of an album: who follows it signs in, and joins by pressing a button."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.phones import international_format
from accounts.services import Credential, note_wrong_guess
from albums.models import Album, OpenLink
from albums.selectors import open_link_by_token
from albums.services import OpenLinkClosed, RemovedFromAlbum, join_by_open_link
from albums.states import OpenLinkState
from photos.models import Photo
from pickeez_site.gallery.views.base import GalleryView
from pickeez_site.gallery.views.paths import album_path
from pickeez_site.gallery.views.selfie import first_screen
from pickeez_site.gallery.views.tabs import name_of
from pickeez_site.serving.proxies import client_address


class OpenLinkView(GalleryView):
    """Opening the page changes nothing, so that programs that preview links in chats use nothing up."""

    http_method_names = ["get", "head", "post"]
    link: OpenLink

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        token = str(kwargs.get("token") or "").rstrip("/")
        try:
            self.link = open_link_by_token(token)
        except OpenLink.DoesNotExist:
            note_wrong_guess(credential=Credential.LINK, address=client_address(request))
            return self._dead(_("This link does not open an album, or it was replaced by another one."))
        if (album := self._is_in()) is not None:
            return HttpResponseRedirect(album_path(album), status=303)
        return super().answer(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str = "") -> HttpResponse:
        # Who was in by this link and left finds it used up by themselves, and may come back: the button tells.
        if self.link.state in (OpenLinkState.OFF, OpenLinkState.EXPIRED) or (
            self.link.state == OpenLinkState.USED_UP and not self._was_in()
        ):
            return self._dead(_closed_in_words(self.link.state))
        album = self.link.album
        context = {
            "album": album,
            "may_upload": self.link.may_upload,
            "count": Photo.objects.alive().filter(album=album).count(),
            **self._seen_of_viewer(),
        }
        return self.page("open_link.html", context)

    def post(self, request: HttpRequest, token: str = "") -> HttpResponse:
        """Joins the album."""
        if not request.user.is_authenticated:
            return self.refused(_("You are signed out. Please sign in again."), status=401)
        try:
            album = join_by_open_link(token=token.rstrip("/"), user=request.user)
        except OpenLinkClosed as error:
            return self._dead(_closed_in_words(error.state))
        except RemovedFromAlbum:
            words = _("You were removed from this album. Its owner can invite you again.")
            return self.refused(words, status=403)
        return self.done(first_screen(request.user, album_path(album)), {"album": str(album.pk)})

    def _seen_of_viewer(self) -> dict[str, str]:
        """Returns what others will see of who joins: the guests their name, the owner their phone or address."""
        user = self.request.user
        if not user.is_authenticated:
            return {}
        contact = international_format(user.verified_phone) if user.verified_phone else user.verified_email or ""
        return {"viewer_name": name_of(user), "contact": contact}

    def _is_in(self) -> Album | None:
        user = self.request.user
        if not user.is_authenticated:
            return None
        return Album.objects.visible_to(user).filter(pk=self.link.album_id).first()

    def _was_in(self) -> bool:
        user = self.request.user
        return user.is_authenticated and self.link.joined.filter(claimed_by=user, left=True).exists()

    def _dead(self, words: str) -> HttpResponse:
        if self.wants_json:
            return self.refused(words, status=404)
        return self.page("dead_open_link.html", {"words": words}, status=404)


def _closed_in_words(state: OpenLinkState) -> str:
    if state == OpenLinkState.USED_UP:
        return _("As many people as may join by this link have joined.")
    if state == OpenLinkState.EXPIRED:
        return _("This link was valid until some time ago.")
    return _("The owner of the album has switched this link off.")
