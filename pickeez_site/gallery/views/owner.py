"""Making an album, its settings, and deleting it, for its owner."""

from datetime import UTC, date, datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from albums.models import Album, Invitation
from albums.services import (
    create_album,
    delete_album,
    set_description,
    set_name_and_date,
    set_public_page,
)
from photos.models import Photo
from pickeez_site.gallery.views.base import OwnedAlbumView, SignedInView

MAX_NAME, MAX_DESCRIPTION = 500, 5000
YEARS = range(1826, 2200)  # from the first photograph on


class BadAlbum(ValueError):
    """A name, date or description that cannot be stored; `field` is which. The text is for people."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class NewAlbumView(SignedInView):
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("new_album.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Makes an album of `name`, and perhaps `date` and `description`, and goes on to its guests."""
        try:
            name, day, description = read_album(request)
        except BadAlbum as error:
            return _refused(self, "new_album.html", error)
        with transaction.atomic():
            album = create_album(owner=self.viewer, name=name, event_at=at_noon(day, None))
            set_description(album=album, description=description)
        messages.success(request, _("Your album is there. Now invite your friends."))
        return self.done(reverse("gallery:guests", args=[album.pk]), {"id": str(album.pk)})


class AlbumSettingsView(OwnedAlbumView):
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        return self.page("album_settings.html", {"album": self.album})

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        try:
            name, day, description = read_album(request)
        except BadAlbum as error:
            return _refused(self, "album_settings.html", error, album=self.album)
        with transaction.atomic():
            album = Album.objects.select_for_update().get(pk=self.album.pk)
            set_name_and_date(album=album, name=name, event_at=at_noon(day, album.event_at))
            set_description(album=album, description=description)
            set_public_page(album=album, public=request.POST.get("public_page") == "on")
        messages.success(request, _("Saved."))
        return self.done(reverse("gallery:album-settings", args=[album.pk]))


class DeleteAlbumView(OwnedAlbumView):
    """Deletes an album, after a page that says what becomes of its photos."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        photos = Photo.objects.alive().filter(album=self.album)
        guests = Invitation.objects.live().filter(album=self.album).exclude(claimed_by=None)
        context = {
            "album": self.album,
            "photos": photos.count(),
            "guests": guests.values("claimed_by").distinct().count(),
            "days": settings.TRASH_DAYS,
        }
        return self.page("delete_album.html", context)

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        delete_album(album=self.album)
        messages.success(request, _("The album is in the trash, from which you can bring it back."))
        return self.done(reverse("gallery:trash"))


def read_album(request: HttpRequest) -> tuple[str, date | None, str]:
    """Returns the name, the day and the description of the form. Raises `BadAlbum`."""
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())
    description = request.POST.get("description", "").replace("\0", "").strip()
    written = request.POST.get("date", "").strip()
    if not name:
        raise BadAlbum("name", _("Please type a name, such as “Summer 2026”."))
    if len(name) > MAX_NAME:
        raise BadAlbum("name", _("A name has at most %(number)d characters.") % {"number": MAX_NAME})
    if len(description) > MAX_DESCRIPTION:
        words = _("A description has at most %(number)d characters.") % {"number": MAX_DESCRIPTION}
        raise BadAlbum("description", words)
    try:
        day = parse_date(written)
    except ValueError:
        day = None
    if written and (day is None or day.year not in YEARS):
        raise BadAlbum("date", _("Please type a day like 2026-07-31, or none."))
    return name, day, description


def at_noon(day: date | None, before: datetime | None) -> datetime | None:
    """Returns the time of an album of this day: as before, if that is the day; else noon in UTC."""
    if day is None:
        return None
    return before if before and before.date() == day else datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _refused(view: SignedInView, template: str, error: BadAlbum, **context: object) -> HttpResponse:
    """Says what is wrong with the form, which keeps what was typed."""
    if view.wants_json:
        return view.refused(str(error), status=400)
    bad = {"form": view.request.POST, "error": str(error), "bad_field": error.field}
    return view.page(template, {**context, **bad}, status=400)
