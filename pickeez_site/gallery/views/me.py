"""What is the viewer's own: the photos of them in all albums, their selfies, their name, and their wishes."""

import logging
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.messaging import vapid
from accounts.models import User
from accounts.services import set_name, set_pushes_wanted
from albums.states import AlbumState
from faces.member_view import MAX_ALBUMS, AlbumHead, heads_page, photo_page
from faces.selectors import count_showing, newest_showing
from photos.models import Photo, Rendition
from pickeez_site.gallery.views.base import SignedInView
from pickeez_site.gallery.views.selfie import selfies_of
from pickeez_site.serving.media import MediaPaths

logger = logging.getLogger(__name__)
OF_EACH_ALBUM = 12  # photos that the page shows; the album has the others
UNFINISHED = {AlbumState.QUEUED, AlbumState.RUNNING, AlbumState.LAPSED, AlbumState.TAKEN_OUTSIDE}


@dataclass(frozen=True)
class PhotoOfMe:
    id: UUID
    square: str


@dataclass(frozen=True)
class AlbumOfMe:
    """An album of the viewer: how many of its photos show them, the newest of these, and whether more may come."""

    id: UUID
    name: str
    count: int
    photos: list[PhotoOfMe]
    unfinished: bool


class MeView(SignedInView):
    """The page. A script that asks learns only the numbers, and whether they may still change."""

    def get(self, request: HttpRequest) -> HttpResponse:
        albums = heads_page(self.viewer, limit=MAX_ALBUMS).albums
        counts = count_showing(self.viewer, [album.id for album in albums])
        selfies = selfies_of(self.viewer)
        unfinished = any(selfie.waits for selfie in selfies) or any(map(_is_unfinished, albums))
        total = sum(counts.values())
        if self.wants_json:
            return self.done("", {"total": total, "unfinished": unfinished})
        context = {
            "selfies": selfies,
            "albums": _of_me(self.viewer, albums, counts),
            "total": total,
            "unfinished": unfinished,
            "push_key": _push_key(),
        }
        return self.page("me.html", context)


class NameView(SignedInView):
    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            set_name(user=self.viewer, name=request.POST.get("name", ""))
        except ValidationError:
            return self.refused(_("A name is one line of 1 to 200 characters."), status=400)
        messages.success(request, _("Your name is saved."))
        return self.done(reverse("gallery:me"))


class PushesView(SignedInView):
    """Whether the viewer wants pushes at all; each of their browsers and phones is switched on by itself."""

    def post(self, request: HttpRequest) -> HttpResponse:
        wanted = request.POST.get("wanted") == "yes"
        set_pushes_wanted(user=self.viewer, wanted=wanted)
        messages.success(request, _("You get messages again.") if wanted else _("You get no more messages."))
        return self.done(reverse("gallery:me"))


def _push_key() -> str:
    """Returns the key by which browsers subscribe to pushes; "" while this server has none."""
    try:
        return vapid.public_key()
    except ImproperlyConfigured:
        logger.exception("Browsers cannot subscribe to pushes.")
        return ""


def _is_unfinished(album: AlbumHead) -> bool:
    return album.progress.unfinished > 0 or album.state in UNFINISHED


def _of_me(viewer: User, albums: list[AlbumHead], counts: dict[UUID, int]) -> list[AlbumOfMe]:
    newest = newest_showing(viewer, list(counts), of_each=OF_EACH_ALBUM)
    media, found = MediaPaths(), dict[UUID, list[PhotoOfMe]]()
    for photo in photo_page(Photo.objects.filter(pk__in=newest), viewer):
        assert photo.album_id is not None  # noqa: S101 - they are of these albums
        shown = PhotoOfMe(photo.id, media.rendition(photo.id, Rendition.Kind.SQUARE))
        found.setdefault(photo.album_id, []).append(shown)
    return [
        AlbumOfMe(
            album.id,
            album.name,
            counts.get(album.id, 0),
            found.get(album.id, [])[::-1],
            _is_unfinished(album),
        )
        for album in albums
    ]
