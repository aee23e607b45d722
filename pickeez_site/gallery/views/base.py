"""What all pages of the gallery share: headers, language, who looks, and errors in words."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.gzip import gzip_page

from accounts.models import User
from accounts.services import RateLimitExceeded
from albums.models import Album, AlbumQuerySet
from photos.storage import StorageFull, StorageUnavailable
from pickeez_site.serving.media import sources_of_pictures

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
}
MAX_NEXT = 2000  # characters of a path to come back to; sessions keep it


@method_decorator(gzip_page, name="dispatch")  # its padding of random length hides the sizes of secrets (BREACH)
class GalleryView(View):
    """A page for everybody. Its texts are in the reader's language, and no cache stores it.

    Pages that people send forms to also answer programs of our own pages: `wants_json` asks how.
    """

    title = ""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        language = translation.get_language_from_request(request)
        with translation.override(language):
            try:
                response = self.answer(request, *args, **kwargs)
            except (Http404, ObjectDoesNotExist):
                response = self.refused(_("There is no such page, or it is not yours to see."), status=404)
            except RateLimitExceeded as error:
                response = self.refused(_("Too many tries. Please wait for a while."), status=429)
                response["Retry-After"] = str(error.retry_after)
            except StorageFull:
                response = self.refused(_("The server has no room left for photos."), status=507)
            except StorageUnavailable:
                response = self.refused(_("The storage is unreachable. Please try again later."), status=503)
        for name, value in {**PRIVATE, "Content-Language": language, **content_policy()}.items():
            response.headers.setdefault(name, value)
        return response

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answers the request, within the reader's language and behind the page's errors."""
        return super().dispatch(request, *args, **kwargs)

    @property
    def wants_json(self) -> bool:
        """Returns whether a script of our pages asks, which shows the answer itself."""
        return self.request.get_preferred_type(["text/html", "application/json"]) == "application/json"

    def page(
        self, template: str, context: Mapping[str, object] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """Renders `gallery/<template>`."""
        return render(self.request, f"gallery/{template}", dict(context or {}), status=status)

    def done(self, to: str, data: Mapping[str, object] | None = None, *, status: int = 200) -> HttpResponse:
        """Answers a form that was accepted: with data for a script, with the page at the path `to` for people."""
        if self.wants_json:
            return JsonResponse(dict(data or {}), status=status)
        return HttpResponseRedirect(to, status=303)

    @staticmethod
    def error_page(request: HttpRequest, status: int) -> HttpResponse:
        """Says in words what failed outside of the views. It asks no database, so it knows nobody's name."""
        language = translation.get_language_from_request(request)
        with translation.override(language):
            words = _words_for(status)
            if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
                answer: HttpResponse = JsonResponse({"error": words}, status=status)
            else:
                answer = HttpResponse(render_to_string("gallery/refused.html", {"words": words}), status=status)
        for name, value in {**PRIVATE, "Content-Language": language, **content_policy()}.items():
            answer.headers[name] = value
        return answer

    def refused(self, words: str, *, status: int) -> HttpResponse:
        """Says in words why a request was refused, on a page or, for a script, as `{"error": words}`."""
        if self.wants_json:
            return JsonResponse({"error": words}, status=status)
        return self.page("refused.html", {"words": words}, status=status)


class SignedInView(GalleryView):
    """A page for people who are signed in; others sign in first and come back."""

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.user.is_authenticated:
            return super().answer(request, *args, **kwargs)
        if self.wants_json:
            return self.refused(_("You are signed out. Please sign in again."), status=401)
        back = request.get_full_path() if request.method == "GET" else reverse("gallery:home")
        return HttpResponseRedirect(f"{reverse('gallery:sign-in')}?{urlencode({'next': back})}", status=303)

    @property
    def viewer(self) -> User:
        return cast("User", self.request.user)


class AlbumView(SignedInView):
    """A page of an album that the viewer owns or is a member of; for others it does not exist."""

    album: Album

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.user.is_authenticated:
            self.album = self.albums().select_related("owner").get(pk=cast("UUID", kwargs["album_id"]))
        return super().answer(request, *args, **kwargs)

    def albums(self) -> AlbumQuerySet:
        """Returns the albums that have this page for the viewer."""
        return Album.objects.visible_to(self.viewer)

    @property
    def is_owner(self) -> bool:
        return self.album.owner_id == self.viewer.pk

    @cached_property
    def may_add(self) -> bool:
        """Whether the viewer may add photos; who may only look gets no originals, which tell places."""
        return self.is_owner or Album.objects.open_to(self.viewer).filter(pk=self.album.pk).exists()


class OwnedAlbumView(AlbumView):
    """A page of an album for its owner; for members and others it does not exist."""

    def albums(self) -> AlbumQuerySet:
        return super().albums().filter(owner=self.viewer)


def _words_for(status: int) -> str:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _("What was sent is too large for this server. Nothing of it was kept.")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _("The server cannot do this at the moment. Please try again in a minute.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _("Something went wrong on the server. Its operator can read what. Please try again later.")
    return _("The server did not understand what was sent. Please go back and try again.")


def safe_next(path: str) -> str:
    """Returns `path` if it is one of this server, or else the path of the first page: no link leads elsewhere.

    Browsers leave out line breaks and tabs, and read `\\` as `/`: so `/<tab>//host` would be another host.
    """
    plain = path.startswith("/") and path.isprintable() and "\\" not in path and len(path) <= MAX_NEXT
    local = plain and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if local else reverse("gallery:home")


def content_policy() -> dict[str, str]:
    """Returns the Content-Security-Policy: nothing inline, and from other hosts only the bucket's pictures."""
    pictures = sources_of_pictures()
    return {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src {pictures} data: blob:; connect-src {pictures}; font-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    }
